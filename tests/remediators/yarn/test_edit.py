import json
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError, ManifestError
from tests.remediators.yarn.projects import YARN, Locked, berry, classic, encoded, parsed, unit_of

UP = Upgrade("ms", "2.0.0", "2.1.1", direct=True)
FORCED = Upgrade("ms", "2.0.0", "2.1.1", direct=False, override=True)
MS = {"version": "2.0.0"}
DEBUG = {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}
NEWER: dict[str, Any] = {"version": "4.0.0", "dependencies": {"ms": "^2.1.0"}}


def edited(manifest: Any, lock: str, *upgrades: Upgrade, **files: Any) -> dict[str, str]:
    project = encoded({"package.json": manifest, "yarn.lock": lock, **files})
    changed = YARN.edit(unit_of({path: raw.decode() for path, raw in project.items()}), project, upgrades)
    return {path: content.decode() for path, content in changed.items()}


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        pytest.param("2.0.0", "2.1.1", id="a pin follows"),
        pytest.param("~2.0.0", "~2.1.1", id="the operator stays"),
        pytest.param("npm:ms@2.0.0", "npm:ms@2.1.1", id="renamed"),
        pytest.param("^2.0.0", None, id="a range that admits it"),
        pytest.param("latest", None, id="a tag"),
    ],
)
def test_a_requirement_that_refuses_the_version_is_rewritten(written: str, becomes: str | None) -> None:
    manifest = '{\r\n\t"dependencies": {"ms":  "%s" }, "x": "é"}'
    changed = edited(manifest % written, classic({f"ms@{written}": MS}), UP)
    assert changed == ({} if becomes is None else {"package.json": manifest % becomes})


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        pytest.param("npm:2.0.0", "npm:2.1.1", id="a pin follows"),
        pytest.param("npm:~2.0.0", "npm:~2.1.1", id="the operator stays"),
        pytest.param("npm:^2.0.0", None, id="a range that admits it"),
        pytest.param("npm:latest", None, id="a tag"),
    ],
)
def test_berry_writes_a_range_with_its_protocol(written: str, becomes: str | None) -> None:
    manifest = '{"dependencies": {"ms": "%s"}}'
    changed = edited(manifest % written, berry({f"ms@{written}": MS}), UP)
    assert changed == ({} if becomes is None else {"package.json": manifest % becomes})


def test_only_what_leads_to_the_old_version_is_rewritten() -> None:
    lock = classic({"ms@2.0.0": MS, "ms@1.0.0": {"version": "1.0.0"}})
    root = {"workspaces": ["a"], "dependencies": {"ms": "1.0.0"}}
    changed = edited(root, lock, UP, **{"a/package.json": {"devDependencies": {"ms": "2.0.0"}}})
    assert changed == {"a/package.json": '{"devDependencies": {"ms": "2.1.1"}}'}


def test_a_peer_requirement_is_widened() -> None:
    changed = edited(
        {"peerDependencies": {"ms": "2.0.0"}, "devDependencies": {"ms": "2.0.0"}}, classic({"ms@2.0.0": MS}), UP
    )
    assert json.loads(changed["package.json"]) == {
        "peerDependencies": {"ms": "2.0.0 || 2.1.1"},
        "devDependencies": {"ms": "2.1.1"},
    }


def test_a_requirement_that_is_not_the_packages_stays() -> None:
    assert (
        edited(
            {"dependencies": {"ms": "2.0.0"}}, classic({"ms@2.0.0": MS}), Upgrade("x", "1.0.0", "2.0.0", direct=True)
        )
        == {}
    )


