import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Upgrade
from remediators.errors import BlockedError, RegistryError, Requirer, ToolError
from remediators.pnpm.remediator import Pnpm
from remediators.registries.npm import NpmRegistry
from tests.remediators.conftest import FakeTools
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import lock_9, unit_of
from tests.remediators.pnpm.test_edit import DEBUG, LEADS, MANIFEST, ONE
from tests.remediators.pnpm.test_inventory import MEMBERS, WORKSPACE

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False)
REGISTRY = "https://registry.example/npm"
PINNED = "overrides:\n  debug@4.1.0>ms: 2.0.5\n\n"


@dataclass
class ScriptedPnpm:
    """pnpm, which writes what it is told to. `seen` are the files as each run finds them."""

    writes: Callable[[str], str]
    refuses: str = ""
    seen: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, argv: Sequence[str], cwd: Path) -> Completed:
        top = cwd.parent
        self.seen.append({str(p.relative_to(top)): p.read_text() for p in sorted(top.rglob("*")) if p.is_file()})
        if self.refuses:
            raise ToolError("npm exec: exited with status 1", self.refuses)
        if "--frozen-lockfile" not in argv:
            lock = top / "pnpm-lock.yaml"
            lock.write_text(self.writes(lock.read_text()))
        return Completed("", "")


def moved(lock: str) -> str:
    """What pnpm writes when it moves ms below debug."""
    return (
        lock.replace("ms@2.0.0", "ms@2.0.5")
        .replace("ms: 2.0.0", "ms: 2.0.5")
        .replace("importers:", PINNED + "importers:")
    )


@dataclass
class Bench:
    """Where a project is relocked; the registry tells what debug 4.1.0 and 4.2.0 ask for."""

    work: Path
    tools: FakeTools

    def relock(self, files: Mapping[str, Any], *upgrades: Upgrade, index: str | None = REGISTRY) -> dict[str, str]:
        for path, content in encoded(files).items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_bytes(content)
        try:
            Pnpm(NpmRegistry()).relock(unit_of(files), self.work, upgrades, index, self.tools)
        finally:
            there = sorted(str(p.relative_to(self.work)) for p in self.work.rglob("*") if p.is_file())
            assert there == sorted(files), "nothing stays behind"
        return {path: (self.work / path).read_bytes().decode() for path in files}

    def asks(self, package: str, **ranges: Mapping[str, str]) -> None:
        """Publish the releases of a package with what each depends on."""
        releases = {
            version.strip("_").replace("_", "."): {"dist": {}, "version": version, "dependencies": dict(needs)}
            for version, needs in ranges.items()
        }
        self.tools.serve(f"{REGISTRY}/{package}", json.dumps({"versions": releases}))


FILES: Mapping[str, Any] = {"package.json": MANIFEST, "pnpm-lock.yaml": ONE}


@pytest.fixture
def bench(tmp_path: Path, tools: FakeTools) -> Bench:
    bench = Bench(tmp_path / "work", tools)
    bench.work.mkdir()
    bench.asks("debug", _4_1_0={"ms": "^2.0.0"}, _4_2_0={"ms": "^2.0.4"}, _5_0_0={"ms": "^3.0.0"})
    return bench


def install(bench: Bench, writes: Callable[[str], str] = moved, refuses: str = "") -> ScriptedPnpm:
    pnpm = ScriptedPnpm(writes, refuses)
    bench.tools.install("sh", pnpm)
    return pnpm


def test_only_the_package_moves_and_the_pins_are_gone(bench: Bench) -> None:
    pnpm = install(bench)
    after = bench.relock(FILES, UP)
    assert after["package.json"] == encoded(FILES)["package.json"].decode()
    assert after["pnpm-lock.yaml"] == moved(ONE).replace(PINNED, "")
    (seen,) = pnpm.seen
    assert json.loads(seen["package.json"])["pnpm"] == {"overrides": {"debug@4.1.0>ms": "2.0.5"}}


@pytest.mark.parametrize(
    ("manifest", "more"),
    [
        pytest.param(
            {"packageManager": "pnpm@11.2.0"},
            {"pnpm-workspace.yaml": "packages: [x]\n"},
            id="a pnpm that may look at more",
        ),
        pytest.param({"dependenciesMeta": {"debug": {"injected": True}}}, {}, id="what pnpm did not write"),
    ],
)
def test_pnpm_is_asked_about_a_lockfile_that_it_may_refuse(bench: Bench, manifest: Any, more: Any) -> None:
    pnpm = install(bench)
    after = bench.relock({**FILES, "package.json": {**MANIFEST, **manifest}, **more}, UP)
    _, second = pnpm.seen
    assert second["package.json"] == after["package.json"]
    assert second["pnpm-lock.yaml"] == after["pnpm-lock.yaml"] == moved(ONE).replace(PINNED, "")
    assert ["--frozen-lockfile" in ran.argv for ran in bench.tools.ran] == [False, True]


