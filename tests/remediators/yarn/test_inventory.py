from typing import Any

import pytest

from remediators.errors import Requirer
from state.model import Scope
from tests.remediators.yarn.projects import YARN, Locked, berry, classic, encoded, parsed, unit_of

DEBUG = {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}
MS = {"version": "2.0.0"}


def summary(manifest: Any, lock: str, files: Any = None) -> set[tuple[str, str | None, bool, Scope]]:
    found = parsed(manifest, lock, files).dependencies
    return {(one.package, one.version, one.direct, one.scope) for one in found}


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param(classic({"debug@^2.6.0": DEBUG, "ms@2.0.0": MS}), id="classic"),
        pytest.param(berry({"debug@npm:^2.6.0": DEBUG, "ms@npm:2.0.0": MS}, 6), id="yarn 3"),
        pytest.param(
            berry({"debug@npm:^2.6.0": {**DEBUG, "dependencies": {"ms": "npm:2.0.0"}}, "ms@npm:2.0.0": MS}, 8),
            id="yarn 4",
        ),
    ],
)
def test_what_is_named_and_what_is_locked(lock: str) -> None:
    manifest = '{\n  "engines": {"node": ">=18"},\n  "dependencies": {\n    "debug": "^2.6.0"\n  }\n}\n'
    debug, ms = parsed(manifest, lock).dependencies
    assert (debug.package, debug.version, debug.requirement, debug.direct) == ("debug", "2.6.9", "^2.6.0", True)
    assert (debug.manifest, debug.lockfile, debug.line, debug.platform) == ("package.json", "yarn.lock", 4, ">=18")
    assert (ms.package, ms.version, ms.requirement, ms.direct, ms.scope) == ("ms", "2.0.0", "", False, Scope.RUNTIME)
    assert lock.splitlines()[ms.line - 1].lstrip('"').startswith("ms@")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param("npm:^2.0.0", ("ms", "2.0.0", "^2.0.0"), id="range"),
        pytest.param("npm:2.0.0", ("ms", "2.0.0", "2.0.0"), id="pin"),
        pytest.param("npm:latest", ("ms", "2.0.0", "latest"), id="tag"),
        pytest.param("npm:tick@^2.0.0", ("tick", "2.0.0", "^2.0.0"), id="another package"),
    ],
)
def test_the_protocol_of_berry_is_no_other_package(written: str, told: tuple[str, str, str]) -> None:
    entry = {"version": "2.0.0", "resolution": f"{told[0]}@npm:2.0.0"}
    found = parsed({"dependencies": {"ms": written}}, berry({f"ms@{written}": entry}))
    assert found.problems == ()
    assert [(one.package, one.version, one.requirement) for one in found.dependencies] == [told]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param({"devDependencies": {"debug": "^2.6.0"}}, Scope.DEV, id="development"),
        pytest.param({"optionalDependencies": {"debug": "^2.6.0"}}, Scope.OPTIONAL, id="optional"),
        pytest.param(
            {"devDependencies": {"debug": "^2.6.0"}, "dependencies": {"ms": "2.0.0"}}, Scope.RUNTIME, id="both ways"
        ),
    ],
)
def test_a_locked_package_has_the_most_exposed_scope(manifest: Any, expected: Scope) -> None:
    lock = classic({"debug@^2.6.0": DEBUG, "ms@2.0.0": MS})
    (scope,) = {one.scope for one in parsed(manifest, lock).dependencies if one.package == "ms"}
    assert scope is expected


def test_what_a_package_needs_optionally_is_optional() -> None:
    debug = {"version": "2.6.9", "optionalDependencies": {"ms": "2.0.0"}}
    lock = classic({"debug@^2.6.0": debug, "ms@2.0.0": MS})
    found = summary({"dependencies": {"debug": "^2.6.0"}}, lock)
    assert ("ms", "2.0.0", False, Scope.OPTIONAL) in found


def test_a_renamed_package_is_the_one_that_is_installed() -> None:
    lock = classic({"old@npm:ms@^2.0.0": MS})
    (one,) = parsed({"dependencies": {"old": "npm:ms@^2.0.0"}}, lock).dependencies
    assert (one.package, one.version, one.requirement) == ("ms", "2.0.0", "^2.0.0")


@pytest.mark.parametrize("key", ["ms@npm:2.0.0", "ms", "debug/ms", "debug/ms@npm:2.0.0"])
def test_a_resolution_of_berry_is_followed(key: str) -> None:
    debug = {"version": "2.6.9", "dependencies": {"ms": "npm:2.0.0"}}
    files = {
        "package.json": {"dependencies": {"debug": "^2.6.0"}, "resolutions": {key: "2.1.1"}},
        "yarn.lock": berry({"debug@npm:^2.6.0": debug, "ms@npm:2.1.1": {"version": "2.1.1"}}),
    }
    found = YARN.requirers(unit_of(files), encoded(files).get, "ms", "2.1.1")
    assert found == (Requirer("debug", "2.6.9", "2.0.0", direct=True),)


