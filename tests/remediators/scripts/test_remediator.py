"""Scripts with requirements of their own: read, edited between their comment signs, locked by real uv on loopback."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import uv

from remediators.api import Parsed, Remediator, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError, Requirer
from remediators.scripts.remediator import Scripts
from remediators.uv.run import ENVIRONMENT
from tests.end_to_end.index import Index, serve
from tests.remediators.real_tools import RealTools

REMEDIATOR: Remediator = Scripts()
APP = Upgrade("app", "1.0", "2.0", direct=True)
CORE = Upgrade("core", "1.0", "2.0", direct=False)
SCRIPT = """\
#!/usr/bin/env python
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "App==1.0",  # ours
#
#   "other>=1",
# ]
# ///
open("it-ran", "w").close()
"""


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """app needs core, app 1 one below 3."""
    with serve() as published:
        for name in ("app", "core", "other"):
            published.add(name, "1.0", "2.0", "3.0")
        published.needs |= {("app", "1.0"): ["core<3"], ("app", "2.0"): ["core"]}
        yield published


@pytest.fixture(scope="module")
def uv_tools(tmp_path_factory: pytest.TempPathFactory) -> RealTools:
    return RealTools(tmp_path_factory.mktemp("home"))


def alone(path: str) -> Unit:
    return Unit("script", path, None, (path,))


def parsed(text: str) -> Parsed:
    files: Mapping[str, bytes] = {"a.py": text.encode()}
    return REMEDIATOR.parse(alone("a.py"), files.get)


def test_scripts_are_looked_for_where_scripts_are_kept() -> None:
    paths = (
        "a.py",
        "setup.py",
        "conftest.py",
        "demo/x.py",
        "bin/b.py",
        "x/scripts/c.py",
        "demo/d.py",
        "demo/d.py.lock",
    )
    assert REMEDIATOR.units(paths) == (
        alone("a.py"),
        alone("bin/b.py"),
        Unit("script", "demo/d.py", "demo/d.py.lock", ("demo/d.py", "demo/d.py.lock")),
        alone("x/scripts/c.py"),
    )


def test_every_requirement_of_the_block_is_read() -> None:
    found = [(d.package, d.requirement, d.version, d.line, d.platform) for d in parsed(SCRIPT).dependencies]
    assert found == [("app", "==1.0", "1.0", 5, ">=3.9"), ("other", ">=1", None, 7, ">=3.9")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("print(1)\n", id="no block"),
        pytest.param("# /// pyproject\n# a = 1\n# ///\n", id="another block"),
        pytest.param("x = '''\n  # /// script\n'''\n", id="no comment of its own"),
        pytest.param("", id="empty"),
    ],
)
def test_other_files_hold_nothing(text: str) -> None:
    assert parsed(text) == Parsed(())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("# /// script\n# dependencies = []\n", "line 1 does not end", id="no end"),
        pytest.param("# /// script\nprint(1)\n# ///\n", "line 1 does not end", id="code in between"),
        pytest.param("# /// script\n# ///\n\n# /// script\n# ///\n", "two script blocks", id="two blocks"),
        pytest.param("# /// script\n# a = [\n# ///\n", "not valid TOML", id="broken TOML"),
        pytest.param("# /// script\n# a = " + "[" * 20_000 + "\n# ///\n", "too deeply", id="deep"),
    ],
)
def test_a_broken_block_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('#   "App==1.0",  # ours', '#   "App==2.0",  # ours', id="a pin"),
        pytest.param("# 'app [x] >= 1.0 ; os_name == \"nt\"',", "# 'app [x] >= 2.0 ; os_name == \"nt\"',", id="quotes"),
        pytest.param('#\t\t"app~=1.0",\t# ü', '#\t\t"app~=1.0",\t# ü', id="a tab is no sign"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "mark"])
def test_only_the_specifier_is_rewritten(before: str, after: str, end: str, mark: str) -> None:
    text = (mark + "# für\n# /// script\n# dependencies = [\n{}\n# ]\n# ///\napp = '==1.0'").replace("\n", end)
    raw = text.format(before).encode()
    if before == after:
        with pytest.raises(ManifestError, match="does not end"):
            REMEDIATOR.edit(alone("a.py"), {"a.py": raw}, [APP])
    else:
        assert REMEDIATOR.edit(alone("a.py"), {"a.py": raw}, [APP]) == {"a.py": text.format(after).encode()}


def test_what_cannot_be_moved_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"has no requirement of core at 1\.0"):
        REMEDIATOR.edit(alone("a.py"), {"a.py": SCRIPT.encode()}, [CORE])
    with pytest.raises(BlockedError, match="no override is written into a script"):
        REMEDIATOR.edit(alone("a.py"), {"a.py": b""}, [Upgrade("core", "1", "2", direct=False, override=True)])


def locked(work: Path, tools: RealTools, index: Index) -> dict[str, bytes]:
    (work / "a.py").write_text(SCRIPT)
    argv = [uv.find_uv_bin(), "lock", "--quiet", "--script", "a.py", "--default-index", index.url]
    tools.run([*argv, "--upgrade-package", "core==1.0"], work, ENVIRONMENT)
    return {path.name: path.read_bytes() for path in work.iterdir()}


def upgraded(work: Path, tools: RealTools, index: Index, upgrade: Upgrade) -> dict[str, str | None]:
    """The locked versions afterwards."""
    files = {path.name: path.read_bytes() for path in work.iterdir()}
    (unit,) = REMEDIATOR.units(tuple(files))
    for path, raw in REMEDIATOR.edit(unit, files, [upgrade]).items():
        (work / path).write_bytes(raw)
    REMEDIATOR.relock(unit, work, [upgrade], index.url, tools)
    after = {path.name: path.read_bytes() for path in work.iterdir()}
    assert after.keys() == files.keys()
    return {d.package: d.version for d in REMEDIATOR.parse(unit, after.get).dependencies}


def test_a_direct_one_moves_in_script_and_lock(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    locked(tmp_path, uv_tools, index)
    assert upgraded(tmp_path, uv_tools, index, APP) == {"app": "2.0", "core": "1.0", "other": "3.0"}
    assert (tmp_path / "a.py").read_text() == SCRIPT.replace("App==1.0", "App==2.0")


def test_a_transitive_one_moves_in_the_lock_alone(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    locked(tmp_path, uv_tools, index)
    assert upgraded(tmp_path, uv_tools, index, CORE) == {"app": "1.0", "core": "2.0", "other": "3.0"}
    assert (tmp_path / "a.py").read_text() == SCRIPT


def test_who_asks_and_who_holds_back_is_named(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    files = locked(tmp_path, uv_tools, index)
    (unit,) = REMEDIATOR.units(tuple(files))
    assert REMEDIATOR.requirers(unit, files.get, "core", "1.0") == (Requirer("app", "1.0", "", direct=True),)
    assert REMEDIATOR.requirers(unit, files.get, "app", "1.0") == (Requirer("a.py", "", "==1.0", direct=True),)
    with pytest.raises(BlockedError, match="core<3"):
        upgraded(tmp_path, uv_tools, index, Upgrade("core", "1.0", "3.0", direct=False))
    assert (tmp_path / "a.py.lock").read_bytes() == files["a.py.lock"]