def test_what_pnpm_refuses_the_second_time_is_an_error(bench: Bench) -> None:
    def refuses(argv: Sequence[str], cwd: Path) -> Completed:
        if "--frozen-lockfile" in argv:
            raise ToolError("sh: exited with status 1", "ERR_PNPM_OUTDATED_LOCKFILE")
        return ScriptedPnpm(moved)(argv, cwd)

    bench.tools.install("sh", refuses)
    with pytest.raises(ToolError, match="exited with status 1"):
        bench.relock({**FILES, "package.json": {**MANIFEST, "publishConfig": {"directory": "dist"}}}, UP)


def test_a_line_that_another_section_decides_is_not_pinned(bench: Bench) -> None:
    lines = "    devDependencies:\n      ms:\n        specifier: ^2.0.0\n        version: 2.0.0\n"
    lock = lock_9(f"  .:\n{lines}", {"ms@2.0.0": ""})
    pnpm = install(bench, lambda text: text.replace("2.0.0", "2.0.5").replace("specifier: ^2.0.5", "specifier: 2.0.5"))
    manifest = {"devDependencies": {"ms": "^2.0.0"}, "peerDependencies": {"ms": ">=2"}}
    after = bench.relock({"package.json": manifest, "pnpm-lock.yaml": lock}, replace(UP, direct=True))
    (seen,) = pnpm.seen
    assert json.loads(seen["package.json"]) == {**manifest, "devDependencies": {"ms": "2.0.5"}}
    assert after["pnpm-lock.yaml"] == lock.replace("2.0.0", "2.0.5").replace("^2.0.5", "^2.0.0")


def test_pnpm_is_fetched_by_npm_and_obeys_the_lockfile(bench: Bench) -> None:
    install(bench)
    settings = "settings:\n  autoInstallPeers: false\n\nimporters:"
    npmrc = "@s:registry=https://own.example/\nresolution-mode=lowest-direct\nscript-shell=./evil\n"
    lock = ONE.replace("importers:", settings, 1)
    bench.relock({**FILES, "pnpm-lock.yaml": lock, ".npmrc": npmrc}, UP)
    (first,) = (ran.argv for ran in bench.tools.ran)
    assert f"npm exec --registry={REGISTRY} --yes --package=pnpm@10 " in first[2]
    assert first[3:6] == ("pnpm", "--dir", "..")
    assert {"--lockfile-only", "--ignore-scripts", "--ignore-pnpmfile", "--no-frozen-lockfile"} <= set(first)
    assert {
        "--config.@s:registry=https://own.example/",
        "--config.resolution-mode=lowest-direct",
        "--config.auto-install-peers=false",
        "--config.manage-package-manager-versions=false",
    } <= set(first)
    assert not any("evil" in word for word in first)
    assert [ran.cwd for ran in bench.tools.ran] == [bench.work / ".pnpm-run"]


def test_a_project_may_have_a_folder_called_like_ours(bench: Bench) -> None:
    install(bench)
    bench.relock({**FILES, ".pnpm-run/package.json": {"name": "theirs"}}, UP)
    assert [ran.cwd for ran in bench.tools.ran] == [bench.work / ".pnpm-run-2"]


