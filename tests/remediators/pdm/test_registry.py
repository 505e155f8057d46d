"""pdm and a real index: what the fakes of the other tests stand for. Skipped where no index is in reach."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from remediators.api import Unit, Upgrade
from remediators.errors import BlockedError, ToolError
from remediators.pdm.relock import run_pdm
from remediators.pdm.remediator import Pdm
from remediators.python.tool import LockTools
from tests.remediators.python.real import PythonTools, reached, upgraded, versions
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

REMEDIATOR = Pdm()
UNIT = Unit("pdm", "pyproject.toml", "pdm.lock", ("pyproject.toml", "pdm.lock"))

MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "jinja2[i18n]>=3.1.2,<3.2",  # the template engine
    "requests==2.25.1",
]

[project.optional-dependencies]
more = ["six"]

[tool.pdm.dev-dependencies]
test = ["iniconfig"]
"""
NEWEST = "pdm[locked]==2.29.3"
OLD = {"jinja2": "3.1.2", "urllib3": "1.26.17", "markupsafe": "2.1.3"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> PythonTools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")), cache)


def pdm(work: Path, tools: PythonTools, requirement: str, pins: Mapping[str, str], *command: str) -> None:
    reached(lambda: run_pdm(command, requirement, pins, work, None, LockTools(tools), "default"))


def locked(work: Path, tools: PythonTools, requirement: str, manifest: str = MANIFEST) -> None:
    """A project that this pdm has locked, with some packages at old versions."""
    (work / "pyproject.toml").write_text(manifest)
    pdm(work, tools, requirement, {**OLD, "jinja2[i18n]": OLD["jinja2"]}, "lock", "--skip=:all", "--group", ":all")
    assert versions(REMEDIATOR, UNIT, work).items() >= OLD.items()


def packages(work: Path) -> list[str]:
    """The lockfile without the hash of the manifest."""
    return [line for line in (work / "pdm.lock").read_text().splitlines() if not line.startswith("content_hash")]


@pytest.mark.parametrize(
    "requirement",
    [
        pytest.param("pdm==2.7.4", id="lock_version 4.2"),
        pytest.param("pdm==2.9.3", id="lock_version 4.3"),
        pytest.param("pdm==2.12.4", id="lock_version 4.4.1"),
        pytest.param(NEWEST, id="lock_version 4.5.0"),
    ],
)
def test_exactly_the_wanted_versions_and_nothing_that_pdm_itself_would_not_change(
    tmp_path: Path, real: PythonTools, requirement: str
) -> None:
    locked(tmp_path, real, requirement)
    before = versions(REMEDIATOR, UNIT, tmp_path)

    # What pdm's own command writes, told the exact versions by the manifest.
    bare = tmp_path / "bare"
    bare.mkdir()
    pinned = MANIFEST.replace(">=3.1.2,<3.2", "==3.1.4").replace('"requests', '"urllib3==1.26.19",\n    "requests')
    (bare / "pyproject.toml").write_text(pinned)
    (bare / "pdm.lock").write_bytes((tmp_path / "pdm.lock").read_bytes())
    pdm(bare, real, requirement, {}, "update", "--no-sync", "--update-reuse", "jinja2", "urllib3")

    moves = [Upgrade("jinja2", "3.1.2", "3.1.4", direct=True), Upgrade("urllib3", "1.26.17", "1.26.19", direct=False)]
    upgraded(REMEDIATOR, UNIT, tmp_path, real, *moves)
    assert versions(REMEDIATOR, UNIT, tmp_path) == {**before, "jinja2": "3.1.4", "urllib3": "1.26.19"}
    assert packages(tmp_path) == packages(bare)
    assert (tmp_path / "pyproject.toml").read_text() == MANIFEST
    pdm(tmp_path, real, requirement, {}, "lock", "--check")


def test_a_requirement_that_refuses_the_fix_is_rewritten_and_the_lock_agrees(tmp_path: Path, real: PythonTools) -> None:
    manifest = MANIFEST.replace(">=3.1.2,<3.2", "==3.1.2")
    locked(tmp_path, real, NEWEST, manifest)
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("jinja2", "3.1.2", "3.1.4", direct=True))
    assert versions(REMEDIATOR, UNIT, tmp_path).items() >= {**OLD, "jinja2": "3.1.4"}.items()
    assert (tmp_path / "pyproject.toml").read_text() == manifest.replace("==3.1.2", "==3.1.4")
    pdm(tmp_path, real, NEWEST, {}, "lock", "--check")


