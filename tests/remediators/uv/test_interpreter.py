import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.version import Version

from remediators.api import Completed, Unit
from remediators.uv.interpreter import stand_in_version
from remediators.uv.project import UvProject, read_project
from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import LOCK, MANIFEST, relock


def project(manifest: str, lock: str, member: str = "") -> UvProject:
    files = {"pyproject.toml": manifest, "uv.lock": lock, "a/pyproject.toml": member}
    return read_project(
        Unit("uv", "pyproject.toml", "uv.lock", tuple(files)), "uv.lock", lambda path: files[path].encode()
    )


def requires(text: str) -> str:
    return f"[project]\nname = 'x'\nrequires-python = '{text}'\n"


@pytest.mark.parametrize(
    ("manifest", "lock", "member", "version"),
    [
        pytest.param(requires(">=3.9"), ">=3.9", "", None, id="the bot's own will do"),
        pytest.param(requires(">=3.12"), ">=3.12", "", "3.12.0", id="newer"),
        pytest.param(requires(">=3.8.2,<3.11"), ">=3.8.2,<3.11", "", "3.8.2", id="older"),
        pytest.param(requires("==3.13.*"), "==3.13.*", "", "3.13.0", id="one of them"),
        pytest.param(requires(">=3.9"), ">=3.12", requires(">=3.12"), "3.12.0", id="a member's"),
        pytest.param("[project]\nname = 'x'\n", ">=3.11", "", None, id="none: locked with a Python like the bot's"),
        pytest.param("[project]\nname = 'x'\n", ">=3.10", "", "3.10.0", id="none: locked with an older one"),
        pytest.param("[project]\nname = 'x'\n", ">=3.13", "", "3.13.0", id="none: locked with a newer one"),
        pytest.param("[project]\nname = 'x'\n", "", "", None, id="none at all"),
        pytest.param(requires(">=4"), ">=4", "", None, id="none that there is: uv says so"),
        pytest.param(requires("new"), "new", "", None, id="unreadable: uv says so"),
    ],
)
def test_a_python_that_the_project_admits(manifest: str, lock: str, member: str, version: str | None) -> None:
    text = f'version = 1\nrequires-python = "{lock}"\n[manifest]\nmembers = ["a"]\n[[package]]\n'
    text += 'name = "a"\nversion = "1"\nsource = { editable = "a" }\n'
    found = stand_in_version(project(manifest, text, member), Version("3.11.7"))
    assert found == (None if version is None else Version(version))


def test_uv_gets_a_python_that_says_so(tmp_path: Path, tools: FakeTools) -> None:
    wanted = f"3.{sys.version_info.minor + 1}"
    said: list[str] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        assert arguments[-2] == "--python"
        markers = '{"markers": {"os_name": "x", "python_version": "3.0"}, "sys_executable": "x"}'
        ask = f'"get_interpreter_info"; print({markers!r})'
        done = subprocess.run([arguments[-1], "-c", ask], cwd=cwd, capture_output=True, text=True, check=True)
        said.append(done.stdout)
        for told, status in (("'get_interpreter_info'; raise SystemExit(7)", 7), ("print('built')", 1)):
            other = subprocess.run([arguments[-1], "-c", told], cwd=cwd, capture_output=True, check=False)
            assert (other.returncode, other.stdout) == (status, b"")
        (cwd / "uv.lock").write_text(LOCK.replace("3.1.2", "3.1.6"))
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, manifest=MANIFEST + f'requires-python = ">={wanted}"\n')
    assert said == [
        f'{{"markers": {{"os_name": "x", "python_version": "{wanted}", "python_full_version": "{wanted}.0", '
        f'"implementation_version": "{wanted}.0"}}, "sys_executable": "/nowhere/python", '
        '"sys_base_executable": "/nowhere/python"}'
    ]
    assert {path.name for path in (tmp_path / "app").iterdir()} == {"pyproject.toml", "uv.lock"}
