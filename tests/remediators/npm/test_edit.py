import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Upgrade
from remediators.errors import ManifestError
from tests.remediators.npm.projects import NPM, encoded, locked, unit_of

TO_2 = Upgrade("a", "1.5.0", "2.4.1", direct=True)
TO_154 = Upgrade("a", "1.5.0", "1.5.4", direct=True)


def edited(files: dict[str, Any], *upgrades: Upgrade) -> dict[str, str]:
    """The new text of every file that changes."""
    content = encoded(files)
    return {path: raw.decode() for path, raw in NPM.edit(unit_of(files), content, upgrades).items()}


def edited_manifest(manifest: str, *upgrades: Upgrade, **copies: str) -> str:
    """The package.json after an edit, with these packages locked at these versions."""
    lock = {"package-lock.json": locked(**{key: {"version": v} for key, v in copies.items()})} if copies else {}
    return edited({"package.json": manifest, **lock}, *upgrades).get("package.json", manifest)


@pytest.mark.parametrize(
    ("before", "upgrade", "after"),
    [
        pytest.param('{"dependencies": {"a": "1.5.0"}}', TO_2, '{"dependencies": {"a": "2.4.1"}}', id="pin"),
        pytest.param('{"dependencies": {"a": "^1.2"}}', TO_2, '{"dependencies": {"a": "^2.4"}}', id="caret"),
        pytest.param('{"dependencies": {"a": "^1.2"}}', TO_154, '{"dependencies": {"a": "^1.2"}}', id="admitted"),
        pytest.param('{"dependencies": {"a": "*"}}', TO_2, '{"dependencies": {"a": "*"}}', id="anything is admitted"),
        pytest.param('{"dependencies": {"a": "latest"}}', TO_2, '{"dependencies": {"a": "latest"}}', id="tag"),
        pytest.param('{"devDependencies": {"a": "1.x"}}', TO_2, '{"devDependencies": {"a": "2.x"}}', id="development"),
        pytest.param(
            '{"peerDependencies": {"a": "^1"}, "devDependencies": {"a": "^1.5.0"}}',
            TO_2,
            '{"peerDependencies": {"a": "^1 || ^2"}, "devDependencies": {"a": "^2.4.1"}}',
            id="a peer is widened",
        ),
        pytest.param(
            '{\r\n\t"name" : "w",\r\n\t"dependencies":{"b":"1.5.0","a":"1.5.0" } }\r\n\r\n',
            TO_2,
            '{\r\n\t"name" : "w",\r\n\t"dependencies":{"b":"1.5.0","a":"2.4.1" } }\r\n\r\n',
            id="layout stays",
        ),
        pytest.param(
            '\ufeff{"dependencies": {"\\u0061": "1.5.\\u0030"}, "a": "1.5.0"}',
            TO_2,
            '\ufeff{"dependencies": {"\\u0061": "2.4.1"}, "a": "1.5.0"}',
            id="escapes and a byte order mark",
        ),
    ],
)
def test_a_locked_requirement_changes_only_when_it_refuses(before: str, upgrade: Upgrade, after: str) -> None:
    assert edited_manifest(before, upgrade, a="1.5.0", b="1.5.0") == after


@pytest.mark.parametrize(
    ("before", "upgrade", "after"),
    [
        pytest.param("1.5.0", TO_2, "2.4.1", id="pin"),
        pytest.param("^1.2", TO_2, "^2.4", id="caret that refuses"),
        pytest.param("^1.2", TO_154, "^1.5.4", id="caret that admits both"),
        pytest.param("*", TO_2, ">=2.4.1", id="star"),
        pytest.param("latest", TO_2, "latest", id="tag"),
        pytest.param("^3", TO_2, "^3", id="it never stood for the old version"),
        pytest.param("^1.6", TO_2, "^1.6", id="nor did this one"),
        pytest.param("npm:a@^1.2", TO_2, "npm:a@^2.4", id="alias"),
        pytest.param("npm:a", TO_2, "npm:a@>=2.4.1", id="alias of anything"),
        pytest.param("npm:^1.2", TO_2, "npm:^2.4", id="range as berry writes it"),
    ],
)
def test_without_a_lockfile_the_floor_is_raised(before: str, upgrade: Upgrade, after: str) -> None:
    assert edited_manifest(json.dumps({"dependencies": {"a": before}}), upgrade) == json.dumps(
        {"dependencies": {"a": after}}
    )


