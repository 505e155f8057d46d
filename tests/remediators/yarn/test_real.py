"""What Yarn itself makes of a relock: small projects against a real registry, in each kind of lockfile."""

import difflib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Unit, Upgrade
from remediators.errors import BlockedError
from remediators.yarn.lock import lock
from tests.remediators.real_tools import RealTools
from tests.remediators.yarn.projects import YARN, encoded

pytestmark = pytest.mark.registry

CLASSIC = ("yarn@1.22.22", "--ignore-scripts", "--no-bin-links", "--non-interactive")
YARN_3 = ("@yarnpkg/cli-dist@3.8.7", "--mode=update-lockfile")
YARN_4 = ("@yarnpkg/cli-dist@4.13.0", "--mode=update-lockfile")
NAMES = {"package.json", "yarn.lock", ".yarnrc.yml"}
FROZEN = (*CLASSIC[1:], "--frozen-lockfile")
IMMUTABLE = ("--mode=skip-build", "--immutable")
TOOLS = pytest.mark.parametrize(
    "program",
    [pytest.param(CLASSIC, id="classic"), pytest.param(YARN_3, id="yarn 3"), pytest.param(YARN_4, id="yarn 4")],
)
EVERY = pytest.mark.parametrize(
    "program",
    [
        pytest.param(CLASSIC, id="classic"),
        pytest.param(("@yarnpkg/cli-dist@2.4.2", "--skip-builds"), id="lockfile 4"),
        pytest.param(("@yarnpkg/cli-dist@3.1.1", "--mode=update-lockfile"), id="lockfile 5"),
        pytest.param(YARN_3, id="lockfile 6"),
        pytest.param(YARN_4, id="lockfile 8"),
        pytest.param(("@yarnpkg/cli-dist@4.18.1", "--mode=update-lockfile"), id="lockfile 10"),
    ],
)
MANIFEST = {
    "name": "web",
    "private": True,
    "dependencies": {"debug": "3.1.0", "mkdirp": "^0.5.0", "minimist": "~1.2.0"},
}


@dataclass(frozen=True)
class Project:
    """A project that a real Yarn has locked."""

    program: tuple[str, ...]
    work: Path
    tools: RealTools

    def install(self, files: dict[str, Any], *flags: str) -> None:
        """Write the files and let Yarn lock them."""
        for path, content in encoded(files).items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_bytes(content)
        package, *own = self.program
        argv = ("npm", "exec", "--yes", f"--package={package}", "--", "yarn", "install", *(flags or own))
        self.tools.run(argv, self.work, {"YARN_ENABLE_IMMUTABLE_INSTALLS": "0", "YARN_ENABLE_GLOBAL_CACHE": "1"})

    @property
    def frozen(self) -> tuple[str, ...]:
        """The flags of a run that fails when the lockfile would change."""
        if self.program == CLASSIC:
            return FROZEN
        return ("--skip-builds", "--immutable") if "--skip-builds" in self.program else IMMUTABLE

    def files(self) -> dict[str, str]:
        names = [path for path in self.work.rglob("*") if path.is_file() and path.name in NAMES]
        return {
            str(path.relative_to(self.work)): path.read_text() for path in names if "node_modules" not in path.parts
        }

    def unit(self) -> Unit:
        files = self.files()
        (unit,) = YARN.units(sorted(files))
        return YARN.expand(unit, encoded(files).get)

    def relock(self, *upgrades: Upgrade) -> tuple[dict[str, str], dict[str, str]]:
        """The files before, and after an edit and a relock; then Yarn has to find nothing to change."""
        before, unit = self.files(), self.unit()
        for path, content in YARN.edit(unit, encoded(before), upgrades).items():
            (self.work / path).write_bytes(content)
        YARN.relock(unit, self.work, upgrades, None, self.tools)
        after = self.files()
        self.install({}, *self.frozen)
        assert self.files() == after
        return before, after


@pytest.fixture
def project(program: tuple[str, ...], tmp_path: Path) -> Project:
    for folder in ("work", "home"):
        (tmp_path / folder).mkdir()
    (tmp_path / "work" / "yarn.lock").touch()
    return Project(program, tmp_path / "work", RealTools(tmp_path / "home"))


def versions(text: str) -> dict[str, str]:
    """Version by descriptor, without berry's protocol."""
    entries = lock(text.encode(), "yarn.lock").by_pattern.items()
    return {pattern.replace("@npm:", "@"): entry.version for pattern, entry in entries if entry.version}


def changed_lines(before: str, after: str) -> int:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return sum(line.startswith(("-", "+")) and not line.startswith(("---", "+++")) for line in lines)