@pytest.mark.parametrize(
    ("lock", "manifest", "expected"),
    [
        pytest.param(
            classic({"debug@2.6.9": DEBUG, "ms@2.0.0": MS}),
            {"dependencies": {"debug": "2.6.9"}},
            {"ms": "2.1.1"},
            id="classic, one version",
        ),
        pytest.param(
            classic({"debug@2.6.9": DEBUG, "ms@2.0.0": MS, "ms@^1.0.0": {"version": "1.0.0"}}),
            {"dependencies": {"debug": "2.6.9", "ms": "^1.0.0"}},
            {"**/debug/ms": "2.1.1"},
            id="classic, another version beside it",
        ),
        pytest.param(
            berry({"debug@npm:2.6.9": DEBUG, "ms@npm:2.0.0": MS}, 6),
            {"dependencies": {"debug": "2.6.9"}},
            {"ms@2.0.0": "2.1.1"},
            id="yarn 3, which compares as written",
        ),
        pytest.param(
            berry({"debug@npm:2.6.9": {**DEBUG, "dependencies": {"ms": "npm:2.0.0"}}, "ms@npm:2.0.0": MS}),
            {"dependencies": {"debug": "2.6.9"}},
            {"ms@npm:2.0.0": "2.1.1"},
            id="yarn 4",
        ),
        pytest.param(
            berry(
                {
                    "debug@npm:2.6.9": {**DEBUG, "dependencies": {"m": "npm:ms@2.0.0"}},
                    "m@npm:ms@2.0.0": {**MS, "resolution": "ms@npm:2.0.0"},
                }
            ),
            {"dependencies": {"debug": "2.6.9"}},
            {"m@npm:ms@2.0.0": "npm:ms@2.1.1"},
            id="yarn 4, renamed",
        ),
        pytest.param(
            classic({"debug@2.6.9": DEBUG, "ms@2.0.0": MS}),
            {"dependencies": {"debug": "2.6.9"}, "resolutions": {"**/ms": "2.0.0", "x": "1"}},
            {"**/ms": "2.1.1", "x": "1"},
            id="a line that leads there is moved",
        ),
        pytest.param(
            berry({"debug@npm:2.6.9": DEBUG, "ms@npm:2.0.0": MS}),
            {"dependencies": {"debug": "2.6.9"}, "resolutions": {"debug/ms": "npm:2.0.0"}},
            {"debug/ms": "npm:2.1.1"},
            id="with its protocol",
        ),
    ],
)
def test_resolutions(lock: str, manifest: dict[str, Any], expected: dict[str, str]) -> None:
    changed = json.loads(edited(manifest, lock, FORCED)["package.json"])
    assert changed == {**manifest, "resolutions": expected}


def test_a_resolution_of_the_project_moves_without_being_asked() -> None:
    manifest = {"dependencies": {"debug": "2.6.9"}, "resolutions": {"ms": "2.0.0"}}
    lock = classic({"debug@2.6.9": DEBUG, "ms@2.0.0": MS})
    changed = edited(manifest, lock, Upgrade("ms", "2.0.0", "2.1.1", direct=False))
    assert json.loads(changed["package.json"])["resolutions"] == {"ms": "2.1.1"}


def test_an_override_that_nobody_needs_is_not_written() -> None:
    lock = classic({"debug@4.0.0": {**NEWER, "dependencies": {"ms": "^2.0.0"}}, "ms@^2.0.0": MS})
    assert edited({"dependencies": {"debug": "4.0.0"}}, lock, FORCED) == {}


def test_classic_cannot_tell_two_requirers_of_one_name_apart() -> None:
    entries: Locked = {"debug@2.6.9": DEBUG, "debug@4.0.0": NEWER, "ms@2.0.0": MS, "ms@^2.1.0": {"version": "2.1.3"}}
    with pytest.raises(
        BlockedError, match=r"blocked: `resolutions` would also set it for debug 4\.0\.0, which needs \^2\.1\.0"
    ):
        edited({"dependencies": {"debug": "2.6.9", "d": "npm:debug@4.0.0"}}, classic(entries), FORCED)


@pytest.mark.parametrize("resolutions", [["ms"], "ms", 1])
def test_resolutions_of_another_shape_are_refused(resolutions: Any) -> None:
    lock = classic({"debug@2.6.9": DEBUG, "ms@2.0.0": MS})
    with pytest.raises(ManifestError, match=r"package.json: resolutions is not a JSON object"):
        edited({"dependencies": {"debug": "2.6.9"}, "resolutions": resolutions}, lock, FORCED)


SETTINGS = "# ours\r\ncatalog:\r\n  ms: '2.0.0'   # why\r\n  x: 1\r\ncatalogs:\r\n  old: {ms: \"npm:2.0.0\"}\r\n"


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        pytest.param("catalog:", "'2.0.0'   # why", "'2.1.1'   # why", id="the default catalog"),
        pytest.param("catalog:old", '"npm:2.0.0"', '"npm:2.1.1"', id="a named catalog, with its protocol"),
    ],
)
def test_a_range_in_a_catalog_is_rewritten_there(written: str, before: str, after: str) -> None:
    lock = berry({"ms@npm:2.0.0": MS})
    changed = edited({"dependencies": {"ms": written}}, lock, UP, **{".yarnrc.yml": SETTINGS})
    assert changed == {".yarnrc.yml": SETTINGS.replace(before, after)}


def test_a_line_that_names_a_catalog_is_direct() -> None:
    found = parsed({"dependencies": {"ms": "catalog:"}}, berry({"ms@npm:2.0.0": MS}), {".yarnrc.yml": SETTINGS})
    (one,) = found.dependencies
    assert (one.package, one.requirement, one.version, one.direct) == ("ms", "2.0.0", "2.0.0", True)
    assert found.problems == ()
