"""What pnpm itself makes of a relock: small projects against a real registry, in each version of the lockfile."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import PNPM, unit_of
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

MAJORS = [pytest.param("7", id="5.4"), pytest.param("8", id="6.0"), pytest.param("9", id="9.0"), "10"]
MINIMIST = "minimist"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where npm and pnpm keep what they fetched."""
    return tmp_path_factory.mktemp("home")


def packages(lock: str) -> set[str]:
    """Every package and version in a lockfile, without peers."""
    files = {"package.json": {}, "pnpm-lock.yaml": lock}
    found = PNPM.parse(unit_of(files), encoded(files).get).dependencies
    return {f"{d.package}@{d.version}" for d in found}


class Bench:
    """A project in a folder, with the pnpm of one major version."""

    def __init__(self, tmp_path: Path, home: Path, major: str, files: Mapping[str, Any]) -> None:
        self.work, self.major = tmp_path / "work", major
        self.tools = RealTools(home)
        self.files = dict(files)
        for path, raw in encoded(files).items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_bytes(raw)

    def pnpm(self, *arguments: str) -> None:
        fetch = ("npm", "exec", "--yes", f"--package=pnpm@{self.major}", "--", "pnpm")
        self.tools.run((*fetch, *arguments, "--lockfile-only", "--ignore-scripts"), self.work)

    def locked(self, **older: str) -> "Bench":
        """Lock the project with these packages at older versions, as if it had been done long ago."""
        text = (self.work / "package.json").read_text()
        document = json.loads(text)
        (self.work / "package.json").write_text(json.dumps({**document, "pnpm": {"overrides": older}}))
        self.pnpm("install", "--no-frozen-lockfile")
        (self.work / "package.json").write_text(text)
        self.pnpm("install", "--no-frozen-lockfile")
        self.files["pnpm-lock.yaml"] = (self.work / "pnpm-lock.yaml").read_text()
        return self

    def relocked(self, *upgrades: Upgrade) -> dict[str, str]:
        """The files after an edit and a relock."""
        content = encoded(self.files)
        unit = unit_of(self.files)
        for path, raw in PNPM.edit(unit, content, upgrades).items():
            (self.work / path).write_bytes(raw)
        PNPM.relock(unit, self.work, upgrades, None, self.tools)
        assert sorted(str(p.relative_to(self.work)) for p in self.work.rglob("*") if p.is_file()) == sorted(self.files)
        after = {path: (self.work / path).read_bytes().decode() for path in self.files}
        # The relock may have judged by itself what pnpm would say.
        self.pnpm("install", "--frozen-lockfile", "--config.manage-package-manager-versions=false")
        assert {path: (self.work / path).read_bytes().decode() for path in self.files} == after
        return after


