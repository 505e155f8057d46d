"""Folders and files that projects of JavaScript name: told apart, and refused where they lie outside."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import ToolError
from remediators.npm.folders import places_of
from remediators.registered import ecosystems
from tests.remediators.conftest import FakeTools
from tests.remediators.pnpm.projects import lock_9
from tests.remediators.yarn.projects import BERRY_HEAD, classic, encoded

OUTSIDE = "which is outside the repository: name folders of it"


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("file:../x", ["../x"]),
        ("FILE:../x", ["../x"]),
        ("file:%2e%2e/x", ["../x"]),
        ("link:../x", ["../x"]),
        ("portal:../x", ["../x"]),
        ("workspace:../x", ["../x"]),
        ("git+file:///srv/x#main", ["///srv/x#main"]),
        ("..", [".."]),
        ("a/b/../../../x", ["a/b/../../../x"]),
        ("~/x", ["/x"]),
        ("file:~/x", ["/x"]),
        ("patch:x@npm%3A1.0.0#../x.patch", ["npm:1.0.0", "../x.patch"]),
        ("patch:x@npm:1#~/a.patch&optional!./b.patch::locator=c", ["npm:1", "a.patch", "./b.patch"]),
        ("patch:x@portal%3A../x#~builtin<compat/x>", ["../x", "builtin<compat/x>"]),
        ("patch:x@patch%3Ax@npm%253A1%23../a.patch#b.patch", ["npm:1", "../a.patch", "b.patch"]),
        ("npm:x@^1.0.0", []),
        ("https://registry.example/../x.tgz", []),
        ("github:a/b#../c", []),
    ],
)
def test_the_places_that_are_written(written: str, places: Sequence[str]) -> None:
    assert [place for place in places_of(written) if place] == [place for place in places if place[:4] != "npm:"]


NEEDS = {"dependencies": {"ms": "^2.0.0"}}
MS = "      ms:\n        specifier: ^2.0.0\n        version: 2.0.0\n"
NPM_COPY = {"version": "2.0.0"}
BERRY = f"""{BERRY_HEAD}__metadata:
  version: 8
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    ms: "npm:^2.0.0"
  languageName: unknown
  linkType: soft

"ms@npm:^2.0.0":
  version: 2.0.0
  resolution: "ms@npm:2.0.0"
MORE  checksum: 10c0/00
  languageName: node
  linkType: hard
