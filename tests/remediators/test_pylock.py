"""pylock.toml: read whoever made it, made again by real uv on an index on loopback where its header tells how."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import uv

from remediators.api import Completed, Parsed, Reader, Remediator, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError, Requirer, ToolError
from remediators.pylock import Pylock
from remediators.requirements.remediator import Requirements
from remediators.uv.run import ENVIRONMENT
from state.model import Scope
from tests.end_to_end.index import Index, serve
from tests.remediators.real_tools import RealTools

REMEDIATOR: Remediator = Pylock()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]
COMPILE = [uv.find_uv_bin(), "pip", "compile", "--quiet", "requirements.in", "-o", "pylock.toml"]
CORE = Upgrade("core", "1.0", "2.0", direct=False)
APP = Upgrade("app", "1.0", "2.0", direct=True)
FOREIGN = """\
lock-version = "1.0"
created-by = "another"
requires-python = ">=3.9"

[[packages]]
name = "App"
version = "1.0"
index = "https://me:secret@registry.example/simple"
dependencies = [{name = "core"}]

[[packages]]
name = "core"
version = "1.0"

[[packages]]
name = "ours"
directory = {path = "."}

[[packages]]
name = "theirs"
vcs = {type = "git", url = "https://registry.example/theirs", commit-id = "00"}
"""


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    """app 1 needs core below 3, app 2 any."""
    with serve() as published:
        for name in ("app", "core"):
            published.add(name, "1.0", "2.0", "3.0")
        published.needs |= {("app", "1.0"): ["core<3"], ("app", "2.0"): ["core"]}
        yield published


@pytest.fixture(scope="module")
def uv_tools(tmp_path_factory: pytest.TempPathFactory) -> RealTools:
    return RealTools(tmp_path_factory.mktemp("home"))


def unit_of(files: Mapping[str, bytes]) -> Unit:
    (unit,) = (REMEDIATOR.expand(found, files.get) for found in REMEDIATOR.units(tuple(files)))
    return unit


def parsed(text: str) -> Parsed:
    files = {"pylock.toml": text.encode()}
    return REMEDIATOR.parse(unit_of(files), files.get)


def content(work: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in work.iterdir()}


def upgraded(work: Path, tools: RealTools, index: Index, *upgrades: Upgrade) -> None:
    files = content(work)
    unit = unit_of(files)
    assert set(unit.files) == set(files)
    for path, raw in REMEDIATOR.edit(unit, files, upgrades).items():
        (work / path).write_bytes(raw)
    REMEDIATOR.relock(unit, work, upgrades, index.url, tools)


def compiled(work: Path, tools: RealTools, index: Index) -> dict[str, str]:
    """A project that uv compiled, and its texts."""
    work.mkdir(exist_ok=True)
    (work / "requirements.in").write_text("app==1.0\n")
    tools.run([*COMPILE, "--upgrade-package", "core==1.0"], work, {**ENVIRONMENT, "UV_DEFAULT_INDEX": index.url})
    return {name: raw.decode() for name, raw in content(work).items()}


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        pytest.param("pylock.toml", Scope.RUNTIME, id="the lock"),
        pytest.param("a/pylock.toml", Scope.RUNTIME, id="in a folder"),
        pytest.param("pylock.dev.toml", Scope.DEV, id="one of several"),
    ],
)
def test_a_lock_is_a_unit(path: str, scope: Scope) -> None:
    assert REMEDIATOR.units((path, "pylock.a.b.toml", "my-pylock.toml", "vendor/pylock.toml")) == (
        Unit("pylock", path, path, (path,)),
    )
    files = {path: FOREIGN.encode()}
    assert {d.scope for d in REMEDIATOR.parse(unit_of(files), files.get).dependencies} == {scope}


def test_every_package_of_an_index_is_read_and_the_rest_is_said() -> None:
    found = parsed(FOREIGN)
    assert [(d.package, d.version, d.index, d.platform, d.line) for d in found.dependencies] == [
        ("app", "1.0", "https://registry.example/simple", ">=3.9", 6),
        ("core", "1.0", None, ">=3.9", 12),
    ]
    assert [problem.reason for problem in found.problems] == [
        "line 16 of pylock.toml: ours comes from a folder, which has no released version",
        "line 20 of pylock.toml: theirs comes from a repository, which has no released version",
        "pylock.toml is only read: it does not say how it was made; lock it again by hand",
    ]
    assert not any(problem.fault for problem in found.problems)


def test_entries_may_tell_who_depends(reader_of: ReaderOf) -> None:
    files = {"pylock.toml": FOREIGN.encode()}
    found = REMEDIATOR.requirers(unit_of(files), reader_of(files), "core", "1.0")
    assert found == (Requirer("app", "1.0", "", direct=False),)


def test_a_lock_of_unknown_making_is_left_alone(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    (tmp_path / "pylock.toml").write_text(FOREIGN)
    with pytest.raises(ToolError, match="does not say how it was made"):
        upgraded(tmp_path, uv_tools, index, CORE)
    assert (tmp_path / "pylock.toml").read_text() == FOREIGN


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        pytest.param("packages = 1\n", 0, id="no list"),
        pytest.param("packages = [1, {}]\n", 0, id="no tables"),
        pytest.param("[[packages]]\nname = 1\nversion = 2\n", 0, id="numbers"),
        pytest.param("", 0, id="empty"),
        pytest.param("[[packages]]\nname = 'a'\nversion = '1'\n" * 2, 2, id="twice"),
    ],
)
def test_an_odd_lock_is_read_as_far_as_it_goes(text: str, packages: int) -> None:
    assert len(parsed(text).dependencies) == packages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[[packages", "not valid TOML", id="broken"),
        pytest.param("a = " + "[" * 100_000, "too deeply", id="deep"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(text)


def replaced(before: Mapping[str, str], work: Path, tools: RealTools, index: Index, *pins: str) -> dict[str, str]:
    """What uv itself makes of the same project, with these pins."""
    theirs = work / "theirs"
    theirs.mkdir()
    for name, text in before.items():
        (theirs / name).write_text(text)
    more = [part for pin in pins for part in ("--upgrade-package", pin)]
    tools.run([*COMPILE, *more], theirs, {**ENVIRONMENT, "UV_DEFAULT_INDEX": index.url})
    return {name: raw.decode() for name, raw in content(theirs).items()}


def test_a_transitive_one_moves_as_uv_moves_it(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    before = compiled(tmp_path / "ours", uv_tools, index)
    upgraded(tmp_path / "ours", uv_tools, index, CORE)
    after = {name: raw.decode() for name, raw in content(tmp_path / "ours").items()}
    assert after == replaced(before, tmp_path, uv_tools, index, "core==2.0")
    assert 'version = "2.0"' in after["pylock.toml"]


def test_one_run_lists_wheels_and_sources(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    before = compiled(tmp_path / "ours", uv_tools, index)
    ran: list[Sequence[str]] = []

    class Counted(RealTools):
        def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
            ran.append(argv)
            return super().run(argv, cwd, env)

    upgraded(tmp_path / "ours", Counted(uv_tools.home), index, CORE)
    assert len(ran) == 1
    assert not set(content(tmp_path / "ours")) - set(before)


def test_a_direct_one_moves_in_its_source_as_well(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    before = compiled(tmp_path / "ours", uv_tools, index)
    upgraded(tmp_path / "ours", uv_tools, index, APP)
    after = {name: raw.decode() for name, raw in content(tmp_path / "ours").items()}
    assert after["requirements.in"] == "app==2.0\n"
    assert after == replaced({**before, "requirements.in": "app==2.0\n"}, tmp_path, uv_tools, index)


def test_who_holds_one_back_is_named(tmp_path: Path, uv_tools: RealTools, index: Index) -> None:
    before = compiled(tmp_path / "ours", uv_tools, index)
    with pytest.raises(BlockedError, match=r"cannot be compiled with core 3\.0: .*core<3") as blocked:
        upgraded(tmp_path / "ours", uv_tools, index, Upgrade("core", "1.0", "3.0", direct=False))
    assert blocked.value.blockers == (Requirer("app", "1.0", "<3", direct=True),)
    assert {name: raw.decode() for name, raw in content(tmp_path / "ours").items()} == before


PROJECT = '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n'


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("pylock.toml", "pylock.toml", id="pylock"),
        pytest.param("requirements.txt", "requirements.txt", id="requirements"),
    ],
)
def test_an_export_follows_its_lock(tmp_path: Path, uv_tools: RealTools, index: Index, name: str, kind: str) -> None:
    def lock(*arguments: str) -> None:
        environment = {**ENVIRONMENT, "UV_DEFAULT_INDEX": index.url}
        uv_tools.run([uv.find_uv_bin(), *arguments, "--quiet"], tmp_path, environment)

    (tmp_path / "pyproject.toml").write_text(PROJECT)
    lock("lock", "--upgrade-package", "core==1.0", "--upgrade-package", "app==1.0")
    lock("export", "--format", kind, "--no-emit-project", "-o", name)
    before = (tmp_path / name).read_text()
    lock("lock", "--upgrade-package", "core==2.0")
    remediator: Remediator = Pylock() if name.startswith("pylock") else Requirements()
    files = content(tmp_path)
    (unit,) = (remediator.expand(found, files.get) for found in remediator.units(tuple(files)))
    assert (unit.manifest, unit.lockfile) == ("pyproject.toml", name)
    assert remediator.edit(unit, files, [CORE]) == {}
    remediator.relock(unit, tmp_path, [CORE], index.url, uv_tools)
    after = (tmp_path / name).read_text()
    assert after.splitlines()[:2] == before.splitlines()[:2]
    lock("export", "--format", kind, "--no-emit-project", "-o", name)
    assert after == (tmp_path / name).read_text() != before
