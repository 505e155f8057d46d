"""Fixes in a workspace with a real uv and a real index, each beside what uv itself does when a person asks it.

Skipped where no index is in reach.
"""

import difflib
import shutil
from pathlib import Path

import pytest
import uv

from remediators.api import Tools, Unit, Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python.real import PythonTools, reached
from tests.remediators.real_tools import RealTools
from tests.remediators.uv.real import REMEDIATOR, locked, plain_lock, upgrade, versions

pytestmark = pytest.mark.registry

ROOT = """\
# The workspace.
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["a", "requests==2.25.1"]

[dependency-groups]
dev = ["six>=1.15"]  # tests

[tool.uv]
constraint-dependencies = ["idna<3"]

[tool.uv.workspace]
members = ["libs/*"]

[tool.uv.sources]
a = { workspace = true }
"""
MEMBER = """\
[project]
name = "a"
version = "1.0"
requires-python = ">=3.11"
dependencies = [
    'jinja2==3.1.2',  # templates
    "six==1.15.0 ; python_version < '3.12'",
    "six==1.16.0 ; python_version >= '3.12'",
]

[build-system]
requires = ["hostile"]
build-backend = "hostile"
"""
PINS = ("markupsafe==2.1.3", "urllib3==1.26.5", "certifi==2023.7.22", "chardet==4.0.0", "idna==2.10")
MEMBER_PATH = "libs/a/pyproject.toml"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def locked_workspace(tmp_path_factory: pytest.TempPathFactory, real: Tools) -> tuple[Unit, Path]:
    work = tmp_path_factory.mktemp("workspace")
    return locked(work, real, ROOT, *PINS, files={MEMBER_PATH: MEMBER}), work


@pytest.fixture
def workspace(tmp_path: Path, locked_workspace: tuple[Unit, Path]) -> tuple[Unit, Path]:
    unit, work = locked_workspace
    return unit, Path(shutil.copytree(work, tmp_path / "ours"))


def changed_lines(before: Path, after: Path) -> list[str]:
    """The lines of the lock that differ."""
    old, new = ((folder / "uv.lock").read_text().splitlines() for folder in (before, after))
    return [line for line in difflib.unified_diff(old, new, n=0, lineterm="") if line[:3] not in {"---", "+++"}]


def beside_plain_uv(before: Path, ours: Path, tools: Tools, *pins: str) -> None:
    """Our lock differs from the old one in no line more than that of a plain uv, and uv agrees with it."""
    plain = Path(shutil.copytree(ours, ours.parent / "plain"))
    shutil.copy(before / "uv.lock", plain)
    plain_lock(plain, tools, *pins)
    assert len(changed_lines(before, ours)) <= len(changed_lines(before, plain))
    reached(lambda: tools.run([uv.find_uv_bin(), "lock", "--check"], ours, ENVIRONMENT))


def test_a_direct_dependency_of_a_member(
    workspace: tuple[Unit, Path], locked_workspace: tuple[Unit, Path], real: Tools
) -> None:
    unit, work = workspace
    before = versions(unit, work)
    upgrade(unit, work, real, Upgrade("jinja2", "3.1.2", "3.1.6", direct=True))
    assert versions(unit, work) == {**before, "jinja2": "3.1.6"}
    assert (work / MEMBER_PATH).read_text() == MEMBER.replace("3.1.2", "3.1.6")
    assert (work / "pyproject.toml").read_text() == ROOT
    beside_plain_uv(locked_workspace[1], work, real, "jinja2==3.1.6")


def test_a_transitive_dependency_in_the_lock_alone(
    workspace: tuple[Unit, Path], locked_workspace: tuple[Unit, Path], real: Tools
) -> None:
    unit, work = workspace
    before = versions(unit, work)
    upgrade(unit, work, real, Upgrade("markupsafe", "2.1.3", "2.1.5", direct=False))
    assert versions(unit, work) == {**before, "markupsafe": "2.1.5"}
    assert ((work / MEMBER_PATH).read_text(), (work / "pyproject.toml").read_text()) == (MEMBER, ROOT)
    beside_plain_uv(locked_workspace[1], work, real, "markupsafe==2.1.5")


