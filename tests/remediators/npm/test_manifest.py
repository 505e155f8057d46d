import json
from typing import Any

import pytest

from remediators.api import Parsed
from remediators.errors import ManifestError
from state.model import Scope
from tests.remediators.npm.projects import parsed


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("1.2.3", "1.2.3"),
        ("=1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        (" 1.2.3", "1.2.3"),
        ("^1.2.3", None),
        ("1.2", None),
    ],
)
def test_without_a_lockfile_only_a_pin_tells_the_version(requirement: str, version: str | None) -> None:
    (dependency,) = parsed({"dependencies": {"a": requirement}}).dependencies
    assert (dependency.version, dependency.requirement, dependency.lockfile) == (version, requirement, None)


@pytest.mark.parametrize(
    ("section", "scope"),
    [
        ("dependencies", Scope.RUNTIME),
        ("devDependencies", Scope.DEV),
        ("optionalDependencies", Scope.OPTIONAL),
        ("peerDependencies", Scope.PEER),
    ],
)
def test_a_section_tells_the_scope(section: str, scope: Scope) -> None:
    (dependency,) = parsed({section: {"a": "1.0.0"}}).dependencies
    assert dependency.scope is scope


@pytest.mark.parametrize(
    "spec",
    [
        "git+ssh://git@host.example/a.git#v1",
        "https://host.example/a.tgz",
        "github:owner/a",
        "owner/a",
        "file:../a",
        "a.tgz",
        "link:../a",
        "workspace:*",
        "catalog:",
        "npm:b@file:../b",
    ],
)
def test_what_does_not_come_from_a_registry_is_left_out(spec: str) -> None:
    found = parsed(f'{{\n"dependencies": {{\n"a": {json.dumps(spec)}}}}}')
    assert found.dependencies == ()
    (problem,) = found.problems
    reason = "package.json:3: 'a' does not come from a registry and is not handled: check it yourself"
    assert (problem.subject, problem.reason, problem.fault) == ("package.json", reason, False)


@pytest.mark.parametrize(
    ("name", "spec", "reason"),
    [
        ("a", 1, "'a' has a requirement that is not a string"),
        ("a", {"version": "1"}, "'a' has a requirement that is not a string"),
        ("a b", "1", "'a b' is not the name of a package"),
        ("../../a", "1", "'../../a' is not the name of a package"),
        ("a" * 300, "1", "is not the name of a package"),
        ("a", "npm:@/x@1", "'a' is not the name of a package"),
        ("a", ">>1", "'a': '>>1' is neither a range nor a dist-tag"),
        ("a", "^\u0661", "is neither a range nor a dist-tag"),
        ("a", "^1 \x00", "is neither a range nor a dist-tag"),
    ],
)
def test_a_line_that_makes_no_sense_is_a_problem(name: str, spec: Any, reason: str) -> None:
    found = parsed({"dependencies": {name: spec, "b": "1"}})
    assert [d.package for d in found.dependencies] == ["b"]
    (problem,) = found.problems
    assert problem.fault
    assert reason in problem.reason


def test_a_tag_without_a_lockfile_is_said() -> None:
    (problem,) = parsed({"dependencies": {"a": "latest"}}).problems
    assert not problem.fault
    assert "a follows the tag 'latest' and no lockfile says what that is: commit one" in problem.reason


def test_a_configuration_names_the_index() -> None:
    files = {".npmrc": "registry=https://registry.example/"}
    (dependency,) = parsed({"dependencies": {"a": "1"}}, None, files).dependencies
    assert dependency.index == "https://registry.example/"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        pytest.param("[]", r"package.json: the file is not a JSON object", id="list"),
        pytest.param('{"dependencies": ["a"]}', r"package.json: `dependencies` is not a JSON object", id="section"),
        pytest.param(
            '{"dependencies": {}, "dependencies": {}}', r'package.json:1:22: the key "dependencies"', id="twice"
        ),
        pytest.param('{"a": ' + "[" * 5_000, r"package.json:1:206: values are nested over 200", id="deep"),
        pytest.param("{", r"package.json:1:2: this is not JSON", id="broken"),
    ],
)
def test_a_manifest_that_cannot_be_read_fails_the_unit(manifest: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(manifest)


@pytest.mark.parametrize("manifest", [{}, {"dependencies": None}, {"dependencies": []}, {"engines": ["node >= 1"]}])
def test_an_empty_manifest_has_no_dependencies(manifest: Any) -> None:
    assert parsed(manifest) == Parsed(())


def test_a_byte_order_mark_is_no_obstacle() -> None:
    (dependency,) = parsed('\ufeff{\r\n"dependencies":\r\n{"a": "1.0.0"}}').dependencies
    assert dependency.line == 3