def settled(project: Project, old: dict[str, str], new: dict[str, str]) -> None:
    """Lock `old` exact versions, then let the ranges of `new` stand for them: what an old project looks like."""
    project.install({"package.json": {**MANIFEST, "dependencies": old}})
    protocol = "" if project.program == CLASSIC else "npm:"
    file = project.work / "yarn.lock"
    text = file.read_text()
    for name, version in old.items():
        if new[name] != version:
            text = text.replace(f"{name}@{protocol}{version}", f"{name}@{protocol}{new[name]}", 1)
            text = text.replace(f'{name}: "npm:{version}"', f'{name}: "npm:{new[name]}"')
            text = text.replace(f"    {name}: {version}\n", f"    {name}: {new[name]}\n")
    file.write_text(text)
    project.install({"package.json": {**MANIFEST, "dependencies": new}})


@TOOLS
def test_a_direct_dependency_moves_to_exactly_that_version(project: Project) -> None:
    settled(project, {"minimist": "1.2.5"}, {"minimist": "~1.2.0"})
    before, after = project.relock(Upgrade("minimist", "1.2.5", "1.2.6", direct=True))
    assert after["package.json"] == before["package.json"]
    assert versions(after["yarn.lock"]) == {"minimist@~1.2.0": "1.2.6"}
    assert changed_lines(before["yarn.lock"], after["yarn.lock"]) == 6


@EVERY
def test_a_pin_follows(project: Project) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"minimist": "1.2.5"}}})
    _, after = project.relock(Upgrade("minimist", "1.2.5", "1.2.6", direct=True))
    assert json.loads(after["package.json"])["dependencies"] == {"minimist": "1.2.6"}
    assert versions(after["yarn.lock"]) == {"minimist@1.2.6": "1.2.6"}


@TOOLS
def test_a_transitive_dependency_moves_alone(project: Project) -> None:
    manifest = {**MANIFEST, "dependencies": {"mkdirp": "^0.5.6"}}
    project.install({"package.json": {**manifest, "resolutions": {"minimist": "1.2.6"}}})
    file = project.work / "yarn.lock"
    text = file.read_text().replace('"minimist@npm:1.2.6"', '"minimist@npm:^1.2.6"', 1)
    file.write_text(text.replace("minimist@1.2.6, ", ""))
    project.install({"package.json": manifest})
    before, after = project.relock(Upgrade("minimist", "1.2.6", "1.2.7", direct=False))
    assert after["package.json"] == before["package.json"]
    assert versions(after["yarn.lock"]) == {"mkdirp@^0.5.6": "0.5.6", "minimist@^1.2.6": "1.2.7"}
    assert changed_lines(before["yarn.lock"], after["yarn.lock"]) == 6


@TOOLS
def test_a_parent_is_raised_together_with_what_it_holds(project: Project) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"debug": "3.1.0"}}})
    move = Upgrade("ms", "2.0.0", "2.1.1", direct=False)
    with pytest.raises(BlockedError, match=r"blocked: debug 3\.1\.0 needs ms 2\.0\.0") as error:
        project.relock(move)
    assert [(blocker.package, blocker.direct) for blocker in error.value.blockers] == [("debug", True)]
    _, after = project.relock(move, Upgrade("debug", "3.1.0", "3.2.7", direct=True))
    assert json.loads(after["package.json"])["dependencies"] == {"debug": "3.2.7"}
    assert versions(after["yarn.lock"]) == {"debug@3.2.7": "3.2.7", "ms@^2.1.1": "2.1.1"}


@TOOLS
def test_an_override_sets_aside_what_others_require(project: Project) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"debug": "3.1.0", "minimist": "1.2.5"}}})
    _, after = project.relock(Upgrade("ms", "2.0.0", "2.1.1", direct=False, override=True))
    found = versions(after["yarn.lock"])
    assert {found.pop("debug@3.1.0"), found.pop("minimist@1.2.5")} == {"3.1.0", "1.2.5"}
    assert set(found.values()) == {"2.1.1"}
    assert "2.1.1" in json.loads(after["package.json"])["resolutions"].values()


@TOOLS
def test_a_workspace_gets_its_own_copy(project: Project) -> None:
    root = {"name": "web", "private": True, "workspaces": ["packages/*"], "dependencies": {"minimist": "^1.2.8"}}
    member = {"name": "x", "version": "1.0.0", "dependencies": {"minimist": "0.2.1"}}
    project.install({"package.json": root, "packages/x/package.json": member})
    before, after = project.relock(Upgrade("minimist", "0.2.1", "0.2.4", direct=True))
    assert after["package.json"] == before["package.json"]
    assert json.loads(after["packages/x/package.json"])["dependencies"] == {"minimist": "0.2.4"}
    assert sorted(versions(after["yarn.lock"]).values()) == ["0.2.4", "1.2.8"]


