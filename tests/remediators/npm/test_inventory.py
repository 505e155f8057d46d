from typing import Any

import pytest

from remediators.api import Parsed, Unit
from remediators.errors import ManifestError
from state.model import Dependency, Scope
from tests.remediators.npm.projects import NPM, encoded, locked, parsed, unit_of

REPLACED = {
    "package.json": {"dependencies": {"debug": "2.6.9"}, "overrides": {"ms": "npm:noop@1.0.0"}},
    "package-lock.json": locked(
        debug={"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}, ms={"name": "noop", "version": "1.0.0"}
    ),
}


def test_a_package_that_an_override_replaces_is_not_there_and_nobody_asks_for_its_stand_in() -> None:
    unit, read = unit_of(REPLACED), encoded(REPLACED).get
    found = NPM.parse(unit, read).dependencies
    assert [(d.package, d.version) for d in found] == [("debug", "2.6.9"), ("noop", "1.0.0")]
    assert [NPM.requirers(unit, read, *each) for each in (("ms", "2.0.0"), ("noop", "1.0.0"))] == [(), ()]


MANIFEST = """{
  "name": "web",
  "engines": {"node": ">=18"},
  "dependencies": {
    "express": "^4.16.0",
    "alias": "npm:@s/real@~1.0.0"
  },
  "devDependencies": {"mocha": "5.x"},
  "optionalDependencies": {"fsevents": "*"}
}
"""

FLAT = """{
  "lockfileVersion": %d,
  "packages": {
    "": {"dependencies": {"express": "^4.16.0"}},
    "node_modules/alias": {"name": "@s/real", "version": "1.0.4"},
    "node_modules/debug": {"version": "3.1.0", "dev": true},
    "node_modules/express": {
      "version": "4.16.4",
      "dependencies": {"debug": "2.6.9", "ms": "2.0.0"}
    },
    "node_modules/express/node_modules/debug": {"version": "2.6.9"},
    "node_modules/mocha": {"version": "5.2.0", "dev": true},
    "node_modules/mocha/node_modules/ms": {"version": "2.0.0", "dev": true},
    "node_modules/ms": {"version": "2.0.0"},
    "node_modules/@s/peer": {"version": "1.0.0", "peer": true},
    "node_modules/either": {"version": "1.0.0", "devOptional": true},
    "node_modules/both": {"version": "1.0.0", "dev": true, "optional": true}
  }
}
"""

TREE = """{
  "lockfileVersion": 1,
  "requires": true,
  "dependencies": {
    "alias": {"version": "npm:@s/real@1.0.4"},
    "debug": {"version": "3.1.0", "dev": true},
    "express": {
      "version": "4.16.4",
      "requires": {"debug": "2.6.9", "ms": "2.0.0"},
      "dependencies": {
        "debug": {"version": "2.6.9"}
      }
    },
    "mocha": {"version": "5.2.0", "dev": true, "dependencies": {"ms": {"version": "2.0.0", "dev": true}}},
    "ms": {"version": "2.0.0"}
  }
}
"""


def direct(package: str, requirement: str, version: str | None, line: int, scope: Scope = Scope.RUNTIME) -> Dependency:
    where = ("package.json", "package-lock.json")
    return Dependency("npm", package, requirement, version, *where, scope, True, line, platform=">=18")


def transitive(package: str, version: str, line: int, scope: Scope = Scope.RUNTIME) -> Dependency:
    where = ("package.json", "package-lock.json")
    return Dependency("npm", package, "", version, *where, scope, False, line, platform=">=18")


DIRECT = (
    direct("express", "^4.16.0", "4.16.4", 5),
    direct("@s/real", "~1.0.0", "1.0.4", 6),
    direct("mocha", "5.x", "5.2.0", 8, Scope.DEV),
)


@pytest.mark.parametrize("version", [2, 3])
def test_a_flat_lockfile(version: int) -> None:
    found = parsed(MANIFEST, FLAT % version)
    assert found.problems == ()
    assert found.dependencies == (
        *DIRECT,
        transitive("debug", "3.1.0", 6, Scope.DEV),
        transitive("debug", "2.6.9", 11),
        transitive("ms", "2.0.0", 13),
        transitive("@s/peer", "1.0.0", 15, Scope.PEER),
        transitive("either", "1.0.0", 16, Scope.OPTIONAL),
        transitive("both", "1.0.0", 17, Scope.DEV),
    )


def test_a_tree_lockfile() -> None:
    found = parsed(MANIFEST, TREE)
    assert found.problems == ()
    assert found.dependencies == (
        *DIRECT,
        transitive("debug", "3.1.0", 6, Scope.DEV),
        transitive("debug", "2.6.9", 11),
        transitive("ms", "2.0.0", 14),
    )


def test_version_2_is_read_from_its_packages() -> None:
    lock = {"lockfileVersion": 2, "packages": {"node_modules/a": {"version": "2.0.0"}}, "dependencies": {"b": {}}}
    assert [(d.package, d.version) for d in parsed({}, lock).dependencies] == [("a", "2.0.0")]


def test_a_peer_that_is_installed_for_development_is_one_dependency() -> None:
    manifest = {"peerDependencies": {"react": ">=16"}, "devDependencies": {"react": "^18"}}
    found = parsed(manifest, locked(react={"version": "18.2.0", "dev": True}))
    assert [(d.requirement, d.scope) for d in found.dependencies] == [("^18", Scope.DEV)]


def test_what_npm_left_out_of_the_tree_is_no_dependency() -> None:
    manifest = {"peerDependencies": {"react": ">=16"}, "optionalDependencies": {"fsevents": "1.x"}}
    assert parsed(manifest, locked(react={"optional": True, "peer": True})) == Parsed(())


def test_a_requirement_that_is_not_locked_is_a_problem() -> None:
    found = parsed({"dependencies": {"left-pad": "^1"}}, locked())
    assert [(d.package, d.version) for d in found.dependencies] == [("left-pad", None)]
    (problem,) = found.problems
    assert problem.fault
    assert problem.reason == (
        "package.json:1: left-pad is not in package-lock.json: run npm install and commit the lockfile"
    )


def test_a_tag_is_followed_where_it_is_locked() -> None:
    assert parsed({"dependencies": {"a": "latest"}}, locked(a={"version": "1.0.0"})).problems == ()


@pytest.mark.parametrize(
    ("entry", "fault", "reason"),
    [
        (
            {"version": "1.0.0", "resolved": "git+ssh://git@host.example/a.git#1"},
            False,
            "does not come from a registry",
        ),
        ({"version": "1.0.0", "resolved": "file:a.tgz"}, False, "does not come from a registry"),
        ({"version": "not one"}, True, "is not a package at a version"),
        ({}, True, "is not a package at a version"),
        ({"name": "a b", "version": "1.0.0"}, True, "is not a package at a version"),
    ],
    ids=["git", "file", "version", "empty", "name"],
)
def test_a_locked_package_that_cannot_be_audited_is_a_problem(entry: Any, fault: bool, reason: str) -> None:
    (problem,) = parsed({}, locked(a=entry)).problems
    assert problem.fault is fault
    assert problem.reason.startswith(f"package-lock.json: 'node_modules/a' {reason}")


def test_a_package_from_git_is_said_once() -> None:
    entry = {"version": "1.0.0", "resolved": "git+ssh://git@host.example/a.git#1"}
    found = parsed({"dependencies": {"a": "o/a"}}, locked(a=entry))
    assert [problem.subject for problem in found.problems] == ["package.json"]


def test_a_tree_names_what_is_elsewhere_by_its_version() -> None:
    lock = {"lockfileVersion": 1, "dependencies": {"a": {"version": "git+ssh://git@host.example/a.git#1"}}}
    assert [problem.fault for problem in parsed({}, lock).problems] == [False]


def test_workspaces_have_their_own_manifests_and_copies() -> None:
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"workspaces": ["packages/*"]},
            "node_modules/a": {"resolved": "packages/a", "link": True},
            "node_modules/ms": {"version": "2.1.0"},
            "packages/a": {"dependencies": {"ms": "2.0.0"}},
            "packages/a/node_modules/ms": {"version": "2.0.0"},
        },
    }
    manifest = {"dependencies": {"ms": "^2", "a": "file:packages/a"}, "engines": {"node": ">=18"}}
    found = parsed(manifest, lock, {"packages/a/package.json": '{\n"dependencies": {\n"ms": "2.0.0"}}'})
    assert found.problems == ()
    assert [(d.manifest, d.package, d.version, d.line, d.platform) for d in found.dependencies] == [
        ("package.json", "ms", "2.1.0", 1, ">=18"),
        ("packages/a/package.json", "ms", "2.0.0", 3, ">=18"),
    ]


