"""Requirements files still install after an edit: real uv, on an index on loopback."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from remediators.api import Completed, Remediator, Unit, Upgrade
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.requirements.remediator import Requirements
from tests.end_to_end.index import Index, serve
from tests.remediators.conftest import FakeTools
from tests.remediators.real_tools import RealTools

REMEDIATOR: Remediator = Requirements()
WEB = Upgrade("web", "1.0", "2.0", direct=True)
CORE = Upgrade("core", "1.0", "2.0", direct=True)


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """web 2 needs core 2, core 2 needs base 2; app 1 needs core below 2, app 2 does not."""
    with serve() as published:
        for name in ("web", "core", "base", "app", "plugin", "other"):
            published.add(name, "1.0", "1.5", "2.0", "2.1", "3.0")
        published.needs |= {
            ("web", "1.0"): ["core"],
            ("web", "2.0"): ["core>=2.0"],
            ("core", "2.0"): ["base>=1.5 ; python_version >= '3.8'"],
            ("core", "2.1"): ["base>=1.5"],
            ("core", "3.0"): ["base>=1.5"],
            ("app", "1.0"): ["core<2"],
            ("app", "2.0"): ["core>=1.0"],
            ("plugin", "1.0"): ["core<2 ; sys_platform == 'win32'"],
            ("other", "1.0"): ["core==1.0", "missing"],
        }
        yield published


@pytest.fixture(scope="module")
def uv_tools(tmp_path_factory: pytest.TempPathFactory) -> RealTools:
    return RealTools(tmp_path_factory.mktemp("home"))


def upgraded(work: Path, tools: RealTools, index: Index, files: Mapping[str, str], *upgrades: Upgrade) -> list[str]:
    """The first file's lines after the upgrades."""
    raw = {path: text.encode() for path, text in files.items()}
    manifest = next(iter(files))
    unit = REMEDIATOR.expand(Unit("requirements", manifest, None, (manifest,)), raw.get)
    for path, content in {**raw, **REMEDIATOR.edit(unit, raw, upgrades)}.items():
        (work / path).write_bytes(content)
    REMEDIATOR.relock(unit, work, upgrades, index.url, tools)
    assert sorted(path.name for path in work.iterdir()) == sorted(files)
    return (work / manifest).read_text().splitlines()


@pytest.mark.parametrize(
    ("before", "upgrade", "after"),
    [
        pytest.param(
            "core==1.0 other==1.5", CORE, "core==2.0 base==3.0 other==1.5", id="a list of all pins what comes in"
        ),
        pytest.param(
            "core>=1.0,<2 other==1.5", CORE, "core>=2.0,<3 other==1.5", id="a list with a range has no new pin"
        ),
        pytest.param("web==1.0 core==2.0", WEB, "web==2.0 core==2.0", id="what it needs is there"),
        pytest.param(
            "web==1.0 core==1.0", WEB, "web==2.0 base==3.0 core==2.0", id="a pin follows to the lowest that fits"
        ),
        pytest.param("web==1.0 core==1.0 base==1.0", WEB, "web==2.0 core==2.0 base==1.5", id="and so does the next"),
        pytest.param("app==2.0 core==1.0", CORE, "app==2.0 core==2.0 base==3.0", id="a parent that admits it"),
        pytest.param(
            "app==1.0;python_version<'3' core==1.0",
            CORE,
            "app==1.0;python_version<'3' core==2.0 base==3.0",
            id="a parent whose marker is never true",
        ),
        pytest.param(
            "app==1.0 web==2.0 core==1.0", CORE, "app==1.0 web==2.0 core==2.0", id="it did not install before"
        ),
        pytest.param("other==1.0 web==1.0 core==1.5", WEB, "other==1.0 web==2.0 core==1.5", id="nor did this"),
        pytest.param("gone==1.0 core==1.0", CORE, "gone==1.0 core==2.0", id="another package is not in the index"),
        pytest.param("core==1.0 base==9.9", CORE, "core==2.0 base==9.9", id="another version is not in the index"),
        pytest.param(
            "app==1.0 core==1.0 --no-index", CORE, "app==1.0 core==2.0 --no-index", id="another place than an index"
        ),
        pytest.param(
            "app@git+https://registry.example/app core==1.0",
            CORE,
            "app@git+https://registry.example/app core==2.0",
            id="what Git gives is not judged",
        ),
        pytest.param("-e./app core==1.0", CORE, "-e./app core==2.0", id="neither is a folder"),
    ],
)
def test_a_move_that_installs_is_made(
    tmp_path: Path, uv_tools: RealTools, index: Index, before: str, upgrade: Upgrade, after: str
) -> None:
    files = {"requirements.txt": before.replace(" ", "\n") + "\n"}
    assert upgraded(tmp_path, uv_tools, index, files, upgrade) == after.split()


@pytest.mark.parametrize(
    ("files", "blockers"),
    [
        pytest.param(
            {"requirements.txt": "app==1.0\ncore==1.0\n"}, [Requirer("app", "1.0", "<2", True)], id="a pinned parent"
        ),
        pytest.param(
            {"requirements.txt": "app==1.0\n-r base.txt\n", "base.txt": "core==1.0\n"},
            [Requirer("app", "1.0", "<2", True)],
            id="over two files",
        ),
        pytest.param(
            {"requirements.txt": "app==1.0\n-r requirements-core.txt\n", "requirements-core.txt": "core==1.0\n"},
            [Requirer("app", "1.0", "<2", True)],
            id="over two units",
        ),
        pytest.param(
            {"requirements.txt": "core==1.0\nplugin==1.0\n"},
            [Requirer("plugin", "1.0", "<2", True)],
            id="on one platform",
        ),
        pytest.param(
            {"requirements.txt": "core==1.0\napp\n-c constraints.txt\n", "constraints.txt": "app<2\n"},
            [Requirer("app", "1.5", "<2", True)],
            id="a constraint",
        ),
    ],
)
def test_a_move_that_no_longer_installs_is_blocked(
    tmp_path: Path, uv_tools: RealTools, index: Index, files: Mapping[str, str], blockers: list[Requirer]
) -> None:
    index.needs[("app", "1.5")] = ["core<2"]
    with pytest.raises(BlockedError, match=r"requirements\.txt cannot be installed with core 2\.0: ") as blocked:
        upgraded(tmp_path, uv_tools, index, files, CORE)
    assert list(blocked.value.blockers) == blockers