def test_who_holds_a_package_back_is_named_moved_with_it_or_overridden(tmp_path: Path, real: PythonTools) -> None:
    locked(tmp_path, real, NEWEST)
    fix = Upgrade("urllib3", "1.26.17", "2.2.2", direct=False)
    lock = (tmp_path / "pdm.lock").read_bytes()
    with pytest.raises(BlockedError, match=r"requests 2\.25\.1 requires urllib3 <1\.27,>=1\.21\.1, not 2\.2\.2"):
        upgraded(REMEDIATOR, UNIT, tmp_path, real, fix)
    assert (tmp_path / "pdm.lock").read_bytes() == lock

    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("requests", "2.25.1", "2.32.3", direct=True), fix)
    assert versions(REMEDIATOR, UNIT, tmp_path).items() >= {**OLD, "urllib3": "2.2.2", "requests": "2.32.3"}.items()

    (tmp_path / "pdm.lock").write_bytes(lock)
    (tmp_path / "pyproject.toml").write_text(MANIFEST)
    override = Upgrade("urllib3", "1.26.17", "2.2.2", direct=False, override=True)
    upgraded(REMEDIATOR, UNIT, tmp_path, real, override)
    assert versions(REMEDIATOR, UNIT, tmp_path).items() >= {**OLD, "urllib3": "2.2.2"}.items()
    assert (tmp_path / "pyproject.toml").read_text() == (
        MANIFEST + '\n[tool.pdm.resolution.overrides]\nurllib3 = ">=2.2.2"\n'
    )
    pdm(tmp_path, real, NEWEST, {}, "lock", "--check")


@pytest.mark.parametrize("requirement", ["pdm==2.7.4", "pdm==2.12.4", NEWEST])
def test_the_options_of_a_project_do_not_lead_pdm_elsewhere(
    tmp_path: Path, real: PythonTools, requirement: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    locked(work, real, requirement)
    manifest = f'{MANIFEST}\n[tool.pdm.options]\nlock = ["--lockfile", "{tmp_path}/elsewhere.lock"]\n'
    (work / "pyproject.toml").write_text(manifest)
    upgraded(REMEDIATOR, UNIT, work, real, Upgrade("jinja2", "3.1.2", "3.1.4", direct=True))
    assert not (tmp_path / "elsewhere.lock").exists()
    assert versions(REMEDIATOR, UNIT, work)["jinja2"] == "3.1.4"


HOSTILE = """\
import pathlib

pathlib.Path(__file__).with_name("it-ran").touch()
"""


@pytest.mark.parametrize("requirement", ["pdm==2.9.3", NEWEST])
@pytest.mark.parametrize(
    ("dependency", "more"),
    [
        pytest.param("lib @ file:///${PROJECT_ROOT}/lib", "", id="a folder"),
        pytest.param("lib @ git+https://registry.example/lib.git@v1", "", id="Git"),
        pytest.param("demjson==2.2.4", "", id="published as source only"),
    ],
)
def test_nothing_is_built_or_cloned(
    tmp_path: Path, real: PythonTools, requirement: str, dependency: str, more: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(MANIFEST.replace("requests==2.25.1", dependency) + more)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "setup.py").write_text(HOSTILE)
    with pytest.raises(ToolError) as raised:
        pdm(tmp_path, real, requirement, {}, "lock", "--skip=:all")
    assert "the bot builds nothing and clones nothing" in raised.value.stderr
    assert not list(tmp_path.rglob("it-ran"))


@pytest.mark.parametrize("requirement", ["pdm==2.7.4", "pdm==2.12.4", NEWEST])
def test_no_command_of_the_project_runs_and_no_environment_is_made(
    tmp_path: Path, real: PythonTools, requirement: str
) -> None:
    hooks = '\n[tool.pdm.scripts]\npre_lock = "touch it-ran"\npost_lock = { shell = "touch it-ran" }\n'
    locked(tmp_path, real, requirement, MANIFEST.replace(">=3.9", ">=3.9,<4") + hooks)
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("urllib3", "1.26.17", "1.26.19", direct=False))
    assert {path.name for path in tmp_path.iterdir()} == {"pyproject.toml", "pdm.lock"}


def test_a_python_that_is_not_there_is_no_obstacle(tmp_path: Path, real: PythonTools) -> None:
    project = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.14"\ndependencies = ["idna"]\n'
    (tmp_path / "pyproject.toml").write_text(project)
    pdm(tmp_path, real, NEWEST, {"idna": "3.6"}, "lock", "--skip=:all")
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("idna", "3.6", "3.7", direct=True))
    assert versions(REMEDIATOR, UNIT, tmp_path) == {"idna": "3.7"}
