"""A locked script on a real index: its lock differs by no more than what uv itself would change."""

from pathlib import Path

import pytest
import uv

from remediators.api import Remediator, Upgrade
from remediators.scripts.remediator import Scripts
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python.real import PythonTools, reached, upgraded, versions
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

REMEDIATOR: Remediator = Scripts()
SCRIPT = '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["jinja2==3.1.2"]\n# ///\n'
LOCK = [uv.find_uv_bin(), "lock", "--quiet", "--script", "a.py"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PythonTools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param(Upgrade("jinja2", "3.1.2", "3.1.6", direct=True), id="direct"),
        pytest.param(Upgrade("markupsafe", "2.1.3", "2.1.5", direct=False), id="transitive"),
    ],
)
def test_the_lock_is_the_tools_own(tmp_path: Path, real: PythonTools, upgrade: Upgrade) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for work in (ours, theirs):
        work.mkdir()
        (work / "a.py").write_text(SCRIPT)
        reached(lambda: real.run([*LOCK, "--upgrade-package", "markupsafe==2.1.3"], work, ENVIRONMENT))  # noqa: B023
    (unit,) = REMEDIATOR.units(("a.py", "a.py.lock"))
    upgraded(REMEDIATOR, unit, ours, real, upgrade)
    if upgrade.direct:
        (theirs / "a.py").write_text(SCRIPT.replace("3.1.2", "3.1.6"))
    more = ["--upgrade-package", f"{upgrade.package}=={upgrade.after}"]
    reached(lambda: real.run([*LOCK, *more], theirs, ENVIRONMENT))
    assert versions(REMEDIATOR, unit, ours)[upgrade.package] == upgrade.after
    assert (ours / "a.py.lock").read_bytes() == (theirs / "a.py.lock").read_bytes()
    assert (ours / "a.py").read_text() == (theirs / "a.py").read_text()