def changed(before: str, after: str) -> int:
    """How many lines differ."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return sum(line[0] in "+-" and not line.startswith(("+++", "---")) for line in lines)


@pytest.mark.parametrize("major", MAJORS)
def test_direct_and_transitive_packages_move_to_exactly_these_versions(tmp_path: Path, home: Path, major: str) -> None:
    manifest = {"name": "web", "private": True, "dependencies": {"mkdirp": "^0.5.5", "ms": "2.0.0", "semver": "^7.0.0"}}
    bench = Bench(tmp_path, home, major, {"package.json": manifest}).locked(minimist="1.2.6", semver="7.5.0")
    before = bench.files["pnpm-lock.yaml"]
    assert {"minimist@1.2.6", "ms@2.0.0", "semver@7.5.0"} <= packages(before)
    after = bench.relocked(
        Upgrade("ms", "2.0.0", "2.1.2", direct=True),
        Upgrade("semver", "7.5.0", "7.5.2", direct=True),
        Upgrade(MINIMIST, "1.2.6", "1.2.7", direct=False),
    )
    assert json.loads(after["package.json"]) == {
        **manifest,
        "dependencies": {"mkdirp": "^0.5.5", "ms": "2.1.2", "semver": "^7.0.0"},
    }
    moved = {"minimist@1.2.6", "ms@2.0.0", "semver@7.5.0"}
    arrived = {"minimist@1.2.7", "ms@2.1.2", "semver@7.5.2"}
    assert packages(after["pnpm-lock.yaml"]) == packages(before) - moved | arrived


@pytest.mark.parametrize("major", MAJORS)
def test_the_lockfile_changes_no_more_than_with_pnpm_alone(tmp_path: Path, home: Path, major: str) -> None:
    manifest = {"name": "web", "private": True, "dependencies": {"mkdirp": "^0.5.5", "json5": "^1.0.2"}}
    bench = Bench(tmp_path / "ours", home, major, {"package.json": manifest}).locked(minimist="1.2.6")
    before = bench.files["pnpm-lock.yaml"]
    # The newest, as pnpm alone knows no other way.
    ours = bench.relocked(Upgrade(MINIMIST, "1.2.6", "1.2.8", direct=False))["pnpm-lock.yaml"]
    alone = Bench(tmp_path / "theirs", home, major, bench.files)
    (alone.work / "pnpm-lock.yaml").write_text(before)
    alone.pnpm("update", MINIMIST, "--depth", "Infinity")
    theirs = (alone.work / "pnpm-lock.yaml").read_text()
    assert packages(ours) == packages(theirs)
    assert 0 < changed(before, ours) <= changed(before, theirs)


@pytest.mark.parametrize("major", MAJORS)
def test_a_parent_and_what_it_asks_for_move_together(tmp_path: Path, home: Path, major: str) -> None:
    manifest = {"name": "web", "private": True, "dependencies": {"mkdirp": "0.5.1"}}
    bench = Bench(tmp_path, home, major, {"package.json": manifest}).locked()
    child = Upgrade(MINIMIST, "0.0.8", "1.2.6", direct=False)
    with pytest.raises(BlockedError, match=r"mkdirp 0\.5\.1 needs minimist 0\.0\.8") as caught:
        bench.relocked(child)
    assert [(b.package, b.version, b.requirement) for b in caught.value.blockers] == [("mkdirp", "0.5.1", "0.0.8")]
    after = bench.relocked(child, Upgrade("mkdirp", "0.5.1", "0.5.5", direct=True))
    assert json.loads(after["package.json"])["dependencies"] == {"mkdirp": "0.5.5"}
    assert packages(after["pnpm-lock.yaml"]) == {"mkdirp@0.5.5", "minimist@1.2.6"}
    assert "overrides" not in after["pnpm-lock.yaml"]


@pytest.mark.parametrize("major", MAJORS)
def test_an_override_sets_aside_what_others_require(tmp_path: Path, home: Path, major: str) -> None:
    manifest = {"name": "web", "private": True, "dependencies": {"mkdirp": "0.5.1"}}
    bench = Bench(tmp_path, home, major, {"package.json": manifest}).locked()
    after = bench.relocked(replace(Upgrade(MINIMIST, "0.0.8", "0.2.4", direct=False), override=True))
    assert json.loads(after["package.json"]) == {**manifest, "pnpm": {"overrides": {MINIMIST: "0.2.4"}}}
    assert packages(after["pnpm-lock.yaml"]) == {"mkdirp@0.5.1", "minimist@0.2.4"}
    assert "overrides:\n  minimist: 0.2.4\n" in after["pnpm-lock.yaml"]


@pytest.mark.parametrize("major", MAJORS)
def test_a_library_that_expects_what_it_is_developed_with(tmp_path: Path, home: Path, major: str) -> None:
    peers = {"ms": ">=2", "semver": "^7.0.0"}
    manifest = {"name": "lib", "devDependencies": {"ms": "2.0.0", "mkdirp": "^0.5.5"}, "peerDependencies": peers}
    bench = Bench(tmp_path, home, major, {"package.json": manifest}).locked(minimist="1.2.6")
    after = bench.relocked(Upgrade("ms", "2.0.0", "2.1.2", direct=True), Upgrade(MINIMIST, "1.2.6", "1.2.7", False))
    document = json.loads(after["package.json"])
    assert document == {**manifest, "devDependencies": {"ms": "2.1.2", "mkdirp": "^0.5.5"}}
    assert {"minimist@1.2.7", "ms@2.1.2"} <= packages(after["pnpm-lock.yaml"])


WORKSPACE = """packages:
  - packages/*   # all of them

catalog:
  ms: '2.0.0'
catalogs:
  old: {semver: ^7.0.0}
"""


@pytest.mark.parametrize("major", ["9", "10"])
def test_a_workspace_with_catalogs(tmp_path: Path, home: Path, major: str) -> None:
    files: dict[str, Any] = {
        "package.json": {"name": "web", "private": True, "devDependencies": {"ms": "catalog:"}},
        "packages/a/package.json": {"name": "a", "dependencies": {"semver": "catalog:old", "b": "workspace:*"}},
        "packages/b/package.json": {"name": "b", "dependencies": {"ms": "catalog:", "mkdirp": "^0.5.5"}},
        "pnpm-workspace.yaml": WORKSPACE,
    }
    bench = Bench(tmp_path, home, major, files).locked(minimist="1.2.6", semver="7.5.0")
    if major == "10":
        bench.files["package.json"] = {**files["package.json"], "packageManager": "pnpm@10.12.1"}
        (bench.work / "package.json").write_bytes(encoded(bench.files)["package.json"])
    after = bench.relocked(
        Upgrade("ms", "2.0.0", "2.1.2", direct=True),
        Upgrade("semver", "7.5.0", "7.5.2", direct=True),
        Upgrade(MINIMIST, "1.2.6", "1.2.7", direct=False),
    )
    assert after["pnpm-workspace.yaml"] == WORKSPACE.replace("'2.0.0'", "'2.1.2'")
    for path in ("package.json", "packages/a/package.json", "packages/b/package.json"):
        assert after[path].encode() == encoded(bench.files)[path]
    assert packages(after["pnpm-lock.yaml"]) == {"ms@2.1.2", "semver@7.5.2", "minimist@1.2.7", "mkdirp@0.5.6"} | {
        name for name in packages(bench.files["pnpm-lock.yaml"]) if name.startswith(("lru-cache@", "yallist@"))
    }


@pytest.mark.parametrize(
    ("major", "own", "workspace"),
    [
        pytest.param("7", {"resolutions": {"ms": "2.1.2"}}, "", id="resolutions, version 7"),
        pytest.param("8", {"resolutions": {"ms": "2.1.2"}}, "", id="resolutions"),
        pytest.param("10", {"pnpm": {"overrides": {"ms": "2.1.2"}}}, "packages:\n  - x\n", id="beside a workspace"),
        pytest.param("10", {"pnpm": {"overrides": {"ms": "2.1.2"}}}, "overrides:\n  x: 1.0.0\n", id="that hide others"),
        pytest.param("10", {}, "overrides:\n  ms: 2.1.2\n", id="of the workspace"),
    ],
)
def test_a_project_that_has_overrides_keeps_them(
    tmp_path: Path, home: Path, major: str, own: Mapping[str, Any], workspace: str
) -> None:
    manifest = {"name": "web", "private": True, "dependencies": {"mkdirp": "^0.5.5", "debug": "^4.0.0"}, **own}
    files = {"package.json": manifest, **({"pnpm-workspace.yaml": workspace} if workspace else {})}
    bench = Bench(tmp_path, home, major, files)
    bench.pnpm("install", "--no-frozen-lockfile")
    bench.files["pnpm-lock.yaml"] = (bench.work / "pnpm-lock.yaml").read_text()
    before = packages(bench.files["pnpm-lock.yaml"])
    assert {"ms@2.1.2", "minimist@1.2.8"} <= before
    after = bench.relocked(Upgrade(MINIMIST, "1.2.8", "1.2.7", direct=False))
    assert packages(after["pnpm-lock.yaml"]) == before - {"minimist@1.2.8"} | {"minimist@1.2.7"}