def test_parent_and_child_move_together(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    files = {"requirements.txt": "app==1.0\ncore==1.0\n"}
    app = Upgrade("app", "1.0", "2.0", direct=True)
    assert upgraded(tmp_path, uv_tools, index, files, CORE, app) == ["app==2.0", "core==2.0", "base==3.0"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("core==1.0", "core==2.0\nbase==3.0", id="without a last line end"),
        pytest.param(
            "core==1.0  # why\r\nother==1.5\r\n", "core==2.0  # why\r\nbase==3.0\r\nother==1.5\r\n", id="CRLF"
        ),
        pytest.param(
            "core==1.0 # web\nweb==1.5\n\n# end", "core==2.0 # web\nbase==3.0\nweb==1.5\n\n# end", id="comments"
        ),
    ],
)
def test_a_new_pin_is_a_line_of_its_own_and_every_other_byte_stays(
    tmp_path: Path, uv_tools: RealTools, index: Index, before: str, after: str
) -> None:
    upgraded(tmp_path, uv_tools, index, {"requirements.txt": before}, CORE)
    assert (tmp_path / "requirements.txt").read_bytes() == after.encode()


def test_a_list_with_hashes_gets_no_pin_without_one(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    hashed = f"core==1.0 --hash=sha256:{'0' * 64}\n"
    with pytest.raises(BlockedError, match=r"core 2\.0 needs base==3\.0, which requirements\.txt does not name"):
        upgraded(tmp_path, uv_tools, index, {"requirements.txt": hashed}, CORE)


NO_WHEELS = (
    "error: No solution found when resolving dependencies\n  cause: Because app==1.0 has no usable wheels and you "
    "require app==1.0, we can conclude that your requirements are unsatisfiable.\n\n"
    "hint: Wheels are required for `app` because building from source is disabled for all packages"
)


def test_a_repository_may_have_a_folder_called_like_ours(tmp_path: Path, tools: FakeTools) -> None:
    (tmp_path / ".resolution").mkdir()
    (tmp_path / ".resolution" / "base.txt").write_text("core==2.0\n")
    (tmp_path / "requirements.txt").write_text("app==1.0\n-r .resolution/base.txt\n")
    unit = Unit("requirements", "requirements.txt", None, ("requirements.txt", ".resolution/base.txt"))
    tools.install("uv", lambda *_: Completed("app==1.0\ncore==2.0\n", ""))
    REMEDIATOR.relock(unit, tmp_path, [CORE], None, tools)
    assert {ran.cwd for ran in tools.ran} == {tmp_path / ".resolution-2"}
    assert (tmp_path / ".resolution" / "base.txt").read_text() == "core==2.0\n"


@pytest.mark.parametrize(
    ("who", "runs"),
    [
        pytest.param("app", 1, id="a pin that stays needs it, and did before"),
        pytest.param("app, core", 1, id="so does one that stays, beside the one that moved"),
        pytest.param("core", 2, id="only what moved needs it"),
    ],
)
def test_what_came_along_before_is_not_asked_for_again(tmp_path: Path, tools: FakeTools, who: str, runs: int) -> None:
    pins = "app==1.0  # via -r requirements.in\ncore==2.0  # via -r requirements.in\n"
    tools.install("uv", lambda *_: Completed(f"{pins}base==1.5 ; python_version < '4'  # via {who}\n", ""))
    (tmp_path / "requirements.txt").write_text("app==1.0\ncore==2.0\n")
    unit = Unit("requirements", "requirements.txt", None, ("requirements.txt",))
    REMEDIATOR.relock(unit, tmp_path, [CORE], None, tools)
    assert len(tools.ran) == runs
    assert (tmp_path / "requirements.txt").read_text() == "app==1.0\ncore==2.0\n"


@pytest.mark.parametrize(
    ("stderr", "runs"),
    [
        pytest.param("error: Failed to fetch: `https://registry.example/simple/app/`", 1, id="no connection"),
        pytest.param("No solution found when resolving dependencies: depends on Python>=3.13", 1, id="another Python"),
        pytest.param(NO_WHEELS, 2, id="left out once, and no better"),
        pytest.param("error: something that nobody foresaw", 1, id="unforeseen"),
    ],
)
def test_what_uv_cannot_judge_holds_nothing_back(tmp_path: Path, tools: FakeTools, stderr: str, runs: int) -> None:
    def fails(*_: object) -> None:
        raise ToolError("uv exited with status 1", stderr)

    tools.install("uv", fails)  # type: ignore[arg-type]
    (tmp_path / "requirements.txt").write_text("app==1.0\ncore==2.0\n")
    unit = Unit("requirements", "requirements.txt", None, ("requirements.txt",))
    REMEDIATOR.relock(unit, tmp_path, [CORE], None, tools)
    assert len(tools.ran) == runs
    assert (tmp_path / "requirements.txt").read_text() == "app==1.0\ncore==2.0\n"
