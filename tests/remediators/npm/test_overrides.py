import json
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError, ManifestError
from tests.remediators.npm.projects import NPM, encoded, locked, unit_of

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False, override=True)
SCOPED = Upgrade("@s/ms", "2.0.0", "2.0.5", direct=False, override=True)
LOCK = locked(ms={"version": "2.0.0"})


def edited(manifest: Any, *upgrades: Upgrade, lock: Any = LOCK) -> Any:
    files = {"package.json": manifest, "package-lock.json": lock}
    changed = NPM.edit(unit_of(files), encoded(files), upgrades)
    return json.loads(changed["package.json"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, {"ms@2.0.0": "2.0.5"}, id="none yet"),
        pytest.param({"x": "1"}, {"x": "1", "ms@2.0.0": "2.0.5"}, id="beside others"),
        pytest.param({"ms": "2.0.0"}, {"ms": "2.0.5"}, id="a pin of the old version"),
        pytest.param({"ms": "^2.0.0"}, {"ms": "2.0.5"}, id="a range that admits the old version"),
        pytest.param({"ms": "2.0.3"}, {"ms": "2.0.5"}, id="one that was never applied"),
        pytest.param({"ms@2": "2.0.0"}, {"ms@2": "2.0.5"}, id="for the same major"),
        pytest.param({"ms@1": "1.0.5"}, {"ms@1": "1.0.5", "ms@2.0.0": "2.0.5"}, id="for another major"),
        pytest.param(
            {"ms": {".": "2.0.0", "x": "1"}}, {"ms": {".": "2.0.5", "x": "1"}}, id="with what is below the package"
        ),
        pytest.param(
            {"ms@2.0.0": {"x": "1"}}, {"ms@2.0.0": {"x": "1", ".": "2.0.5"}}, id="only what is below the package"
        ),
        pytest.param(
            {"debug": {"ms": "2.0.0"}}, {"debug": {"ms": "2.0.5"}, "ms@2.0.0": "2.0.5"}, id="below one package"
        ),
        pytest.param({"ms": "$ms"}, {"ms": "$ms"}, id="one that follows the project"),
    ],
)
def test_entries_of_overrides(before: Any, after: Any) -> None:
    manifest = {"dependencies": {"debug": "1.0.0"}} | ({} if before is None else {"overrides": before})
    assert edited(manifest, UP) == {**manifest, "overrides": after}


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        pytest.param("^2.0.0", "$ms", id="what the entry would contradict"),
        pytest.param("^3.0.0", "2.0.5", id="another version"),
        pytest.param("npm:other@^2.0.0", "2.0.5", id="only the name is the same"),
    ],
)
def test_a_direct_requirement_is_never_contradicted(asked: str, value: str) -> None:
    manifest = {"dependencies": {"ms": asked}}
    lock = locked(**{"ms": {"version": "3.0.0"}, "x/node_modules/ms": {"version": "2.0.0"}, "x": {"version": "1.0.0"}})
    lock["packages"]["node_modules/ms"]["name"] = "other" if "npm:" in asked else "ms"
    assert edited(manifest, UP, lock=lock) == {**manifest, "overrides": {"ms@2.0.0": value}}


def test_several_at_once_with_a_raised_parent() -> None:
    manifest = {"dependencies": {"debug": "1.0.0"}}
    lock = locked(debug={"version": "1.0.0"}, ms={"version": "2.0.0"})
    parent = Upgrade("debug", "1.0.0", "1.0.1", direct=True)
    assert edited(manifest, UP, SCOPED, parent, lock=lock) == {
        "dependencies": {"debug": "1.0.1"},
        "overrides": {"ms@2.0.0": "2.0.5", "@s/ms@2.0.0": "2.0.5"},
    }


@pytest.mark.parametrize("overrides", [[], "x", 3])
def test_what_is_no_object_is_refused(overrides: Any) -> None:
    with pytest.raises(ManifestError, match=r"package\.json: overrides is not a JSON object"):
        edited({"overrides": overrides}, UP)


def test_an_old_npm_knows_no_overrides() -> None:
    lock = {"lockfileVersion": 1, "dependencies": {"ms": {"version": "2.0.0"}}}
    with pytest.raises(BlockedError, match=r"lockfile version 1 is of an npm that knows no `overrides`"):
        edited({}, UP, lock=lock)
