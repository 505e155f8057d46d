"""Poetry and a real index: what the fakes of the other tests stand for. Skipped where no index is in reach."""

from pathlib import Path

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from remediators.api import Unit, Upgrade
from remediators.errors import BlockedError, ToolError
from remediators.poetry.lock import read_lock
from remediators.poetry.relock import run_poetry
from remediators.poetry.remediator import Poetry
from remediators.python.tool import LockTools
from tests.remediators.python.real import PythonTools, reached, upgraded, versions
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

REMEDIATOR = Poetry()
UNIT = Unit("poetry", "pyproject.toml", "poetry.lock", ("pyproject.toml", "poetry.lock"))

OWN = """\
[tool.poetry]
name = "demo"
version = "1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.9"
jinja2 = {version = "~3.1.2", extras = ["i18n"]}  # the template engine
requests = "2.25.1"
"""
STANDARD = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9,<4"
dependencies = [
    "jinja2[i18n] (>=3.1.2,<3.2)",  # the template engine
    "requests==2.25.1",
]
"""
OLD = {"jinja2": "3.1.2", "urllib3": "1.26.17", "markupsafe": "2.1.3"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> PythonTools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")), cache)


def poetry(work: Path, tools: PythonTools, version: str, *command: str) -> None:
    """A bare Poetry, as its user would run it."""
    reached(lambda: run_poetry(command, version, work, PYPI_SIMPLE_ENDPOINT, LockTools(tools), ""))


def kept(version: str) -> list[str]:
    return ["lock"] if version.startswith("2") else ["lock", "--no-update"]


def locked(work: Path, tools: PythonTools, version: str, manifest: str, **old: str) -> None:
    """A project that this Poetry has locked, with these packages at old versions."""
    (work / "pyproject.toml").write_text(manifest)
    poetry(work, tools, version, "lock")
    lock = read_lock("poetry.lock", (work / "poetry.lock").read_bytes())
    newest = {(package.name, package.version): old[package.name] for package in lock.packages if package.name in old}
    (work / "poetry.lock").write_bytes(lock.moved(newest))
    poetry(work, tools, version, *kept(version))
    assert versions(REMEDIATOR, UNIT, work).items() >= old.items()


def packages(work: Path) -> str:
    """The lockfile up to the hash of the manifest."""
    text = (work / "poetry.lock").read_text()
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("content-hash"))


@pytest.mark.parametrize(
    ("version", "manifest"),
    [
        pytest.param("1.2.2", OWN, id="lock-version 1.1"),
        pytest.param("1.8.3", OWN, id="lock-version 2.0"),
        pytest.param("2.2.1", OWN, id="lock-version 2.1"),
        pytest.param("2.2.1", STANDARD, id="lock-version 2.1 with [project]"),
    ],
)
def test_exactly_the_wanted_versions_and_nothing_that_poetry_itself_would_not_change(
    tmp_path: Path, real: PythonTools, version: str, manifest: str
) -> None:
    locked(tmp_path, real, version, manifest, **OLD)
    before = versions(REMEDIATOR, UNIT, tmp_path)

    # What Poetry's own command writes, told the exact versions by the manifest.
    bare = tmp_path / "bare"
    bare.mkdir()
    pins = (("~3.1.2", "3.1.4"), (">=3.1.2,<3.2", "==3.1.4"), ('"2.25.1"\n', '"2.25.1"\nurllib3 = "1.26.19"\n'))
    pinned = manifest.replace('"requests', '"urllib3==1.26.19",\n    "requests')
    for old, new in pins:
        pinned = pinned.replace(old, new)
    (bare / "pyproject.toml").write_text(pinned)
    (bare / "poetry.lock").write_bytes((tmp_path / "poetry.lock").read_bytes())
    poetry(bare, real, version, "update", "--lock", "jinja2", "urllib3")

    moves = [Upgrade("jinja2", "3.1.2", "3.1.4", direct=True), Upgrade("urllib3", "1.26.17", "1.26.19", direct=False)]
    upgraded(REMEDIATOR, UNIT, tmp_path, real, *moves)
    assert versions(REMEDIATOR, UNIT, tmp_path) == {**before, "jinja2": "3.1.4", "urllib3": "1.26.19"}
    assert packages(tmp_path) == packages(bare)
    assert (tmp_path / "pyproject.toml").read_text() == manifest
    if version != "1.2.2":
        poetry(tmp_path, real, version, "check", "--lock")


def test_a_constraint_that_refuses_the_fix_is_rewritten_and_the_lock_agrees(tmp_path: Path, real: PythonTools) -> None:
    locked(tmp_path, real, "1.8.3", OWN.replace("~3.1.2", "3.1.2"), **OLD)
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("jinja2", "3.1.2", "3.1.4", direct=True))
    assert versions(REMEDIATOR, UNIT, tmp_path).items() >= {**OLD, "jinja2": "3.1.4"}.items()
    assert (tmp_path / "pyproject.toml").read_text() == OWN.replace("~3.1.2", "3.1.4")
    poetry(tmp_path, real, "1.8.3", "check", "--lock")


def test_who_holds_a_package_back_is_named_and_can_move_with_it(tmp_path: Path, real: PythonTools) -> None:
    locked(tmp_path, real, "2.2.1", OWN, **OLD)
    fix = Upgrade("urllib3", "1.26.17", "2.2.2", direct=False)
    lock = (tmp_path / "poetry.lock").read_bytes()
    with pytest.raises(BlockedError, match=r"requests 2\.25\.1 requires urllib3 >=1\.21\.1,<1\.27, not 2\.2\.2"):
        upgraded(REMEDIATOR, UNIT, tmp_path, real, fix)
    assert (tmp_path / "poetry.lock").read_bytes() == lock
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("requests", "2.25.1", "2.32.3", direct=True), fix)
    assert versions(REMEDIATOR, UNIT, tmp_path).items() >= {**OLD, "urllib3": "2.2.2", "requests": "2.32.3"}.items()


BUILT = """\
import setuptools