"""
LOCKED: Mapping[str, Mapping[str, Any]] = {
    "npm": {
        "package-lock.json": {
            "lockfileVersion": 3,
            "packages": {"": dict(NEEDS), "node_modules/ms": NPM_COPY},
        }
    },
    "yarn": {"yarn.lock": classic({"ms@^2.0.0": {"version": "2.0.0"}})},
    "berry": {"yarn.lock": BERRY.replace("MORE", "")},
    "pnpm": {"pnpm-lock.yaml": lock_9(MS, {"ms@2.0.0": ""})},
}


def npm_lock(copy: Mapping[str, Any] | None = None, **more: Any) -> Mapping[str, Any]:
    """The lockfile with more in the entry of ms, and more entries."""
    packages = {"": dict(NEEDS), "node_modules/ms": {**NPM_COPY, **(copy or {})}, **more}
    return {"package-lock.json": {"lockfileVersion": 3, "packages": packages}}


ELSEWHERE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "npm, overrides": (
        "package.json: `overrides`",
        {"package.json": {**NEEDS, "overrides": {"x": {".": "file:../x"}}}, **LOCKED["npm"]},
    ),
    "npm, what a locked package needs": (
        "package-lock.json: `node_modules/ms`",
        {"package.json": NEEDS, **npm_lock({"dependencies": {"x": "file:../../../x"}})},
    ),
    "npm, a locked archive": (
        "package-lock.json: `node_modules/x`",
        {"package.json": NEEDS, **npm_lock(**{"node_modules/x": {"version": "1.0.0", "resolved": "file:../x.tgz"}})},
    ),
    "npm, a locked link": (
        "package-lock.json: `node_modules/x`",
        {"package.json": NEEDS, **npm_lock(**{"node_modules/x": {"resolved": "../x", "link": True}})},
    ),
    "npm, an archive in an old lockfile": (
        "package-lock.json: `x`",
        {
            "package.json": NEEDS,
            "package-lock.json": {
                "lockfileVersion": 1,
                "dependencies": {"ms": {**NPM_COPY, "dependencies": {"x": {"version": "file:../x.tgz"}}}},
            },
        },
    ),
    "yarn, resolutions": (
        "package.json: `resolutions`",
        {"package.json": {**NEEDS, "resolutions": {"x": "file:../x"}}, **LOCKED["yarn"]},
    ),
    "yarn, resolutions of berry": (
        "package.json: `resolutions`",
        {"package.json": {**NEEDS, "name": "app", "resolutions": {"x": "portal:../x"}}, **LOCKED["berry"]},
    ),
    "yarn, a patch": (
        "package.json: `resolutions`",
        {
            "package.json": {**NEEDS, "name": "app", "resolutions": {"ms": "patch:ms@npm:2.0.0#../x.patch"}},
            **LOCKED["berry"],
        },
    ),
    "yarn, a patch that is asked for": (
        "package.json: `devDependencies`",
        {
            "package.json": {**NEEDS, "name": "app", "devDependencies": {"x": "patch:x@npm:2.0.0#../x.patch"}},
            **LOCKED["berry"],
        },
    ),
    "yarn, extensions": (
        ".yarnrc.yml: `packageExtensions`",
        {
            "package.json": {**NEEDS, "name": "app"},
            ".yarnrc.yml": 'packageExtensions: {"ms@*": {dependencies: {x: "portal:../x"}}}\n',
            **LOCKED["berry"],
        },
    ),
    "yarn, a catalog": (
        ".yarnrc.yml: `catalogs`",
        {
            "package.json": {**NEEDS, "name": "app"},
            ".yarnrc.yml": 'catalogs: {a: {x: "link:../x"}}\n',
            **LOCKED["berry"],
        },
    ),
    "yarn, what a locked package needs": (
        "yarn.lock: `ms@npm:^2.0.0`",
        {
            "package.json": {**NEEDS, "name": "app"},
            "yarn.lock": BERRY.replace("MORE", '  dependencies:\n    x: "portal:/srv/x"\n'),
        },
    ),
    "pnpm, overrides": (
        "package.json: `pnpm.overrides`",
        {"package.json": {**NEEDS, "pnpm": {"overrides": {"x": "file:../x"}}}, **LOCKED["pnpm"]},
    ),
    "pnpm, resolutions": (
        "package.json: `resolutions`",
        {"package.json": {**NEEDS, "resolutions": {"x": "link:../x"}}, **LOCKED["pnpm"]},
    ),
    "pnpm, extensions": (
        "package.json: `pnpm.packageExtensions`",
        {
            "package.json": {**NEEDS, "pnpm": {"packageExtensions": {"ms": {"dependencies": {"x": "file:../x"}}}}},
            **LOCKED["pnpm"],
        },
    ),
    "pnpm, what may be built": (
        "package.json: `pnpm.onlyBuiltDependenciesFile`",
        {"package.json": {**NEEDS, "pnpm": {"onlyBuiltDependenciesFile": "/etc/passwd"}}, **LOCKED["pnpm"]},
    ),
    "pnpm, a patch": (
        "package.json: `pnpm.patchedDependencies`",
        {"package.json": {**NEEDS, "pnpm": {"patchedDependencies": {"ms": "../x.patch"}}}, **LOCKED["pnpm"]},
    ),
    **{
        f"pnpm, {setting} of the workspace": (
            f"pnpm-workspace.yaml: `{setting}`",
            {"package.json": NEEDS, "pnpm-workspace.yaml": f"{setting}: {written}\n", **LOCKED["pnpm"]},
        )
        for setting, written in {
            "overrides": '{x: "file:../x"}',
            "catalog": '{x: "link:../x"}',
            "catalogs": '{a: {x: "link:../x"}}',
            "packageExtensions": '{ms: {dependencies: {x: "file:../x"}}}',
            "patchedDependencies": '{ms: "../x.patch"}',
        }.items()
    },
    "pnpm, a locked folder": (
        "pnpm-lock.yaml: `x@file:../x`",
        {"package.json": NEEDS, "pnpm-lock.yaml": lock_9(MS, {"ms@2.0.0": "", "x@file:../x": ""})},
    ),
    "pnpm, a folder in an older lockfile": (
        "pnpm-lock.yaml: `file:../x`",
        {
            "package.json": NEEDS,
            "pnpm-lock.yaml": "lockfileVersion: '6.0'\n"
            "dependencies:\n  ms:\n    specifier: ^2.0.0\n    version: 2.0.0\n"
            "packages:\n  /ms@2.0.0:\n    resolution: {integrity: sha512-AAAA}\n"
            "  file:../x:\n    resolution: {directory: ../x, type: directory}\n    name: x\n",
        },
    ),
}


def refusal(folder: Path, tools: FakeTools, name: str, texts: Mapping[str, Any]) -> str:
    """What a relock of the files says before it runs anything."""
    files = encoded(texts)
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    remediator, unit = next(
        (each, each.expand(unit, files.get))
        for each in ecosystems().remediators
        for unit in each.units(sorted(files))
        if unit.lockfile in files and each.name == name
    )
    with pytest.raises(ToolError) as refused:
        remediator.relock(unit, folder, [Upgrade("ms", "2.0.0", "2.0.5", direct=True)], None, tools)
    return str(refused.value)


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_no_tool_is_handed_a_place_outside(tmp_path: Path, tools: FakeTools, kind: str) -> None:
    place, files = ELSEWHERE[kind]
    said = refusal(tmp_path, tools, kind.partition(",")[0], files)
    assert said.startswith(place)
    assert said.endswith(OUTSIDE)
    assert tools.ran == []


INSIDE: Mapping[str, Mapping[str, Any]] = {
    "npm": {
        "package.json": {**NEEDS, "overrides": {"x": "file:./x", "y": "$ms", "z": {"ms": "^2.0.0"}}},
        **npm_lock(
            {"dependencies": {"x": "file:../x"}},
            **{"node_modules/x": {"resolved": "x", "link": True}, "x": {"version": "1.0.0"}},
        ),
    },
    "yarn": {"package.json": {**NEEDS, "resolutions": {"**/x": "2.0.0", "a/x": "file:./x"}}, **LOCKED["yarn"]},
    "yarn, a member": {
        "package.json": {**NEEDS, "name": "app", "workspaces": ["a", "b"]},
        "a/package.json": {"name": "a", "dependencies": {"b": "link:../b"}},
        "b/package.json": {"name": "b"},
        "yarn.lock": LOCKED["berry"]["yarn.lock"]
        + BERRY.partition('\n\n"ms')[0]
        .partition("cacheKey: 10c0\n")[2]
        .replace("app@workspace:.", "a@workspace:a")
        .replace('ms: "npm:^2.0.0"', 'b: "link:../b"')
        + "\n",
    },
    "pnpm": {
        "package.json": {**NEEDS, "pnpm": {"overrides": {"a>x": "link:./x"}, "patchedDependencies": {"ms": "a.patch"}}},
        "pnpm-workspace.yaml": "packages: ['a']\ncatalog: {x: ^1.0.0}\n",
        **LOCKED["pnpm"],
    },
}


@pytest.mark.parametrize("kind", INSIDE)
def test_what_stays_inside_is_left_to_the_tool(tmp_path: Path, tools: FakeTools, kind: str) -> None:
    assert OUTSIDE not in refusal(tmp_path, tools, kind.partition(",")[0], INSIDE[kind])
    assert tools.ran != []
