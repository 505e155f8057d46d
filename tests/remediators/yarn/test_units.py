import json
import time
from typing import Any

import pytest

from remediators.api import Unit
from remediators.errors import ManifestError
from remediators.npm.remediator import Npm
from remediators.npm.workspaces import is_member, patterns
from remediators.registered import ecosystems
from remediators.yarn.remediator import Yarn
from tests.remediators.yarn.projects import classic, encoded

YARN, NPM = Yarn(), Npm()
LOCK = classic({"ms@2": {"version": "2.0.0"}})


def unit(*files: str) -> Unit:
    return Unit("yarn", files[0], files[1], files)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["yarn.lock", "src/index.js"], [], id="no manifest"),
        pytest.param(["package.json"], [], id="no lockfile"),
        pytest.param(["package.json", "yarn.lock"], [unit("package.json", "yarn.lock")], id="both"),
        pytest.param(
            ["web/.npmrc", "web/.yarnrc", "web/.yarnrc.yml", "web/package.json", "web/yarn.lock"],
            [unit("web/package.json", "web/yarn.lock", "web/.npmrc", "web/.yarnrc", "web/.yarnrc.yml")],
            id="with configuration",
        ),
        pytest.param(
            ["a/package.json", "package.json", "yarn.lock"],
            [unit("package.json", "yarn.lock", "a/package.json")],
            id="what may be a workspace",
        ),
        pytest.param(
            ["a/package.json", "a/yarn.lock", "a/b/package.json", "package.json", "yarn.lock"],
            [unit("package.json", "yarn.lock"), unit("a/package.json", "a/yarn.lock", "a/b/package.json")],
            id="a project below a project",
        ),
        pytest.param(
            ["a/package.json", "a/package-lock.json", "a/b/package.json", "package.json", "yarn.lock"],
            [unit("package.json", "yarn.lock")],
            id="npm below Yarn",
        ),
        pytest.param(
            ["package.json", "yarn.lock", "node_modules/a/package.json", ".yarn/unplugged/a/package.json"],
            [unit("package.json", "yarn.lock")],
            id="installed packages are nobody's",
        ),
        pytest.param(
            ["package.json", "yarn.lock", ".yarn/patches/ms.patch", ".yarn/releases/yarn.cjs"],
            [unit("package.json", "yarn.lock", ".yarn/patches/ms.patch")],
            id="patches, which Yarn reads when it resolves",
        ),
        pytest.param(
            ["package-lock.json", "package.json", "yarn.lock"],
            [Unit("yarn", "yarn.lock", None, ("yarn.lock",))],
            id="beside npm's lockfile it stands alone",
        ),
    ],
)
def test_units_among_the_paths_of_a_repository(paths: list[str], expected: list[Unit]) -> None:
    assert list(YARN.units(sorted(paths))) == expected


def test_a_yarn_lock_beside_npms_lockfile_is_said() -> None:
    read = encoded({}).get
    (alone,) = YARN.units(["package-lock.json", "package.json", "yarn.lock"])
    assert YARN.expand(alone, read) == alone
    (problem,) = YARN.parse(alone, read).problems
    assert problem.reason == (
        "not handled: yarn.lock stands beside a lockfile of npm, which decides: remove one of them"
    )
    assert YARN.requirers(alone, read, "ms", "2.0.0") == ()


@pytest.mark.parametrize(
    ("workspaces", "members"),
    [
        pytest.param(None, [], id="none"),
        pytest.param(["packages/*"], ["packages/a", "packages/b"], id="a folder's folders"),
        pytest.param(
            {"packages": ["packages/*"], "nohoist": ["**"]}, ["packages/a", "packages/b"], id="classic's form"
        ),
        pytest.param(["packages/**"], ["packages/a", "packages/a/x", "packages/b"], id="any depth"),
        pytest.param(["./packages/a/"], ["packages/a"], id="one, with dots and a slash"),
        pytest.param(["packages/*", "!packages/b"], ["packages/a"], id="one taken out"),
        pytest.param(["packages/{b,c}"], ["packages/b"], id="braces"),
        pytest.param(["../**", "/**", ".", ""], [], id="nothing outside, and not itself"),
        pytest.param([1, None, {}], [], id="no strings"),
        pytest.param("packages/*", [], id="no list"),
    ],
)
def test_workspaces_belong_to_their_root_and_the_rest_to_npm(workspaces: Any, members: list[str]) -> None:
    below = ["packages/a", "packages/a/x", "packages/b"]
    files = {"package.json": {"workspaces": workspaces}, "yarn.lock": LOCK}
    files |= {f"{folder}/package.json": {"name": folder} for folder in below}
    read = encoded(files).get
    (bare,) = YARN.units(sorted(files))
    assert sorted(YARN.expand(bare, read).files) == sorted(
        ["package.json", "yarn.lock", *(f"{folder}/package.json" for folder in members)]
    )
    mine = {one.manifest for one in NPM.units(sorted(files)) if NPM.expand(one, read).files}
    assert mine == {f"{folder}/package.json" for folder in below if folder not in members}


def test_every_package_json_has_one_remediator() -> None:
    root: dict[str, Any] = {"workspaces": ["a", "b/*"]}
    files: dict[str, Any] = {"package.json": root, "yarn.lock": LOCK, "a/package.json": {}, "b/c/package.json": {}}
    files |= {"d/package.json": {}, "e/package.json": {}, "e/package-lock.json": {"lockfileVersion": 3, "packages": {}}}
    files |= {"f/package.json": {}, "f/yarn.lock": LOCK, "f/g/package.json": {}}
    read = encoded(files).get
    owned = [
        (path, remediator.name)
        for remediator in ecosystems().remediators
        for one in remediator.units(sorted(files))
        for path in remediator.expand(one, read).files
        if path.endswith("package.json")
    ]
    assert sorted(owned) == [
        ("a/package.json", "yarn"),
        ("b/c/package.json", "yarn"),
        ("d/package.json", "npm"),
        ("e/package.json", "npm"),
        ("f/g/package.json", "npm"),
        ("f/package.json", "yarn"),
        ("package.json", "yarn"),
    ]


def test_workspaces_of_a_workspace_belong_to_the_same_root() -> None:
    files = {"package.json": {"workspaces": ["a"]}, "yarn.lock": LOCK, "a/package.json": {"workspaces": ["b"]}}
    files |= {"a/b/package.json": {}, "b/package.json": {}}
    (bare,) = YARN.units(sorted(files))
    found = YARN.expand(bare, encoded(files).get).files
    assert sorted(found) == ["a/b/package.json", "a/package.json", "package.json", "yarn.lock"]


def test_a_manifest_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ManifestError, match=r"web/package.json:1:1: this is not JSON"):
        YARN.expand(unit("web/package.json", "web/yarn.lock"), {"web/package.json": b"<<<<<<<"}.get)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("**/" * 90 + "x", id="any depth, over and over"),
        pytest.param("*a" * 140, id="stars"),
        pytest.param("{a,b}" * 50, id="braces"),
        pytest.param("{" * 290, id="open braces"),
        pytest.param("[" * 290, id="open brackets"),
    ],
)
def test_hostile_patterns_take_no_time(pattern: str) -> None:
    started = time.monotonic()
    wanted = patterns(json.loads(json.dumps({"workspaces": [pattern]})))
    assert not is_member("/".join(["a" * 200] * 100), wanted)
    assert time.monotonic() - started < 1