@pytest.mark.parametrize("program", [pytest.param(YARN_4, id="yarn 4")])
def test_a_range_in_a_catalog_is_moved_there(project: Project) -> None:
    settings = "catalog:\n  minimist: 1.2.5 # why\n"
    manifest = {**MANIFEST, "dependencies": {"minimist": "catalog:"}}
    project.install({"package.json": manifest, ".yarnrc.yml": settings})
    before, after = project.relock(Upgrade("minimist", "1.2.5", "1.2.6", direct=True))
    assert after["package.json"] == before["package.json"]
    assert after[".yarnrc.yml"] == settings.replace("1.2.5", "1.2.6")
    assert versions(after["yarn.lock"]) == {"minimist@1.2.6": "1.2.6"}


@pytest.mark.parametrize("program", [pytest.param(YARN_4, id="yarn 4")])
def test_a_package_that_yarn_patches_itself_moves(project: Project) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"resolve": "1.20.0"}}})
    _, after = project.relock(Upgrade("resolve", "1.20.0", "1.22.8", direct=True))
    assert versions(after["yarn.lock"])["resolve@1.22.8"] == "1.22.8"
    assert "1.20.0" not in after["yarn.lock"]


@TOOLS
def test_what_the_repository_brings_along_is_not_run(project: Project) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"minimist": "1.2.5"}}})
    witness = project.work.parent / "witness"
    script = f"require('fs').writeFileSync({json.dumps(str(witness))}, '')"
    planted = {
        ".yarnrc": 'yarn-path "./evil.js"\n--install.modules-folder "/nowhere"\n',
        ".yarnrc.yml": "yarnPath: ./evil.js\nplugins:\n  - ./evil.js\n",
        ".npmrc": "script-shell=./evil.js\nnode-options=--require ./evil.js\n",
        "evil.js": script,
        "node_modules/yarn/package.json": {"name": "yarn", "version": "1.22.22", "bin": "evil.js"},
        "node_modules/yarn/evil.js": script,
    }
    unit = project.unit()
    for path, content in encoded(planted).items():
        (project.work / path).parent.mkdir(parents=True, exist_ok=True)
        (project.work / path).write_bytes(content)
    (project.work / "evil.js").chmod(0o755)
    move = Upgrade("minimist", "1.2.5", "1.2.6", direct=True)
    (project.work / "package.json").write_bytes(YARN.edit(unit, encoded(project.files()), [move])["package.json"])
    YARN.relock(unit, project.work, [move], None, project.tools)
    assert not witness.exists()
    assert {path: (project.work / path).read_bytes() for path in planted} == encoded(planted)


@pytest.mark.parametrize("program", [pytest.param(CLASSIC, id="classic")])
def test_projects_that_are_relocked_at_once_share_what_was_fetched(project: Project, tmp_path: Path) -> None:
    project.install({"package.json": {"name": "web", "private": True, "dependencies": {"express": "4.17.1"}}})
    tools = RealTools(tmp_path / "fresh")
    tools.home.mkdir()
    upgrade = Upgrade("express", "4.17.1", "4.18.2", direct=True)

    def relocked(number: int) -> str:
        own = Project(CLASSIC, tmp_path / str(number), tools)
        own.work.mkdir()
        for path, text in project.files().items():
            (own.work / path).write_text(text)
        before, unit = own.files(), own.unit()
        (own.work / "package.json").write_bytes(YARN.edit(unit, encoded(before), [upgrade])["package.json"])
        YARN.relock(unit, own.work, [upgrade], None, tools)
        return own.files()["yarn.lock"]

    with ThreadPoolExecutor(4) as threads:
        assert [versions(text)["express@4.18.2"] for text in threads.map(relocked, range(4))] == ["4.18.2"] * 4


@pytest.mark.parametrize("program", [pytest.param(YARN_3, id="yarn 3"), pytest.param(YARN_4, id="yarn 4")])
@pytest.mark.parametrize(
    ("package", "before", "after"),
    [
        pytest.param("minimist", "1.2.5", "1.2.6", id="another moves"),
        pytest.param("resolve", "1.22.0", "1.22.1", id="what is patched moves"),
    ],
)
def test_what_yarn_patches_itself_stays_patched(project: Project, package: str, before: str, after: str) -> None:
    project.install({"package.json": {**MANIFEST, "dependencies": {"minimist": "1.2.5", "resolve": "1.22.0"}}})
    old, new = project.relock(Upgrade(package, before, after, direct=True))
    assert versions(new["yarn.lock"])[f"{package}@{after}"] == after
    assert new["yarn.lock"].count("resolve@patch:") == old["yarn.lock"].count("resolve@patch:") == 2