@pytest.mark.parametrize(
    ("manifest", "version", "package"),
    [
        pytest.param({}, "5.4", "pnpm@7", id="the newest that writes it"),
        pytest.param({}, "6.0", "pnpm@8", id="the same, of 6.0"),
        pytest.param({"packageManager": "pnpm@9.1.0+sha512.aa"}, "9.0", "pnpm@9.1.0", id="the one that is named"),
        pytest.param({"packageManager": "pnpm@11.2.0"}, "9.0", "pnpm@11.2.0", id="a newer one"),
        pytest.param({"packageManager": "pnpm@9.1.0"}, "6.0", "pnpm@8", id="one that would write another version"),
        pytest.param({"packageManager": "pnpm@latest --evil"}, "9.0", "pnpm@10", id="what is no version"),
        pytest.param({"engines": {"pnpm": "^9.0.0"}}, "9.0", "pnpm@9", id="what engines allow"),
        pytest.param({"engines": {"pnpm": "~9.1.0"}}, "9.0", "pnpm@~9.1.0", id="a narrow range"),
        pytest.param({"engines": {"pnpm": "file:evil"}}, "9.0", "pnpm@10", id="what is no range"),
    ],
)
def test_which_pnpm_runs(bench: Bench, manifest: Any, version: str, package: str) -> None:
    install(bench, lambda lock: lock)
    lock = f"lockfileVersion: '{version}'\nimporters:\n  .: {{}}\n"
    bench.relock({"package.json": manifest, "pnpm-lock.yaml": lock}, Upgrade("x", "1.0.0", "1.0.1", direct=True))
    assert f"--package={package}" in shlex.split(bench.tools.ran[0].argv[2])


def test_a_catalog_is_exact_only_while_pnpm_runs(bench: Bench) -> None:
    workspace = f"{WORKSPACE}configDependencies: {{evil: 1.0.0+sha512-x}}\npnpmfile: [./evil.cjs]\n"
    catalogs = (
        "catalogs:\n  default:\n    ms:\n      specifier: ^2.0.0\n      version: 2.0.0\n"
        "  old:\n    ms:\n      specifier: ^1.0.0\n      version: 1.0.0\n\n"
    )
    before = MEMBERS["pnpm-lock.yaml"].replace("importers:", f"{catalogs}importers:", 1)

    def writes(lock: str) -> str:
        return lock.replace("2.0.0", "2.0.5").replace("specifier: ^2.0.5", "specifier: 2.0.5")

    pnpm = install(bench, writes)
    files = {**MEMBERS, "pnpm-workspace.yaml": workspace, "pnpm-lock.yaml": before}
    after = bench.relock(files, replace(UP, direct=True))
    assert pnpm.seen[0]["pnpm-workspace.yaml"] == WORKSPACE.replace("^2.0.0", "2.0.5")
    assert pnpm.seen[1]["pnpm-workspace.yaml"] == WORKSPACE
    assert after["pnpm-workspace.yaml"] == workspace
    assert after["pnpm-lock.yaml"] == before.replace("2.0.0", "2.0.5").replace("specifier: ^2.0.5", "specifier: ^2.0.0")


@pytest.mark.parametrize(
    ("upgrades", "message", "blockers"),
    [
        pytest.param(
            [Upgrade("ms", "2.0.0", "3.0.0", direct=False)],
            "ms 2.0.0 cannot become 3.0.0, blocked: debug 4.1.0 needs ms ^2.0.0",
            (Requirer("debug", "4.1.0", "^2.0.0", direct=True),),
            id="a range",
        ),
        pytest.param(
            [UP, Upgrade("debug", "4.1.0", "5.0.0", direct=True)],
            "ms 2.0.0 cannot become 2.0.5, blocked: debug 5.0.0 needs ms ^3.0.0",
            (Requirer("debug", "5.0.0", "^3.0.0", direct=True),),
            id="the new range of a parent that moves",
        ),
    ],
)
def test_who_holds_a_package_back_is_named_before_anything_runs(
    bench: Bench, upgrades: Sequence[Upgrade], message: str, blockers: tuple[Requirer, ...]
) -> None:
    with pytest.raises(BlockedError) as caught:
        bench.relock(FILES, *upgrades)
    assert str(caught.value) == f"pnpm-lock.yaml: {message}"
    assert caught.value.blockers == blockers
    assert bench.tools.ran == []


def test_a_parent_that_moves_has_its_pins_at_the_new_version(bench: Bench) -> None:
    pnpm = install(bench, lambda lock: moved(lock).replace("4.1.0", "4.2.0"))
    bench.relock(FILES, UP, Upgrade("debug", "4.1.0", "4.2.0", direct=True))
    seen = json.loads(pnpm.seen[0]["package.json"])
    assert seen["pnpm"]["overrides"] == {"debug@4.1.0>ms": "2.0.5", "debug@4.2.0>ms": "2.0.5"}