open("it-ran", "w").close()
setuptools.setup(name="lib", version=open("VERSION").read())
"""


@pytest.mark.parametrize("version", ["1.2.2", "1.8.3", "2.2.1"])
@pytest.mark.parametrize(
    "requirement",
    [
        pytest.param('{path = "lib"}', id="a folder"),
        pytest.param('{git = "https://registry.example/lib.git"}', id="Git"),
        pytest.param('"2.2.4"', id="published as source only"),
    ],
)
def test_nothing_is_built_or_cloned(tmp_path: Path, real: PythonTools, version: str, requirement: str) -> None:
    # What demjson requires is only told by a run of its setup.py.
    (tmp_path / "pyproject.toml").write_text(OWN.replace('requests = "2.25.1"', f"demjson = {requirement}"))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "setup.py").write_text(BUILT)
    with pytest.raises(ToolError) as raised:
        poetry(tmp_path, real, version, "lock")
    assert "the bot builds nothing and clones nothing" in raised.value.stderr
    assert not list(tmp_path.rglob("it-ran"))


@pytest.mark.parametrize("version", ["1.2.2", "1.8.3", "2.2.1"])
def test_no_plugin_of_the_project_is_installed_and_no_environment_made(
    tmp_path: Path, real: PythonTools, version: str
) -> None:
    # Nor is a Python needed that this machine may not have.
    plugins = '[tool.poetry.requires-plugins]\npoetry-plugin-export = "*"\n' if version.startswith("2") else ""
    manifest = OWN.partition("jinja2")[0].replace("^3.9", "^3.14") + 'idna = "3.6"\n' + plugins
    (tmp_path / "pyproject.toml").write_text(manifest)
    poetry(tmp_path, real, version, "lock")
    upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("idna", "3.6", "3.7", direct=True))
    assert versions(REMEDIATOR, UNIT, tmp_path) == {"idna": "3.7"}
    assert {path.name for path in tmp_path.iterdir()} == {"pyproject.toml", "poetry.lock"}


def test_a_release_that_the_index_does_not_have_is_not_locked(tmp_path: Path, real: PythonTools) -> None:
    locked(tmp_path, real, "1.8.3", OWN, **OLD)
    with pytest.raises((BlockedError, ToolError), match=r"urllib3"):
        upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("urllib3", "1.26.17", "1.26.999", direct=False))


LOCKED_FROM_GIT = """
[[package]]
name = "tool"
version = "1.0"
description = ""
optional = false
python-versions = "*"
{}files = []
develop = false

[package.source]
type = "git"
url = "https://registry.example/tool.git"
reference = "HEAD"
resolved_reference = "0123456789012345678901234567890123456789"

[metadata]
"""


@pytest.mark.parametrize(("version", "groups"), [("1.8.3", ""), ("2.2.1", 'groups = ["main"]\n')])
def test_what_is_locked_from_git_or_a_folder_stays_as_it_is(
    tmp_path: Path, real: PythonTools, version: str, groups: str
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pyproject.toml").write_text(OWN.replace('name = "demo"', 'name = "lib"'))
    manifest = OWN + 'lib = {path = "lib"}\n'
    locked(tmp_path, real, version, manifest, **OLD)
    lock = (tmp_path / "poetry.lock").read_text().replace("\n[metadata]\n", LOCKED_FROM_GIT.format(groups))
    (tmp_path / "poetry.lock").write_text(lock)
    (tmp_path / "pyproject.toml").write_text(manifest + 'tool = {git = "https://registry.example/tool.git"}\n')
    unit = REMEDIATOR.expand(UNIT, lambda path: (tmp_path / path).read_bytes())
    assert unit.files == (*UNIT.files, "lib/pyproject.toml")
    upgraded(REMEDIATOR, unit, tmp_path, real, Upgrade("urllib3", "1.26.17", "1.26.19", direct=False))
    assert versions(REMEDIATOR, unit, tmp_path).items() >= {**OLD, "urllib3": "1.26.19"}.items()
    assert LOCKED_FROM_GIT.format(groups).partition("[metadata]")[0].strip() in (tmp_path / "poetry.lock").read_text()
