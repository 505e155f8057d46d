"""Pipfiles: read with their lock, edited in place; what pipenv locks is taken over for the packages that move alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Parsed, Reader, Remediator, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError, Requirer, ToolError
from remediators.pipenv.remediator import Pipenv
from state.model import Scope
from tests.remediators.conftest import FakeTools, Program

REMEDIATOR: Remediator = Pipenv()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]
UNIT = Unit("pipenv", "Pipfile", "Pipfile.lock", ("Pipfile", "Pipfile.lock"))
ALONE = Unit("pipenv", "Pipfile", None, ("Pipfile",))
APP = Upgrade("app", "1.0", "2.0", direct=True)
CORE = Upgrade("core", "1.0", "2.0", direct=False)
PIPFILE = """\
[[source]]
url = "https://me:secret@registry.example/simple"
verify_ssl = true
name = "own"

[packages]
App = "==1.0"  # ours
tool = {version = ">=1", extras = ["x"], markers = "os_name == 'nt'"}

[dev-packages]
check = "*"

[docs]
book = "~=1.0"

[requires]
python_version = "3.11"
"""
LOCK: dict[str, dict[str, Any]] = {
    "_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6, "requires": {}, "sources": []},
    "default": {
        "app": {"hashes": ["sha256:aa"], "index": "own", "markers": "python_version >= '3.7'", "version": "==1.0"},
        "core": {"hashes": ["sha256:bb"], "markers": "sys_platform == 'win32'", "version": "==1.0"},
        "local": {"path": "."},
        "tool": {"version": "==1.5"},
    },
    "develop": {"check": {"version": "==3.0"}},
    "docs": {"book": {"version": "==1.2"}},
}


def dumped(lock: object) -> str:
    return json.dumps(lock, indent=4, separators=(",", ": ")) + "\n"


def parsed(reader_of: ReaderOf, pipfile: str, lock: str | None = None) -> Parsed:
    files = {"Pipfile": pipfile.encode(), **({"Pipfile.lock": lock.encode()} if lock is not None else {})}
    return REMEDIATOR.parse(ALONE if lock is None else UNIT, reader_of(files))


def test_a_pipfile_is_a_unit_with_the_lock_beside_it() -> None:
    paths = ("Pipfile", "Pipfile.lock", "a/Pipfile", "b/Pipfile.lock", "vendor/Pipfile")
    assert REMEDIATOR.units(paths) == (UNIT, Unit("pipenv", "a/Pipfile", None, ("a/Pipfile",)))


def test_every_entry_of_every_category_is_a_dependency(reader_of: ReaderOf) -> None:
    found = parsed(reader_of, PIPFILE, dumped(LOCK)).dependencies
    assert [(d.package, d.version, d.requirement, d.scope, d.direct, d.line) for d in found] == [
        ("app", "1.0", "==1.0", Scope.RUNTIME, True, 7),
        ("core", "1.0", "", Scope.RUNTIME, False, 19),
        ("tool", "1.5", ">=1", Scope.RUNTIME, True, 8),
        ("check", "3.0", "", Scope.DEV, True, 11),
        ("book", "1.2", "~=1.0", Scope.OPTIONAL, True, 14),
    ]
    assert {(d.manifest, d.lockfile, d.index, d.platform) for d in found} == {
        ("Pipfile", "Pipfile.lock", "https://registry.example/simple", "==3.11.*")
    }


def test_without_a_lock_only_pins_have_a_version(reader_of: ReaderOf) -> None:
    found = parsed(reader_of, PIPFILE).dependencies
    assert [(d.package, d.version, d.lockfile) for d in found] == [
        ("app", "1.0", None),
        ("tool", None, None),
        ("check", None, None),
        ("book", None, None),
    ]


@pytest.mark.parametrize(
    ("entry", "reason", "fault"),
    [
        pytest.param('{git = "https://registry.example/a.git"}', "it comes from git", False, id="git"),
        pytest.param('{path = ".", editable = true}', "it comes from path", False, id="a folder"),
        pytest.param('"the newest"', "not a version specifier", True, id="prose"),
        pytest.param('"==1; import os"', "not a version specifier", True, id="more than a version"),
    ],
)
def test_what_is_left_out_is_said(reader_of: ReaderOf, entry: str, reason: str, fault: bool) -> None:
    (problem,) = parsed(reader_of, f"[packages]\na = {entry}\n").problems
    assert reason in problem.reason
    assert problem.reason.startswith("line 2 of Pipfile: a: ")
    assert problem.fault is fault


@pytest.mark.parametrize(
    ("pipfile", "lock", "message"),
    [
        pytest.param("[packages", "{}", "not valid TOML", id="no TOML"),
        pytest.param("", "[]", 'has no "_meta"', id="no object"),
        pytest.param("", "{", "not JSON", id="no JSON"),
        pytest.param("", '{"_meta": {}, "_meta": {}}', "twice", id="a key twice"),
        pytest.param("", "[" * 100_000, "nested", id="deep"),
        pytest.param("a = " + "[" * 20_000, "{}", "too deeply", id="a deep Pipfile"),
    ],
)
def test_what_cannot_be_read_is_refused(reader_of: ReaderOf, pipfile: str, lock: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(reader_of, pipfile, lock)


@pytest.mark.parametrize(
    ("unit", "before", "after"),
    [
        pytest.param(UNIT, '"==1.0"  # ours', '"==2.0"  # ours', id="a pin"),
        pytest.param(UNIT, '">=1.0"', '">=1.0"', id="a range that admits it, locked"),
        pytest.param(ALONE, '">=1.0"', '">=2.0"', id="a range that admits it, not locked"),
        pytest.param(ALONE, '"*"', '">=2.0"', id="any version, not locked"),
        pytest.param(UNIT, '{version = "~=1.0", extras = ["x"]}', '{version = "~=2.0", extras = ["x"]}', id="a table"),
        pytest.param(UNIT, "'<2'", "'<3,>=2.0'", id="a ceiling"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_only_the_specifier_is_rewritten(unit: Unit, before: str, after: str, end: str) -> None:
    text = "\ufeff# für\n[packages]\nApp = {}\nother = '*'".replace("\n", end)
    raw = text.format(before).encode()
    found = {"Pipfile": raw, **REMEDIATOR.edit(unit, {"Pipfile": raw, "Pipfile.lock": b""}, [APP])}
    assert found["Pipfile"] == text.format(after).encode()


def test_an_override_is_refused() -> None:
    with pytest.raises(BlockedError, match="pipenv knows no overrides"):
        REMEDIATOR.edit(UNIT, {"Pipfile": b""}, [Upgrade("core", "1", "2", direct=False, override=True)])


def test_only_the_pipfile_tells_who_asks(reader_of: ReaderOf) -> None:
    read = reader_of({"Pipfile": PIPFILE.encode(), "Pipfile.lock": dumped(LOCK).encode()})
    assert REMEDIATOR.requirers(UNIT, read, "app", "1.0") == (Requirer("Pipfile", "", "==1.0", direct=True),)
    assert REMEDIATOR.requirers(UNIT, read, "core", "1.0") == ()


def program(chosen: str, lock: Mapping[str, object]) -> Program:
    """A uv that finds `chosen`, and a pipenv that locks `lock`."""

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        if "compile" in arguments:
            (cwd / "locked.txt").write_text(chosen)
        else:
            (cwd / "Pipfile.lock").write_text(dumped({"_meta": {}, "default": lock}))
        return Completed("", "")

    return run


def relocked(
    work: Path, tools: FakeTools, *upgrades: Upgrade, lock: str = dumped(LOCK)
) -> dict[str, dict[str, object]]:
    (work / "Pipfile").write_text(PIPFILE)
    (work / "Pipfile.lock").write_text(lock)
    REMEDIATOR.relock(UNIT, work, upgrades, None, tools)
    assert sorted(path.name for path in work.iterdir()) == ["Pipfile", "Pipfile.lock"]
    found: dict[str, dict[str, object]] = json.loads((work / "Pipfile.lock").read_text())
    return found


NEW_CORE = {"index": "own", "hashes": ["sha256:cc"], "markers": "python_version >= '3.9'", "version": "==2.0"}


def test_a_moved_entry_keeps_when_it_is_needed(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("pipenv", program("app==1.0\ncore==2.0\n", {"core": NEW_CORE}))
    found = relocked(tmp_path, tools, CORE)
    moved = {"hashes": ["sha256:cc"], "markers": "sys_platform == 'win32'", "version": "==2.0"}
    assert found == {**LOCK, "default": {**LOCK["default"], "core": moved}}


def test_what_the_new_version_needs_comes_in(tmp_path: Path, tools: FakeTools) -> None:
    base = {"hashes": ["sha256:dd"], "version": "==1.0"}
    tools.lend("pipenv", program("app==1.0\ncore==2.0\n", {"core": NEW_CORE, "base": base}))
    assert list(relocked(tmp_path, tools, CORE)["default"]) == ["app", "base", "core", "local", "tool"]


def test_what_has_to_follow_moves_as_well(tmp_path: Path, tools: FakeTools) -> None:
    app = {"hashes": [], "markers": "python_version >= '3.9'", "version": "==2.0"}
    tools.lend("pipenv", program("app==2.0\ncore==2.0\n", {"core": NEW_CORE, "app": app}))
    found = relocked(tmp_path, tools, CORE)["default"]["app"]
    assert found == {"hashes": [], "index": "own", "markers": "python_version >= '3.9'", "version": "==2.0"}


def test_the_hash_is_that_of_the_edited_pipfile(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("pipenv", program("app==2.0\n", {"app": {"version": "==2.0"}}))
    meta = relocked(tmp_path, tools, APP)["_meta"]
    # What `Pipfile.get_hash` of plette 2.1 says of this Pipfile.
    assert meta["hash"] == {"sha256": "dd0359c341cca029932b12f6516c10d77d3704ce60c7ed6f4d03403aceb2ba2b"}


@pytest.mark.parametrize(
    ("stderr", "error", "message"),
    [
        pytest.param(
            "No solution found when resolving dependencies: Because app==1.0 depends on core<2 and so on",
            BlockedError,
            r"Pipfile cannot be locked with core 2\.0: Because app==1\.0 depends on core<2",
            id="a conflict",
        ),
        pytest.param("no matching distribution", ToolError, "pipenv cannot lock core 2.0: no matching", id="its words"),
        pytest.param(
            "Traceback:\n ERROR: No matching distribution \nfound for core==2.0\n\nThe conflict is caused by:",
            ToolError,
            r"Pipfile\.lock: pipenv cannot lock core 2\.0: the index has no wheel of core==2\.0 that the bot's Python",
            id="no wheel",
        ),
    ],
)
def test_a_refusal_is_explained(
    tmp_path: Path, tools: FakeTools, stderr: str, error: type[Exception], message: str
) -> None:
    def fails(*_: object) -> Completed:
        raise ToolError("uv exited with status 1", stderr)

    tools.lend("pipenv", fails)
    with pytest.raises(error, match=message):
        relocked(tmp_path, tools, CORE)


@pytest.mark.parametrize(
    ("lock", "locks", "message"),
    [
        pytest.param(dumped(LOCK), {}, "pipenv locked no core", id="a silent tool"),
        pytest.param(json.dumps(LOCK), {"core": NEW_CORE}, "not laid out as pipenv does it", id="a lock by hand"),
    ],
)
def test_what_would_be_wrong_is_refused(
    tmp_path: Path, tools: FakeTools, lock: str, locks: Mapping[str, object], message: str
) -> None:
    tools.lend("pipenv", program("core==2.0\n", locks))
    with pytest.raises((ToolError, ManifestError), match=message):
        relocked(tmp_path, tools, CORE, lock=lock)