def test_an_override_asks_nobody(bench: Bench) -> None:
    own = "overrides:\n  ms: 3.0.0\n  debug@4.1.0>ms: 3.0.0\n\n"

    def writes(lock: str) -> str:
        return moved(lock).replace("2.0.5", "3.0.0").replace(PINNED.replace("2.0.5", "3.0.0"), own)

    install(bench, writes)
    manifest = {**MANIFEST, "pnpm": {"overrides": {"ms": "3.0.0"}}}
    up = Upgrade("ms", "2.0.0", "3.0.0", direct=False, override=True)
    after = bench.relock({**FILES, "package.json": manifest}, up)
    assert bench.tools.asked == []
    assert "overrides:\n  ms: 3.0.0\n\nimporters:" in after["pnpm-lock.yaml"]


PEER = lock_9(
    DEBUG.replace("debug", "x").replace("4.1.0", "1.0.0"),
    {"x@1.0.0(ms@2.0.0)": "\n    dependencies:\n      ms: 2.0.0", "ms@2.0.0": ""},
).replace("  'x@1.0.0':\n", "  'x@1.0.0':\n    peerDependencies: {ms: ~2.0.0}\n")


def test_a_peer_that_would_be_left_without_blocks(bench: Bench) -> None:
    files = {"package.json": {"dependencies": {"x": "1.0.0"}}, "pnpm-lock.yaml": PEER}
    with pytest.raises(BlockedError, match=r"blocked: x 1\.0\.0 needs ms ~2\.0\.0"):
        bench.relock(files, Upgrade("ms", "2.0.0", "2.1.0", direct=False))


@pytest.mark.parametrize(
    ("writes", "error", "message"),
    [
        pytest.param(lambda lock: lock, BlockedError, "blocked: pnpm keeps it for debug 4.1.0", id="a silent no-op"),
        pytest.param(
            lambda lock: moved(lock).replace("2.0.5", "2.0.6"),
            ToolError,
            "pnpm chose ms 2.0.6 where 2.0.5",
            id="another",
        ),
    ],
)
def test_what_pnpm_leaves_behind_is_found(
    bench: Bench, writes: Callable[[str], str], error: type[Exception], message: str
) -> None:
    install(bench, writes)
    with pytest.raises(error, match=message):
        bench.relock(FILES, UP)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        pytest.param(
            " ERR_PNPM_NO_MATCHING_VERSION  No matching version found for ms@2.0.5\n",
            BlockedError,
            "pnpm-lock.yaml: blocked, pnpm finds no tree: ERR_PNPM_NO_MATCHING_VERSION  No matching version",
            id="no tree",
        ),
        pytest.param(" ERR_PNPM_OUTDATED_LOCKFILE  no\n", ToolError, "exited with status 1", id="anything else"),
    ],
)
def test_what_pnpm_refuses_is_told_and_all_is_put_back(
    bench: Bench, words: str, error: type[Exception], message: str
) -> None:
    install(bench, refuses=words)
    files = {**MEMBERS, ".npmrc": "registry=https://own.example/\n"}
    with pytest.raises(error, match=message):
        bench.relock(files, replace(UP, direct=True))
    for path, content in encoded(files).items():
        assert (bench.work / path).read_bytes() == content


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, ".pnpmfile.cjs": "process.exit(1)"},
        {**FILES, "pnpm-lock.yaml": ONE.replace("importers:", "pnpmfileChecksum: sha256-x\n\nimporters:", 1)},
    ],
)
def test_code_of_the_repository_is_not_run(bench: Bench, files: Mapping[str, Any]) -> None:
    with pytest.raises(BlockedError, match=r"a \.pnpmfile\.cjs has a say in it"):
        bench.relock(files, UP)
    assert bench.tools.ran == []


def test_what_the_registry_does_not_tell_is_an_error(bench: Bench) -> None:
    bench.tools.refuse(f"{REGISTRY}/debug", "out of reach")
    with pytest.raises(RegistryError, match="out of reach"):
        bench.relock(FILES, UP)


def test_a_routine_update_leaves_the_copy_that_another_package_needs(bench: Bench) -> None:
    lock = lock_9(
        DEBUG + "      ms:\n        specifier: ^2.0.0\n        version: 2.0.0\n", {"debug@4.1.0": LEADS, "ms@2.0.0": ""}
    )
    pnpm = install(bench, lambda text: text + "  'ms@2.0.5': {}\n")
    manifest = {"dependencies": {**MANIFEST["dependencies"], "ms": "^2.0.0"}}
    bench.relock({"package.json": manifest, "pnpm-lock.yaml": lock}, replace(UP, direct=True, everywhere=False))
    assert json.loads(pnpm.seen[0]["package.json"]) == {"dependencies": {"debug": "4.1.0", "ms": "2.0.5"}}
    assert bench.tools.asked == []
