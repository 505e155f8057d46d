"""uv and a real index: what the fakes of the other tests stand for. Skipped where no index is in reach."""

import re
from pathlib import Path

import pytest
import uv

from remediators.api import Tools, Unit, Upgrade
from remediators.errors import BlockedError
from remediators.requirements.remediator import Requirements
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python.real import PythonTools, reached
from tests.remediators.real_tools import RealTools
from tests.remediators.uv.real import locked, upgrade, versions

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return PythonTools(RealTools(tmp_path_factory.mktemp("home")))


DIRECT = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["jinja2==3.1.2"]  # the template engine
"""


def test_a_pinned_dependency_moves_and_the_rest_stays(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, DIRECT, "markupsafe==2.1.5")
    assert versions(unit, tmp_path) == {"jinja2": "3.1.2", "markupsafe": "2.1.5"}
    upgrade(unit, tmp_path, real, Upgrade("jinja2", "3.1.2", "3.1.6", direct=True))
    assert versions(unit, tmp_path) == {"jinja2": "3.1.6", "markupsafe": "2.1.5"}
    assert (tmp_path / "pyproject.toml").read_text() == DIRECT.replace("3.1.2", "3.1.6")


def test_a_transitive_dependency_moves_in_the_lock_alone(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, DIRECT, "markupsafe==2.1.3")
    upgrade(unit, tmp_path, real, Upgrade("markupsafe", "2.1.3", "2.1.5", direct=False))
    assert versions(unit, tmp_path) == {"jinja2": "3.1.2", "markupsafe": "2.1.5"}
    assert (tmp_path / "pyproject.toml").read_text() == DIRECT


def test_what_holds_a_package_back_is_named(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, DIRECT.replace("jinja2==3.1.2", "requests==2.25.1"))
    before = (tmp_path / "uv.lock").read_bytes()
    urllib3 = Upgrade("urllib3", str(versions(unit, tmp_path)["urllib3"]), "2.2.2", direct=False)
    with pytest.raises(BlockedError, match=r"requests==2\.25\.1 depends on urllib3>=1\.21\.1,<1\.27"):
        upgrade(unit, tmp_path, real, urllib3)
    assert (tmp_path / "uv.lock").read_bytes() == before


FORKED = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["six==1.15.0 ; python_version < '3.11'", "six==1.16.0 ; python_version >= '3.11'"]
"""


def test_only_the_fork_at_the_old_version_moves(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, FORKED)
    upgrade(unit, tmp_path, real, Upgrade("six", "1.16.0", "1.17.0", direct=True))
    lock = (tmp_path / "uv.lock").read_text()
    assert re.findall(r'^name = "six"\nversion = "(.*)"', lock, re.MULTILINE) == ["1.15.0", "1.17.0"]


HOSTILE = """\
[build-system]
requires = []
build-backend = "hostile"
backend-path = ["."]

[project]
name = "demo"
dynamic = ["version"]
requires-python = ">=3.9"
readme = "README.md"
dependencies = ["idna==3.6"]
"""


def test_a_build_backend_of_the_project_never_runs(tmp_path: Path, real: Tools) -> None:
    unit = locked(tmp_path, real, HOSTILE.replace('dynamic = ["version"]', 'version = "1.0"'))
    lock = (tmp_path / "uv.lock").read_text().replace('version = "1.0"\n', "")
    (tmp_path / "uv.lock").write_text(lock)
    (tmp_path / "pyproject.toml").write_text(HOSTILE)
    ran = tmp_path / "it-ran"
    (tmp_path / "hostile.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    upgrade(unit, tmp_path, real, Upgrade("idna", "3.6", "3.7", direct=True))
    assert not ran.exists()
    assert versions(unit, tmp_path) == {"idna": "3.7"}
    assert 'name = "demo"\nsource = { editable = "." }\n' in (tmp_path / "uv.lock").read_text()


def test_renewed_hashes_are_the_ones_that_uv_writes(tmp_path: Path, real: Tools) -> None:
    (tmp_path / "requirements.txt").write_text("jinja2==3.1.6 \\\n    --hash=sha256:00\n")
    (tmp_path / "wanted.in").write_text("jinja2==3.1.6\n")
    argv = [uv.find_uv_bin(), "pip", "compile", "-q", "--generate-hashes", "--no-deps", "--no-header", "--no-annotate"]
    reached(lambda: real.run([*argv, "wanted.in", "-o", "wanted.txt"], tmp_path, ENVIRONMENT))
    unit = Unit("requirements", "requirements.txt", None, ("requirements.txt",))
    moved = [Upgrade("jinja2", "3.1.2", "3.1.6", direct=True)]
    reached(lambda: Requirements().relock(unit, tmp_path, moved, None, real))
    assert (tmp_path / "requirements.txt").read_text() == (tmp_path / "wanted.txt").read_text()


@pytest.mark.parametrize("requires", [">=3.14", ">=3.8,<3.10"])
def test_a_project_for_another_python_than_the_bot_s_is_locked(tmp_path: Path, real: Tools, requires: str) -> None:
    manifest = DIRECT.replace("jinja2==3.1.2", "python-dateutil==2.8.2")
    unit = locked(tmp_path, real, manifest, "six==1.15.0")
    (tmp_path / "pyproject.toml").write_text(manifest.replace(">=3.9", requires))
    upgrade(unit, tmp_path, real, Upgrade("six", "1.15.0", "1.16.0", direct=False))
    assert versions(unit, tmp_path) == {"python-dateutil": "2.8.2", "six": "1.16.0"}
    written = requires.replace(",", ", ")
    assert f'requires-python = "{written}"' in (tmp_path / "uv.lock").read_text()


def test_a_locked_package_without_a_wheel_stands_in_no_one_s_way(tmp_path: Path, real: Tools) -> None:
    manifest = DIRECT.replace('"jinja2==3.1.2"', '"forbiddenfruit==0.1.4", "idna==3.6"')
    unit = locked(tmp_path, real, manifest)
    before = (tmp_path / "uv.lock").read_text()
    assert "forbiddenfruit-0.1.4.tar.gz" in before
    upgrade(unit, tmp_path, real, Upgrade("idna", "3.6", "3.7", direct=True))
    assert versions(unit, tmp_path) == {"forbiddenfruit": "0.1.4", "idna": "3.7"}
    kept = before[before.index('name = "forbiddenfruit"\nversion') : before.index('name = "idna"\nversion')]
    assert kept in (tmp_path / "uv.lock").read_text()