def test_requirers_are_those_who_get_that_version() -> None:
    send = {"version": "1.0.0", "dependencies": {"debug": "2.6.8", "ms": "2.1.1"}}
    old = {"version": "2.6.8", "dependencies": {"ms": "2.0.0"}}
    entries: Locked = {"debug@2.6.8": old, "debug@^2.6.0": DEBUG, "ms@2.0.0": MS, "ms@2.1.1": {"version": "2.1.1"}}
    files = {
        "package.json": {"dependencies": {"debug": "^2.6.0", "send": "1.0.0"}, "devDependencies": {"ms": "2.0.0"}},
        "yarn.lock": classic({**entries, "send@1.0.0": send}),
    }
    found = YARN.requirers(unit_of(files), encoded(files).get, "ms", "2.0.0")
    assert found == (
        Requirer("package.json", "", "2.0.0", direct=True),
        Requirer("debug", "2.6.8", "2.0.0", direct=False),
        Requirer("debug", "2.6.9", "2.0.0", direct=True),
    )


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param(
            {"dependencies": {"ms": "^2.1.0"}},
            "package.json:1: ms is not in yarn.lock: run yarn install and commit the lockfile",
            id="a lockfile that was left behind",
        ),
        pytest.param(
            {"dependencies": {"ms": "2.0.0", "x": "github:a/x"}},
            "package.json:1: 'x' does not come from a registry and is not handled: check it yourself",
            id="not from a registry",
        ),
    ],
)
def test_what_is_not_handled_is_said(manifest: Any, reason: str) -> None:
    assert [problem.reason for problem in parsed(manifest, classic({"ms@2.0.0": MS})).problems] == [reason]


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({"peerDependencies": {"react": "*"}}, id="a peer, which Yarn does not install"),
        pytest.param({"optionalDependencies": {"fsevents": "*"}}, id="an optional one"),
        pytest.param({"dependencies": {"a": "^1.0.0"}, "workspaces": ["a"]}, id="a workspace by its name"),
        pytest.param({"dependencies": {"a": "workspace:*"}, "workspaces": ["a"]}, id="a workspace by its protocol"),
        pytest.param({"dependencies": {"b": "link:./b"}}, id="a folder of the project"),
    ],
)
def test_what_needs_no_lock_is_no_loss(manifest: Any) -> None:
    found = parsed(manifest, classic({}), {"a/package.json": {"name": "a", "version": "1.0.0"}})
    assert (found.dependencies, found.problems) == ((), ())


def test_registries_are_told_by_scope() -> None:
    lock = berry({"@a/b@npm:1.0.0": {"version": "1.0.0"}, "ms@npm:2.0.0": MS})
    settings = "npmScopes:\n  a:\n    npmRegistryServer: https://registry.example/a\n"
    found = parsed({"dependencies": {"@a/b": "1.0.0", "ms": "2.0.0"}}, lock, {".yarnrc.yml": settings})
    assert {one.package: one.index for one in found.dependencies} == {
        "@a/b": "https://registry.example/a",
        "ms": None,
    }


def test_a_package_of_berry_that_is_patched_counts_once() -> None:
    patch = {"version": "2.0.0", "resolution": "ms@patch:ms@npm%3A2.0.0#optional!builtin<x>::version=2.0.0"}
    lock = berry({"ms@npm:^2.0.0": MS, "ms@patch:ms@npm%3A^2.0.0#optional!builtin<x>": patch})
    found = summary({"dependencies": {"ms": "^2.0.0"}}, lock)
    assert found == {("ms", "2.0.0", True, Scope.RUNTIME)}


def test_what_the_project_patches_itself_is_not_its_own_to_move() -> None:
    patch = "ms@patch:ms@npm%3A2.0.0#./.yarn/patches/ms.patch"
    patched = {"version": "2.0.0", "resolution": f"{patch}::version=2.0.0&locator=web%40workspace%3A."}
    lock = berry({"ms@npm:2.0.0": MS, f"{patch}::locator=web%40workspace%3A.": patched})
    manifest = {"dependencies": {"ms": "2.0.0"}, "resolutions": {"ms@npm:2.0.0": patch.removeprefix("ms@")}}
    found = parsed(manifest, lock)
    assert [(one.package, one.version, one.direct) for one in found.dependencies] == [("ms", "2.0.0", False)]
    assert found.problems == ()