URLLIB3 = Upgrade("urllib3", "1.26.5", "2.2.2", direct=False)


def test_a_transitive_dependency_whose_parent_is_raised(
    workspace: tuple[Unit, Path], locked_workspace: tuple[Unit, Path], real: Tools
) -> None:
    unit, work = workspace
    with pytest.raises(BlockedError) as caught:
        upgrade(unit, work, real, URLLIB3)
    (parent,) = caught.value.blockers
    assert parent == Requirer("requests", "2.25.1", ">=1.21.1,<1.27", direct=True)
    index = REMEDIATOR.registry
    needs = {v: index.requirements("requests", v, None, real)["urllib3"] for v in ("2.28.2", "2.31.0")}
    fitting = [v for v, wanted in needs.items() if REMEDIATOR.versions.satisfies("2.2.2", wanted)]
    assert fitting == ["2.31.0"]

    upgrade(unit, work, real, Upgrade("requests", "2.25.1", "2.31.0", direct=True), URLLIB3)
    after = versions(unit, work)
    assert (after["requests"], after["urllib3"]) == ("2.31.0", "2.2.2")
    assert (after["jinja2"], after["markupsafe"], after["certifi"]) == ("3.1.2", "2.1.3", "2023.7.22")
    assert (work / "pyproject.toml").read_text() == ROOT.replace("2.25.1", "2.31.0")
    beside_plain_uv(locked_workspace[1], work, real, "requests==2.31.0", "urllib3==2.2.2")


def test_a_transitive_dependency_that_is_overridden(
    workspace: tuple[Unit, Path], locked_workspace: tuple[Unit, Path], real: Tools
) -> None:
    unit, work = workspace
    before = versions(unit, work)
    upgrade(unit, work, real, Upgrade("urllib3", "1.26.5", "2.2.2", direct=False, override=True))
    assert versions(unit, work) == {**before, "urllib3": "2.2.2"}
    line = 'constraint-dependencies = ["idna<3"]\n'
    assert (work / "pyproject.toml").read_text() == ROOT.replace(
        line, f'{line}override-dependencies = ["urllib3>=2.2.2"]\n'
    )
    beside_plain_uv(locked_workspace[1], work, real, "urllib3==2.2.2")


def test_one_of_two_forks(workspace: tuple[Unit, Path], locked_workspace: tuple[Unit, Path], real: Tools) -> None:
    unit, work = workspace
    upgrade(unit, work, real, Upgrade("six", "1.16.0", "1.17.0", direct=True))
    parsed = REMEDIATOR.parse(unit, lambda path: (work / path).read_bytes())
    six = {(d.manifest, d.version) for d in parsed.dependencies if d.package == "six"}
    assert six == {(path, version) for path in (MEMBER_PATH, "pyproject.toml") for version in ("1.15.0", "1.17.0")}
    assert (work / MEMBER_PATH).read_text() == MEMBER.replace("1.16.0", "1.17.0")
    beside_plain_uv(locked_workspace[1], work, real, "six==1.17.0 ; python_full_version >= '3.12'")


CONFLICTING = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"

[project.optional-dependencies]
old = ["jinja2==3.0.3"]
new = ["jinja2==3.1.2"]

[tool.uv]
conflicts = [[{ extra = "old" }, { extra = "new" }]]
"""


def test_one_of_two_extras_that_conflict(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, CONFLICTING, "markupsafe==2.1.3")
    upgrade(unit, tmp_path, real, Upgrade("jinja2", "3.1.2", "3.1.6", direct=True))
    parsed = REMEDIATOR.parse(unit, lambda path: (tmp_path / path).read_bytes())
    assert {(d.package, d.version) for d in parsed.dependencies} == {
        ("jinja2", "3.0.3"),
        ("jinja2", "3.1.6"),
        ("markupsafe", "2.1.3"),
    }