def test_a_linked_folder_beside_the_project_is_left_to_its_own_unit() -> None:
    lock = {"lockfileVersion": 3, "packages": {"../x": {}, "node_modules/ms": {"version": "2.1.0"}}}
    files = {"web/package.json": {}, "web/package-lock.json": lock, "x/package.json": {"dependencies": {"ms": "^2"}}}
    read = encoded(files).get
    found = NPM.parse(
        NPM.expand(Unit("npm", "web/package.json", "web/package-lock.json", tuple(files)[:2]), read), read
    )
    assert [(d.manifest, d.package, d.direct) for d in found.dependencies] == [("web/package.json", "ms", False)]


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        pytest.param(
            {"lockfileVersion": 4},
            r"^package-lock.json: lockfile version 4 is newer than this program understands \(3\): update the bot$",
            id="newer",
        ),
        pytest.param({"lockfileVersion": "3"}, r"package-lock.json: lockfileVersion '3' is not a version", id="text"),
        pytest.param({"lockfileVersion": 0}, r"lockfileVersion 0 is not a version", id="zero"),
        pytest.param({"lockfileVersion": 3, "packages": []}, r"'the lockfile' is not a JSON object", id="list"),
        pytest.param({"lockfileVersion": 3, "packages": {"node_modules/a": 1}}, r"'node_modules/a' is not", id="entry"),
        pytest.param({"lockfileVersion": 1, "dependencies": {"a": []}}, r"'node_modules/a' is not", id="tree entry"),
    ],
)
def test_a_lockfile_that_cannot_be_read_fails_the_unit(lock: Any, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed({}, lock)
