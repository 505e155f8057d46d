"""pip-tools and uv on a real index: the output differs by no more than what the tool itself would change."""

from pathlib import Path

import pytest
import uv

from remediators.api import Remediator, Unit, Upgrade
from remediators.compiled.run import PIP_TOOLS
from remediators.errors import BlockedError, Requirer
from remediators.pylock import Pylock
from remediators.python.tool import LockTools, run_tool
from remediators.requirements.remediator import Requirements
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python.real import PythonTools, reached, upgraded, versions
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

REMEDIATORS: dict[str, Remediator] = {"uv": Requirements(), "pip-compile": Requirements(), "pylock": Pylock()}
OUTPUT = {"uv": "requirements.txt", "pip-compile": "requirements.txt", "pylock": "pylock.toml"}
SOURCE = "jinja2==3.1.2  # the template engine\nrequests==2.31.0\n"
OLD = ("markupsafe==2.1.3", "urllib3==2.0.4", "idna==3.6", "certifi==2023.7.22", "charset-normalizer==3.2.0")
JINJA = Upgrade("jinja2", "3.1.2", "3.1.6", direct=True)
URLLIB = Upgrade("urllib3", "2.0.4", "2.2.2", direct=False)
UV = [uv.find_uv_bin(), "pip", "compile", "--quiet", "requirements.in", "--output-file"]
PIP_COMPILE = ["pip-compile", "--quiet", "--strip-extras", "--output-file=requirements.txt", "requirements.in"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PythonTools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")))


def run(kind: str, work: Path, tools: PythonTools, *more: str) -> None:
    """The tool itself, as a person would run it."""
    if kind == "pip-compile":
        reached(lambda: run_tool(PIP_TOOLS, [*PIP_COMPILE, *more], work, None, LockTools(tools)))
    else:
        reached(lambda: tools.run([*UV, OUTPUT[kind], *more], work, ENVIRONMENT))


def compiled(kind: str, work: Path, tools: PythonTools, *more: str) -> Unit:
    """A project with old pins, compiled by the tool itself."""
    work.mkdir()
    (work / "requirements.in").write_text(SOURCE)
    run(kind, work, tools, *more, *(part for pin in OLD for part in ("--upgrade-package", pin)))
    files = {path.name: path.read_bytes() for path in work.iterdir()}
    (unit,) = (REMEDIATORS[kind].expand(one, files.get) for one in REMEDIATORS[kind].units(tuple(files)))
    return unit


@pytest.mark.parametrize("upgrade", [pytest.param(JINJA, id="direct"), pytest.param(URLLIB, id="transitive")])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("uv", (), id="uv"),
        pytest.param("uv", ("--generate-hashes",), id="uv with hashes"),
        pytest.param("pip-compile", (), id="pip-compile"),
        pytest.param("pip-compile", ("--generate-hashes",), id="pip-compile with hashes"),
        pytest.param("pylock", (), id="pylock"),
    ],
)
def test_the_output_is_the_tools_own(
    tmp_path: Path, real: PythonTools, kind: str, options: tuple[str, ...], upgrade: Upgrade
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    unit = compiled(kind, ours, real, *options)
    compiled(kind, theirs, real, *options)
    upgraded(REMEDIATORS[kind], unit, ours, real, upgrade)
    if upgrade.direct:
        (theirs / "requirements.in").write_text(SOURCE.replace("jinja2==3.1.2", "jinja2==3.1.6"))
    run(kind, theirs, real, *options, "--upgrade-package", f"{upgrade.package}=={upgrade.after}")
    assert versions(REMEDIATORS[kind], unit, ours)[upgrade.package] == upgrade.after
    assert (ours / OUTPUT[kind]).read_text() == (theirs / OUTPUT[kind]).read_text()
    assert (ours / "requirements.in").read_text() == (theirs / "requirements.in").read_text()


@pytest.mark.parametrize("kind", ["uv", "pip-compile", "pylock"])
def test_who_holds_a_package_back_is_named(tmp_path: Path, real: PythonTools, kind: str) -> None:
    unit = compiled(kind, tmp_path / "ours", real)
    with pytest.raises(BlockedError, match=r"requests==2\.31\.0 depends on idna") as blocked:
        upgraded(REMEDIATORS[kind], unit, tmp_path / "ours", real, Upgrade("idna", "3.6", "2.4", direct=False))
    assert Requirer("requests", "2.31.0", ">=2.5,<4", direct=True) in blocked.value.blockers
