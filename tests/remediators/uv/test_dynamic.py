import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from remediators.api import Completed
from remediators.documents.toml_document import read_toml
from remediators.uv.dynamic import known_fields
from remediators.uv.lock import read_lock
from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import LOCK, relock

MANIFEST = """\
[project]
name = "demo"
dynamic = ["dependencies", "optional-dependencies"]
[tool.hatch.metadata.hooks.uv-dynamic-versioning]
dependencies = ["web[x]>=1", "Foo.Bar<2", "own=={{ version }}"]
[tool.hatch.metadata.hooks.uv-dynamic-versioning.optional-dependencies]
fast = ["hf-xet<1.5 ; platform_machine in 'AMD64 arm64'"]
"""


def known(requires: str, extras: str = "[]", manifest: str = MANIFEST) -> Mapping[str, object] | None:
    lock = f"""\
version = 1
[[package]]
name = "demo"
version = "1"
source = {{ editable = "." }}
dependencies = [{{ name = "web" }}]
[package.metadata]
requires-dist = [{requires}]
provides-extras = {extras}
"""
    (package,) = read_lock("uv.lock", lock.encode()).packages
    return known_fields(read_toml("pyproject.toml", manifest.encode()), package)


@pytest.mark.parametrize(
    ("requires", "always", "optional"),
    [
        pytest.param('{ name = "web", specifier = ">=1" }', ["web>=1"], {"none": []}, id="a range"),
        pytest.param(
            '{ name = "web", extras = ["x", "y"], marker = "os_name == \'nt\'" },'
            '{ name = "foo-bar", specifier = "<2" }',
            ["web[x,y] ; os_name == 'nt'", "foo-bar<2"],
            {"none": []},
            id="extras, markers, names written differently",
        ),
        pytest.param('{ name = "own", editable = "libs/own" }', ["own"], {"none": []}, id="a member of the workspace"),
        pytest.param(
            "{ name = \"hf-xet\", marker = \"(a == '1' and extra == 'fast') or (a == '2' and extra == 'fast')\" }",
            [],
            {"none": [], "fast": ["hf-xet ; (a == '1' and extra == 'fast') or (a == '2' and extra == 'fast')"]},
            id="an extra's",
        ),
    ],
)
def test_a_lock_tells_what_a_backend_made(requires: str, always: list[str], optional: dict[str, list[str]]) -> None:
    assert known(requires, '["none"]') == {"dependencies": always, "optional-dependencies": optional}


@pytest.mark.parametrize(
    "requires",
    [
        pytest.param('{ name = "six" }', id="from somewhere else than the manifest"),
        pytest.param('{ name = "bar" }', id="only a part of a name in it"),
        pytest.param('{ name = "web", git = "https://registry.example/web.git" }', id="from Git"),
        pytest.param("{ name = \"web\", marker = \"extra == 'a' or os_name == 'nt'\" }", id="an extra's or not"),
        pytest.param("{ name = \"web\", marker = \"extra == 'a' or extra == 'b'\" }", id="two extras'"),
        pytest.param("1", id="no requirement"),
    ],
)
def test_what_it_does_not_tell_is_left_to_people(requires: str) -> None:
    assert known(requires) is None


def test_a_project_that_the_lock_does_not_hold_is_left_to_people() -> None:
    assert known_fields(read_toml("pyproject.toml", MANIFEST.encode()), None) is None


HOOKED = """\
[project]
name = "demo"
dynamic = ["dependencies", "readme", "version"]
[tool.hook]
dependencies = ["jinja2>=3,<4"]
"""
HOOKED_LOCK = LOCK.replace('version = "1.0"\n', "").replace(
    'dependencies = [{ name = "jinja2" }]\n',
    'dependencies = [{ name = "jinja2" }]\n[package.metadata]\n'
    'requires-dist = [{ name = "jinja2", specifier = ">=3,<4" }]\n',
)


def test_uv_locks_without_asking_the_backend(tmp_path: Path, tools: FakeTools) -> None:
    seen: list[object] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        seen.append(tomllib.loads((cwd / "pyproject.toml").read_text())["project"])
        moved = HOOKED_LOCK.replace("3.1.2", "3.1.6")
        (cwd / "uv.lock").write_text(moved.replace("source = { virtual", 'version = "0"\nsource = { virtual'))
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, manifest=HOOKED, lock=HOOKED_LOCK)
    assert seen == [{"name": "demo", "dependencies": ["jinja2>=3,<4"], "version": "0", "dynamic": ["readme"]}]
    assert (tmp_path / "app/pyproject.toml").read_text() == HOOKED
    assert (tmp_path / "app/uv.lock").read_text() == HOOKED_LOCK.replace("3.1.2", "3.1.6")