@pytest.mark.parametrize(("before", "after"), [("^1.2", "^1.2"), ("1.5.0", "1.5.0 || 1.5.4")])
def test_without_a_lockfile_a_peer_gets_no_floor(before: str, after: str) -> None:
    manifest = '{"peerDependencies": {"a": "%s"}}'
    assert edited_manifest(manifest.replace("%s", before), TO_154) == manifest.replace("%s", after)


def test_an_alias_is_found_by_what_it_installs() -> None:
    manifest = '{"dependencies": {"old": "npm:a@~1.5.0", "a": "npm:b@~1.5.0"}}'
    lock = locked(old={"name": "a", "version": "1.5.0"}, a={"name": "b", "version": "1.5.0"})
    after = edited({"package.json": manifest, "package-lock.json": lock}, TO_2)
    assert after == {"package.json": manifest.replace("a@~1.5.0", "a@~2.4.1")}


def test_each_workspace_is_judged_by_what_it_gets() -> None:
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "node_modules/a": {"version": "1.5.0"},
            "packages/x": {},
            "packages/y": {},
            "packages/y/node_modules/a": {"version": "0.9.0"},
        },
    }
    files = {
        "package.json": {"dependencies": {"a": "^1.2.0"}},
        "package-lock.json": lock,
        "packages/x/package.json": {"dependencies": {"a": "1.5.0"}},
        "packages/y/package.json": {"dependencies": {"a": "^0.9.0"}},
    }
    assert edited(files, TO_2) == {
        "package.json": '{"dependencies": {"a": "^2.4.1"}}',
        "packages/x/package.json": '{"dependencies": {"a": "2.4.1"}}',
    }


def test_a_transitive_upgrade_leaves_the_manifest_alone() -> None:
    upgrade = Upgrade("a", "1.5.0", "2.4.1", direct=False)
    files = {
        "package.json": {"dependencies": {"b": "^1"}},
        "package-lock.json": locked(a={"version": "1.5.0"}, b={"version": "1.0.0"}),
    }
    assert edited(files, upgrade) == {}


def test_several_upgrades_are_one_edit() -> None:
    before = '{"dependencies": {"a": "^1.5.0"}, "devDependencies": {"b": "~0.1.0"}}'
    after = '{"dependencies": {"a": "^2.4.1"}, "devDependencies": {"b": "~0.2.0"}}'
    assert edited_manifest(before, TO_2, Upgrade("b", "0.1.1", "0.2.0", direct=True), a="1.5.0", b="0.1.1") == after


def test_a_range_that_cannot_be_rewritten_is_refused_with_its_place() -> None:
    down = Upgrade("a", "1.5.0", "1.4.0", direct=True)
    with pytest.raises(ManifestError, match=r"package.json:2: a: '>=1.5' cannot be rewritten to take 1.4.0 and not"):
        edited_manifest('{"dependencies":\n{"a": ">=1.5"}}', down, a="1.5.0")


names = st.text("abcxyz-", min_size=2, max_size=5).filter(lambda name: name[0] != "-")
specs = st.sampled_from(["^1.0.0", "~1.5.0", "1.5.0", "1.x", "*", "latest", ">=1 <2", "file:../x", "^1 || ^3"])
sections = st.dictionaries(names, specs, max_size=4)
manifests = st.fixed_dictionaries(
    {"name": names, "dependencies": sections.map(lambda lines: {**lines, "a": "^1.5.0"}), "devDependencies": sections},
    optional={"scripts": st.dictionaries(names, st.just("1.5.0"), max_size=2), "a": st.just("^1.5.0")},
)
layouts = st.sampled_from([{"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])
newlines = st.sampled_from(["\n", "\r\n"])


@given(manifests, layouts, newlines, st.sampled_from(["", "\n"]))
def test_an_edit_changes_nothing_but_its_target(
    manifest: dict[str, Any], layout: dict[str, Any], newline: str, end: str
) -> None:
    before = (json.dumps(manifest, **layout) + end).replace("\n", newline)
    after = edited_manifest(before, TO_2, a="1.5.0")
    expected = {**manifest, "dependencies": {**manifest["dependencies"], "a": "^2.4.1"}}
    assert json.loads(after) == expected
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("1", "2"), ("5", "4"), ("0", "1")]
