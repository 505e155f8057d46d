"""pipenv on a real index: just the wanted packages move, and the lock stays one that pipenv itself accepts."""

import json
from pathlib import Path

import pytest

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.pipenv.relock import PIPENV
from remediators.pipenv.remediator import Pipenv
from remediators.python.tool import LockTools, run_tool
from tests.remediators.python.real import PythonTools, reached, upgraded, versions
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

REMEDIATOR: Remediator = Pipenv()
UNIT = Unit("pipenv", "Pipfile", "Pipfile.lock", ("Pipfile", "Pipfile.lock"))
PIPFILE = """\
[packages]
jinja2 = "==3.1.2"  # the template engine
requests = "==2.31.0"
{}
[dev-packages]
six = "*"
"""
OLD = 'urllib3 = "==2.0.4"\nmarkupsafe = "==2.1.3"\n'


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PythonTools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, real: PythonTools) -> tuple[str, str]:
    """A Pipfile and its lock with old transitive packages, as pipenv itself writes them."""
    work = tmp_path_factory.mktemp("made")
    texts = []
    for old in (OLD, ""):
        (work / "Pipfile").write_text(PIPFILE.format(old))
        reached(lambda: run_tool(PIPENV, ["pipenv", "lock"], work, None, LockTools(real), {"PIPENV_YES": "1"}))
        texts.append((work / "Pipfile.lock").read_text())
    pinned, lock = map(json.loads, texts)
    for name in ("urllib3", "markupsafe"):
        lock["default"][name] = {key: value for key, value in pinned["default"][name].items() if key != "index"}
    text = json.dumps(lock, indent=4, separators=(",", ": "), sort_keys=True) + "\n"
    return PIPFILE.format(""), text


def project(work: Path, made: tuple[str, str]) -> dict[str, dict[str, object]]:
    (work / "Pipfile").write_text(made[0])
    (work / "Pipfile.lock").write_text(made[1])
    return entries(work)


def entries(work: Path) -> dict[str, dict[str, object]]:
    lock = json.loads((work / "Pipfile.lock").read_text())
    return {**lock["default"], **lock["develop"]}


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param(Upgrade("jinja2", "3.1.2", "3.1.6", direct=True), id="direct"),
        pytest.param(Upgrade("urllib3", "2.0.4", "2.2.2", direct=False), id="transitive"),
    ],
)
def test_one_package_moves(tmp_path: Path, real: PythonTools, made: tuple[str, str], upgrade: Upgrade) -> None:
    before = project(tmp_path, made)
    upgraded(REMEDIATOR, UNIT, tmp_path, real, upgrade)
    after = entries(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} == {upgrade.package}
    assert after.keys() == before.keys()
    assert versions(REMEDIATOR, UNIT, tmp_path)[upgrade.package] == upgrade.after
    assert len(after[upgrade.package]["hashes"]) >= 2  # type: ignore[arg-type]
    assert (tmp_path / "Pipfile").read_text() == made[0].replace("==3.1.2", "==3.1.6" if upgrade.direct else "==3.1.2")
    reached(lambda: run_tool(PIPENV, ["pipenv", "verify"], tmp_path, None, LockTools(real), {"PIPENV_YES": "1"}))


def test_who_holds_a_package_back_is_named(tmp_path: Path, real: PythonTools, made: tuple[str, str]) -> None:
    project(tmp_path, made)
    with pytest.raises(BlockedError, match=r"Pipfile cannot be locked with idna 2\.4: ") as blocked:
        upgraded(REMEDIATOR, UNIT, tmp_path, real, Upgrade("idna", "3.6", "2.4", direct=False))
    assert blocked.value.blockers == (Requirer("requests", "2.31.0", ">=2.5,<4", direct=True),)
