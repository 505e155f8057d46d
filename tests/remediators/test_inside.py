import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from remediators.api import ToolError, Upgrade
from remediators.documents.json_spans import read as read_json
from remediators.inside import check_inside
from remediators.npm.folders import check_folders
from remediators.npm.manifest import manifest
from remediators.registered import ecosystems
from remediators.uv.workspace import index_folders
from tests.remediators.conftest import FakeTools
from tests.remediators.pnpm.projects import lock_9
from tests.remediators.yarn.projects import classic, encoded

MS = "      ms:\n        specifier: ^2.0.0\n        version: 2.0.0\n"
SCRIPT = """\
# /// script
# dependencies = ["ms"]
# [tool.uv.sources]
# ms = { path = "../*" }
# ///
"""
PYPROJECT = '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["ms"]\n'
UV_LOCK = """\
version = 1

[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "ms" }]

[[package]]
name = "ms"
version = "2.0.0"
source = { registry = "https://registry.example/simple" }
"""


@pytest.mark.parametrize(
    ("manifest", "pattern"),
    [
        ("package.json", "packages/*"),
        ("package.json", "./packages/**"),
        ("package.json", "a/../b"),
        ("package.json", "!packages/old"),
        ("package.json", "packages/{a,b}"),
        ("app/package.json", "../packages/*"),
        ("app/pyproject.toml", ".."),
        ("package.json", "..."),
        ("package.json", "..hidden/*"),
        ("package.json", "packages/{a,b/c}/*"),
        ("package.json", "packages\\*"),
        ("package.json", "**/a"),
    ],
)
def test_folders_of_the_repository_may_be_named(manifest: str, pattern: str) -> None:
    check_inside(manifest, "workspaces", [pattern])


@pytest.mark.parametrize(
    ("manifest", "pattern"),
    [
        ("package.json", ".."),
        ("package.json", "../../*"),
        ("package.json", "a/../../b"),
        ("package.json", "*/../../b"),
        ("package.json", "!../b"),
        ("package.json", "/etc"),
        ("package.json", "{a,../b}"),
        ("package.json", "@(..)/b"),
        ("package.json", "..\\b"),
        ("package.json", "a/\\.\\./\\.\\./b"),
        ("package.json", "!!../b"),
        ("package.json", "{/etc,a}/*"),
        ("package.json", "{a,/etc}"),
        ("package.json", "@(a|/etc)"),
        ("package.json", "**/../b"),
        ("package.json", "a/**/../../b"),
        ("app/package.json", "../../b"),
    ],
)
def test_one_outside_is_named_with_what_to_do(manifest: str, pattern: str) -> None:
    with pytest.raises(ToolError) as error:
        check_inside(manifest, "workspaces", ["packages/*", 7, None, pattern])
    assert str(error.value) == (
        f"{manifest}: `workspaces` names {pattern!r}, which is outside the repository: name folders of it"
    )


