import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Upgrade
from remediators.errors import ToolError
from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import JINJA, LOCK, MANIFEST, fails, relock, writes

FROM_GIT = """
[[package]]
name = "theirs"
version = "2.0"
source = { git = "https://registry.example/theirs.git#abc" }
dependencies = [
    { name = "markupsafe" },
    { name = "demo", marker = "sys_platform == 'win32'" },
]
[package.optional-dependencies]
x = [{ name = "markupsafe", extra = ["y"], marker = "os_name == 'nt'" }]

[[package]]
name = "markupsafe"
version = "2.1.3"
source = { registry = "https://registry.example/simple" }
"""
NOTE = '[[manifest.dependency-metadata]]\nname = "theirs"\nversion = "2.0"\n\n'
OTHER_NOTE = '[[manifest.dependency-metadata]]\nname = "other"\n\n'


def test_uv_need_not_fetch_what_comes_from_git(tmp_path: Path, tools: FakeTools) -> None:
    seen: list[dict[str, Any]] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        seen.append(tomllib.loads((cwd / "pyproject.toml").read_text())["tool"]["uv"])
        moved = LOCK.replace("3.1.2", "3.1.6").replace("[[package]]", f"{OTHER_NOTE}{NOTE}[[package]]", 1)
        (cwd / "uv.lock").write_text(moved + FROM_GIT)
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, manifest=MANIFEST + "[tool.uv]\npackage = false\n", lock=LOCK + FROM_GIT)
    assert seen == [
        {
            "package": False,
            "dependency-metadata": [
                {
                    "name": "theirs",
                    "version": "2.0",
                    "requires-dist": [
                        "markupsafe==2.1.3",
                        "demo ; (sys_platform == 'win32')",
                        "markupsafe[y]==2.1.3 ; (os_name == 'nt') and (extra == 'x')",
                    ],
                    "provides-extra": ["x"],
                }
            ],
        }
    ]
    moved = LOCK.replace("3.1.2", "3.1.6").replace("[[package]]", f"{OTHER_NOTE}[[package]]", 1)
    assert (tmp_path / "app/uv.lock").read_text() == moved + FROM_GIT
    assert (tmp_path / "app/pyproject.toml").read_text() == MANIFEST + "[tool.uv]\npackage = false\n"


@pytest.mark.parametrize(
    ("manifest", "upgrade"),
    [
        pytest.param(MANIFEST, Upgrade("markupsafe", "2.1.3", "2.1.5", direct=False), id="it asks for what moves"),
        pytest.param(MANIFEST + "[tool.uv]\ndependency-metadata = []\n", JINJA, id="the project tells such things"),
    ],
)
def test_what_a_lock_cannot_tell_is_left_to_uv(
    tmp_path: Path, tools: FakeTools, manifest: str, upgrade: Upgrade
) -> None:
    seen: list[str] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        seen.append((cwd / "pyproject.toml").read_text())
        (cwd / "uv.lock").write_text((LOCK + FROM_GIT).replace(upgrade.before, upgrade.after))
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, upgrade, manifest=manifest, lock=LOCK + FROM_GIT)
    assert "theirs" not in seen[0]


SOURCE_ONLY = """
[[package]]
name = "forbiddenfruit"
version = "0.1.4"
source = { registry = "https://registry.example/simple" }
sdist = { url = "https://registry.example/files/forbiddenfruit-0.1.4.tar.gz" }
"""


def test_a_locked_package_without_a_wheel_is_told_and_nothing_can_be_built(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", writes(LOCK.replace("3.1.2", "3.1.6") + SOURCE_ONLY))
    relock(tmp_path, tools, lock=LOCK + SOURCE_ONLY)
    (ran,) = tools.ran
    assert "--no-build" not in ran.argv
    assert ran.argv[-2:] == ("--python", "./.python-stand-in")


OLD_WHEELS = SOURCE_ONLY + 'wheels = [{ url = "https://registry.example/files/forbiddenfruit-0.1.4-cp38-x.whl" }]\n'


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("Because forbiddenfruit==0.1.4 has no usable wheels and", id="for no Python in question"),
        pytest.param("Because ForbiddenFruit{os_name == 'x'}==0.1.4 has no usable wheels", id="where a marker is"),
        pytest.param("Failed to build `forbiddenfruit==0.1.4`", id="to be built"),
    ],
)
def test_one_whose_wheels_are_of_no_use_is_told_when_uv_complains(tmp_path: Path, tools: FakeTools, words: str) -> None:
    seen: list[tuple[bool, bool]] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        seen.append(("--no-build" in arguments, "forbiddenfruit" in (cwd / "pyproject.toml").read_text()))
        if len(seen) == 1:
            raise ToolError("uv lock: exited with status 1", words)
        (cwd / "uv.lock").write_text(LOCK.replace("3.1.2", "3.1.6") + OLD_WHEELS)
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, lock=LOCK + OLD_WHEELS)
    assert seen == [(True, False), (False, True)]


def test_what_has_to_be_built_in_spite_of_that_is_an_error(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", fails("Failed to build `new==1.0`\n cause: Failed to identify base Python interpreter"))
    with pytest.raises(ToolError, match="a dependency is published as source only, and the bot builds none"):
        relock(tmp_path, tools, lock=LOCK + SOURCE_ONLY)
    assert len(tools.ran) == 1
