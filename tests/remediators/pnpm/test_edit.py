import json
from collections.abc import Mapping
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import PNPM, lock_9, unit_of
from tests.remediators.pnpm.test_inventory import MEMBERS, WORKSPACE

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False, override=True)
DEBUG = """  .:
    dependencies:
      debug:
        specifier: 4.1.0
        version: 4.1.0
"""
LEADS = "\n    dependencies:\n      ms: 2.0.0"
ONE = lock_9(DEBUG, {"debug@4.1.0": LEADS, "ms@2.0.0": ""})
TWO = lock_9(DEBUG, {"debug@4.1.0": LEADS, "ms@2.0.0": "", "ms@1.0.0": ""})
BOTH = lock_9(
    DEBUG,
    {
        "debug@4.1.0": LEADS,
        "debug@3.0.0": "\n    dependencies:\n      ms: 1.0.0",
        "ms@2.0.0": "",
        "ms@1.0.0": "",
    },
)
MANIFEST = {"dependencies": {"debug": "4.1.0"}}


def edited(files: Mapping[str, Any], *upgrades: Upgrade) -> dict[str, str]:
    changed = PNPM.edit(unit_of(files), encoded(files), upgrades)
    return {path: content.decode() for path, content in changed.items()}


def test_a_catalog_line_moves_where_it_stands() -> None:
    changed = edited(MEMBERS, Upgrade("ms", "2.0.0", "3.1.0", direct=True))
    assert changed == {"pnpm-workspace.yaml": WORKSPACE.replace("^2.0.0 # why", "^3.1.0 # why")}


def test_a_range_that_admits_the_version_stays() -> None:
    assert edited(MEMBERS, Upgrade("ms", "2.0.0", "2.0.5", direct=True)) == {}


def test_only_the_line_that_leads_to_the_version_moves() -> None:
    files = {"package.json": '{ "dependencies":\t{"debug":"4.1.0"} }\r\n', "pnpm-lock.yaml": ONE}
    changed = edited(files, Upgrade("debug", "4.1.0", "4.1.1", direct=True))
    assert changed == {"package.json": '{ "dependencies":\t{"debug":"4.1.1"} }\r\n'}
    assert edited(files, Upgrade("debug", "4.0.0", "4.1.1", direct=True)) == {}


@pytest.mark.parametrize(
    ("lock", "before", "after"),
    [
        pytest.param(ONE, None, {"ms": "2.0.5"}, id="the only version"),
        pytest.param(TWO, None, {"debug>ms": "2.0.5"}, id="beside another version"),
        pytest.param(BOTH, None, {"debug@4.1.0>ms": "2.0.5"}, id="of two versions of the same package"),
        pytest.param(ONE, {"x": "1"}, {"x": "1", "ms": "2.0.5"}, id="beside others"),
        pytest.param(ONE, {"ms": "2.0.0"}, {"ms": "2.0.5"}, id="a pin of the old version"),
        pytest.param(ONE, {"ms@<2.0.3": ">=2.0.0"}, {"ms@<2.0.3": "2.0.5"}, id="as an audit writes them"),
        pytest.param(ONE, {"debug>ms": "2.0.0"}, {"debug>ms": "2.0.5", "ms": "2.0.5"}, id="below one package"),
        pytest.param(ONE, {"debug@>4>ms": "3"}, {"debug@>4>ms": "3", "ms": "2.0.5"}, id="what leads elsewhere"),
    ],
)
def test_entries_of_overrides_in_the_manifest(lock: str, before: Any, after: Any) -> None:
    own = {} if before is None else {"pnpm": {"overrides": before}}
    changed = edited({"package.json": {**MANIFEST, **own}, "pnpm-lock.yaml": lock}, UP)
    assert json.loads(changed["package.json"]) == {**MANIFEST, "pnpm": {"overrides": after}}


PACKAGES = "packages: [x]\n"
OVERRIDES = "overrides:\n  x: 1.0.0\n"


@pytest.mark.parametrize(
    ("more", "workspace", "place"),
    [
        pytest.param({}, None, "package.json", id="no workspace"),
        pytest.param({"packageManager": "pnpm@9.15.9"}, PACKAGES, "package.json", id="pnpm 9"),
        pytest.param({"packageManager": "pnpm@10.5.0"}, PACKAGES, "package.json", id="early pnpm 10"),
        pytest.param({"packageManager": "pnpm@10.5.1"}, PACKAGES, "pnpm-workspace.yaml", id="pnpm 10"),
        pytest.param({}, PACKAGES, "pnpm-workspace.yaml", id="pnpm of today"),
        pytest.param({}, OVERRIDES, "pnpm-workspace.yaml", id="where others stand"),
        pytest.param({"packageManager": "pnpm@9.15.9"}, OVERRIDES, "package.json", id="where pnpm 9 sees none"),
        pytest.param({"pnpm": {"overrides": {"x": "1"}}}, PACKAGES, "package.json", id="that go before"),
        pytest.param({"pnpm": {"overrides": {"x": "1"}}}, OVERRIDES, "package.json", id="that hide others"),
        pytest.param({"resolutions": {"x": "1"}}, PACKAGES, "package.json", id="resolutions go before, too"),
    ],
)
def test_overrides_stand_where_the_pnpm_of_the_project_looks(more: Any, workspace: str | None, place: str) -> None:
    files = {} if workspace is None else {"pnpm-workspace.yaml": workspace}
    changed = edited({"package.json": {**MANIFEST, **more}, "pnpm-lock.yaml": ONE, **files}, UP)
    assert list(changed) == [place]
    if place == "pnpm-workspace.yaml":
        heading = "" if workspace == OVERRIDES else "overrides:\n"
        assert changed[place] == f"{workspace}{heading}  ms: 2.0.5\n"
    else:
        assert json.loads(changed[place])["pnpm"]["overrides"]["ms"] == "2.0.5"


def test_a_pnpm_that_reads_only_the_workspace_needs_one() -> None:
    files = {"package.json": {**MANIFEST, "packageManager": "pnpm@11.2.3"}, "pnpm-lock.yaml": ONE}
    with pytest.raises(BlockedError, match=r"pnpm 11 reads overrides of pnpm-workspace\.yaml: add that file"):
        edited(files, UP)