UV_MEMBER = """
[[package]]
name = "part"
version = "1.0"
source = { editable = "a" }
"""
LOCKED: Mapping[str, Mapping[str, Any]] = {
    "npm": {"package-lock.json": {"lockfileVersion": 3, "packages": {"": {}, "node_modules/ms": {"version": "2.0.0"}}}},
    "yarn": {"yarn.lock": classic({"ms@^2.0.0": {"version": "2.0.0"}})},
    "pnpm": {"pnpm-lock.yaml": lock_9(MS, {"ms@2.0.0": ""})},
}
NEEDS = {"dependencies": {"ms": "^2.0.0"}}
ELSEWHERE: Mapping[str, Mapping[str, Any]] = {
    "npm": {"package.json": {**NEEDS, "workspaces": ["../*"]}, **LOCKED["npm"]},
    "npm, a dependency": {
        "package.json": {"dependencies": {"ms": "^2.0.0", "x": "file:../*"}},
        **LOCKED["npm"],
    },
    "npm, a bare path": {"package.json": {**NEEDS, "devDependencies": {"x": "../*"}}, **LOCKED["npm"]},
    "yarn, a dependency": {"package.json": {**NEEDS, "devDependencies": {"x": "link:../*"}}, **LOCKED["yarn"]},
    "pnpm, a dependency": {"package.json": {**NEEDS, "optionalDependencies": {"x": "link:../*"}}, **LOCKED["pnpm"]},
    "yarn": {"package.json": {**NEEDS, "workspaces": {"packages": ["../*"]}}, **LOCKED["yarn"]},
    "yarn, of a member": {
        "package.json": {**NEEDS, "name": "web", "workspaces": ["a"]},
        "a/package.json": {"name": "part", "workspaces": ["../../*"]},
        **LOCKED["yarn"],
    },
    "pnpm": {"package.json": NEEDS, "pnpm-workspace.yaml": "packages: ['../*']\n", **LOCKED["pnpm"]},
    "uv, members": {"pyproject.toml": f'{PYPROJECT}[tool.uv.workspace]\nmembers = ["../*"]\n', "uv.lock": UV_LOCK},
    "uv, sources": {"pyproject.toml": f'{PYPROJECT}[tool.uv.sources]\nms = {{ path = "../*" }}\n', "uv.lock": UV_LOCK},
    "uv, an index": {
        "pyproject.toml": f'{PYPROJECT}[[tool.uv.index]]\nurl = "file://../*"\nformat = "flat"\n',
        "uv.lock": UV_LOCK,
    },
    "uv, links": {"pyproject.toml": f'{PYPROJECT}[tool.uv]\nfind-links = ["../*"]\n', "uv.lock": UV_LOCK},
    "uv, uv.toml": {"pyproject.toml": PYPROJECT, "uv.toml": 'index-url = "../*"\n', "uv.lock": UV_LOCK},
    "script, sources": {"app.py": SCRIPT, "app.py.lock": UV_LOCK},
    "uv, sources of a member": {
        "pyproject.toml": f'{PYPROJECT}[tool.uv.workspace]\nmembers = ["a"]\n',
        "a/pyproject.toml": PYPROJECT.replace("demo", "part") + '[tool.uv.sources]\nms = { path = "../../*" }\n',
        "uv.lock": UV_LOCK.replace("\n\n", '\n\n[manifest]\nmembers = ["demo", "part"]\n\n', 1) + UV_MEMBER,
    },
}


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_no_package_manager_looks_there(tmp_path: Path, tools: FakeTools, kind: str) -> None:
    files = encoded(ELSEWHERE[kind])
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    remediator, unit = next(
        (each, each.expand(unit, files.get))
        for each in ecosystems().remediators
        for unit in each.units(sorted(files))
        if unit.lockfile in files and each.name == kind.partition(",")[0]
    )
    with pytest.raises(ToolError, match=r"names '(\.\./)+\*', which is outside the repository: name folders of it"):
        remediator.relock(unit, tmp_path, [Upgrade("ms", "2.0.0", "2.0.5", direct=True)], None, tools)
    assert tools.ran == []


@pytest.mark.parametrize(
    "url",
    ["https://registry.example/simple", "wheels", "file:///${PROJECT_ROOT}/wheels", "file://${PROJECT_ROOT}/wheels"],
)
def test_an_index_of_the_repository_or_of_the_web_may_be_named(url: str) -> None:
    for setting, named in index_folders({"index": [{"url": url}], "find-links": [url]}):
        check_inside("pyproject.toml", setting, named)


@pytest.mark.parametrize(
    ("written", "outside"),
    [
        ("file:./a", ""),
        ("link:../b", ""),
        ("portal:../../b", "../../b"),
        ("file:///etc", "///etc"),
        ("file:~/a", "/a"),
        ("~/a", "/a"),
        ("/etc", "/etc"),
        ("./../../b", "./../../b"),
        ("^1.0.0", ""),
        ("~1.0.0", ""),
        ("npm:../../b", ""),
        ("..", ""),
    ],
)
def test_a_dependency_that_is_a_folder_outside_is_told(written: str, outside: str) -> None:
    found = manifest(read_json(json.dumps({"dependencies": {"x": written}}).encode(), "app/package.json"))
    said = ""
    try:
        check_folders(found)
    except ToolError as error:
        said = str(error).partition("names '")[2].partition("'")[0]
    assert said == outside
