"""Who leads to a package at a version, as each kind of lockfile tells it."""

from collections.abc import Mapping
from typing import Any

import pytest

from remediators.api import Reader, Remediator
from remediators.errors import Requirer
from remediators.npm.remediator import Npm
from remediators.requirements.remediator import Requirements
from remediators.uv.remediator import Uv
from tests.remediators.npm.projects import encoded

NPM: Remediator = Npm()
UV: Remediator = Uv()
REQUIREMENTS: Remediator = Requirements()


def asked(remediator: Remediator, files: Mapping[str, Any], package: str, version: str) -> tuple[Requirer, ...]:
    read: Reader = encoded(files).get
    unit = remediator.expand(remediator.units(tuple(files))[0], read)
    return remediator.requirers(unit, read, package, version)


UV_LOCK = """\
version = 1

[manifest]
members = ["a", "demo"]

[[package]]
name = "a"
version = "1.0"
source = { editable = "libs/a" }
dependencies = [{ name = "jinja2", version = "3.0", marker = "sys_platform == 'win32'" }]

[package.metadata]
requires-dist = [{ name = "jinja2", marker = "sys_platform == 'win32'", specifier = "<3.1" }]

[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "flask" }]

[package.dev-dependencies]
dev = [{ name = "jinja2", version = "3.1" }]

[package.metadata]
requires-dist = [{ name = "flask", specifier = "==2.0" }]

[package.metadata.requires-dev]
dev = [{ name = "jinja2", specifier = ">=3.1" }, { name = "jinja2" }]

[[package]]
name = "flask"
version = "2.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "flask-core" }]

[[package]]
name = "flask-core"
version = "2.0"
source = { registry = "https://registry.example/simple" }
dependencies = [
    { name = "jinja2", version = "3.0", marker = "sys_platform == 'win32'" },
    { name = "jinja2", version = "3.1", marker = "sys_platform != 'win32'" },
]

[[package]]
name = "jinja2"
version = "3.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "jinja2"
version = "3.1"
source = { registry = "https://registry.example/simple" }
"""


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        pytest.param(
            "Jinja2",
            "3.0",
            [Requirer("app/libs/a/pyproject.toml", "", "<3.1", True), Requirer("flask-core", "2.0", "", False)],
            id="one fork",
        ),
        pytest.param(
            "jinja2",
            "3.1",
            [
                Requirer("app/pyproject.toml", "", ">=3.1", True),
                Requirer("app/pyproject.toml", "", "", True),
                Requirer("flask-core", "2.0", "", False),
            ],
            id="the other fork, of a group that names it twice",
        ),
        pytest.param("flask-core", "2.0", [Requirer("flask", "2.0", "", True)], id="a parent that the manifest names"),
        pytest.param("jinja2", "2.9", [], id="a version that is not locked"),
        pytest.param("django", "1.0", [], id="another package"),
    ],
)
def test_a_lock_of_uv(package: str, version: str, expected: list[Requirer]) -> None:
    files = {"app/pyproject.toml": "[project]\nname = 'demo'\n", "app/uv.lock": UV_LOCK}
    assert asked(UV, files, package, version) == tuple(expected)


def test_a_root_of_uv_that_is_no_project_asks_in_its_groups() -> None:
    lock = """\
version = 1
[manifest.dependency-groups]
dev = [{ name = "six", specifier = ">=1" }]
[[package]]
name = "six"
version = "1.16"
source = { registry = "https://registry.example/simple" }
"""
    files = {"pyproject.toml": "[dependency-groups]\ndev = ['six>=1']\n", "uv.lock": lock}
    assert asked(UV, files, "six", "1.16") == (Requirer("pyproject.toml", "", ">=1", True),)


NPM_FILES = {
    "web/package.json": {"dependencies": {"debug": "^2.6.0"}, "devDependencies": {"m": "npm:ms@^2.0.0"}},
    "web/package-lock.json": {
        "lockfileVersion": 3,
        "packages": {
            "": {},
            "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}},
            "node_modules/send": {"version": "1.0.0", "peerDependencies": {"ms": "2.x"}},
            "node_modules/send/node_modules/old": {"version": "1.0.0", "dependencies": {"ms": "1.0.0"}},
            "node_modules/send/node_modules/old/node_modules/ms": {"version": "1.0.0"},
            "node_modules/m": {"version": "2.0.0", "name": "ms"},
            "node_modules/ms": {"version": "2.0.0"},
        },
    },
}


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        pytest.param(
            "ms",
            "2.0.0",
            [
                Requirer("web/package.json", "", "^2.0.0", True),
                Requirer("debug", "2.6.9", "2.0.0", True),
                Requirer("send", "1.0.0", "2.x", False),
            ],
            id="the manifest, a package that it names, and one that it does not",
        ),
        pytest.param("ms", "1.0.0", [Requirer("old", "1.0.0", "1.0.0", False)], id="a copy of its own"),
        pytest.param("ms", "9.0.0", [], id="a version that is not locked"),
    ],
)
def test_a_lock_of_npm(package: str, version: str, expected: list[Requirer]) -> None:
    assert asked(NPM, NPM_FILES, package, version) == tuple(expected)


@pytest.mark.parametrize(
    ("remediator", "files"),
    [
        pytest.param(REQUIREMENTS, {"requirements.txt": "six==1.16\n"}, id="requirements"),
        pytest.param(UV, {"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['six==1.16']\n"}, id="pyproject"),
        pytest.param(NPM, {"package.json": {"dependencies": {"six": "1.16"}}}, id="package.json"),
    ],
)
def test_without_a_lock_nobody_is_told(remediator: Remediator, files: Mapping[str, Any]) -> None:
    assert asked(remediator, files, "six", "1.16") == ()
