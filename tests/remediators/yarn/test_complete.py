from collections.abc import Mapping
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.yarn.complete import completed
from remediators.yarn.lock import lock
from remediators.yarn.project import project
from tests.remediators.yarn.projects import Locked, berry, encoded, unit_of

WEB = {"version": "0.0.0-use.local", "dependencies": {"debug": "npm:^2.6.0"}}
DEBUG = {"version": "2.6.8", "dependencies": {"ms": "npm:^2.0.0"}}
OLD: Locked = {"web@workspace:.": WEB, "debug@npm:^2.6.0": DEBUG, "ms@npm:^2.0.0": {"version": "2.0.0"}}
NEW: Locked = {**OLD, "ms@npm:^2.0.0": {"version": "2.0.5"}}
MOVED = Upgrade("ms", "2.0.0", "2.0.5", direct=False)
ASKS = {"name": "web", "dependencies": {"debug": "^2.6.0"}}


def whole(
    before: Locked,
    spliced: Locked,
    *,
    asks: Any = None,
    fetched: int = 8,
    version: int = 8,
    files: Mapping[str, Any] | None = None,
    moved: Upgrade = MOVED,
) -> str | None:
    """What is made of the spliced blocks, for a project whose package.json asks for this now."""
    held = {"package.json": asks or ASKS, "yarn.lock": berry(before, version), **(files or {})}
    found = project(unit_of(held), encoded(held).get)
    blocks = lock(berry({}, fetched).encode(), "yarn.lock")
    made = completed(found, blocks, berry(spliced, version).encode(), [moved])
    return None if made is None else made.decode()


def test_blocks_that_fit_stay_as_they_are() -> None:
    assert whole(OLD, NEW) == berry(NEW)


PINNED: Locked = {
    "web@workspace:.": {**WEB, "dependencies": {"debug": "npm:^2.6.0", "ms": "npm:2.0.0"}},
    "debug@npm:^2.6.0": DEBUG,
    "ms@npm:2.0.0, ms@npm:^2.0.0": {"version": "2.0.0"},
}
PINS = {"name": "web", "dependencies": {"debug": "^2.6.0", "ms": "2.0.5"}}


def test_a_pin_goes_with_what_it_led_to() -> None:
    wanted: dict[str, Any] = {**PINNED, "ms@npm:2.0.5, ms@npm:^2.0.0": {"version": "2.0.5"}}
    del wanted["ms@npm:2.0.0, ms@npm:^2.0.0"]
    wanted["web@workspace:."] = {**WEB, "dependencies": {"debug": "npm:^2.6.0", "ms": "npm:2.0.5"}}
    split = {"ms@npm:2.0.0": {"version": "2.0.0"}, "ms@npm:2.0.5, ms@npm:^2.0.0": {"version": "2.0.5"}}
    spliced = {**{pattern: entry for pattern, entry in PINNED.items() if not pattern.startswith("ms@")}, **split}
    assert whole(PINNED, spliced, asks=PINS) == berry(wanted)
    extended = {".yarnrc.yml": "packageExtensions:\n  debug@*:\n    dependencies:\n      ms: 2.0.0\n"}
    assert whole(PINNED, spliced, asks=PINS, files=extended) is None


@pytest.mark.parametrize(
    ("asked", "locked", "version"),
    [
        pytest.param("^2.6.9", "npm:^2.6.9", 8, id="with the protocol"),
        pytest.param("npm:2.6.9", "npm:2.6.9", 8, id="that the package.json has itself"),
        pytest.param("^2.6.9", "^2.6.9", 6, id="without the protocol"),
        pytest.param(">=2.6.9 <3", ">=2.6.9 <3", 6, id="in quotes"),
    ],
)
def test_the_block_of_the_repositorys_own_package_follows_its_package_json(
    asked: str, locked: str, version: int
) -> None:
    descriptor = f"debug@npm:{asked.removeprefix('npm:')}"
    protocol = "npm:" if version == 8 else ""
    needs = {"ms": f"{protocol}^2.0.0"}
    old: Locked = {
        "web@workspace:.": {**WEB, "dependencies": {"debug": f"{protocol}2.6.8"}},
        "debug@npm:2.6.8": {"version": "2.6.8", "dependencies": needs},
        "ms@npm:^2.0.0": {"version": "2.0.0"},
    }
    moved = {"version": "2.6.9", "dependencies": needs}
    asks = {"name": "web", "dependencies": {"debug": asked}}
    wanted: Locked = {
        "web@workspace:.": {**WEB, "dependencies": {"debug": locked}},
        descriptor: moved,
        "ms@npm:^2.0.0": {"version": "2.0.0"},
    }
    spliced = {**old, descriptor: moved}
    up = Upgrade("debug", "2.6.8", "2.6.9", direct=True)
    assert whole(old, spliced, asks=asks, version=version, fetched=version, moved=up) == berry(wanted, version)


def test_every_package_of_the_repository_is_looked_at() -> None:
    inner = {"version": "0.0.0-use.local", "dependencies": {"ms": "npm:^2.0.0", "web": "workspace:*"}}
    before = {**OLD, "web@workspace:*, web@workspace:.": WEB, "x@workspace:packages/x": inner}
    del before["web@workspace:."]
    spliced: Locked = {**before, "ms@npm:2.0.5": {"version": "2.0.5"}, "ms@npm:^2.0.0": {"version": "2.0.0"}}
    asks = {**ASKS, "workspaces": ["packages/*"]}
    x = {"name": "x", "dependencies": {"web": "workspace:*"}, "devDependencies": {"ms": "2.0.5"}}
    wanted: Locked = {
        **spliced,
        "x@workspace:packages/x": {**inner, "dependencies": {"ms": "npm:2.0.5", "web": "workspace:*"}},
    }
    assert whole(before, spliced, asks=asks, files={"packages/x/package.json": x}) == berry(wanted)


PATCH = "resolve@patch:resolve@npm%3A^1.0.0#optional!builtin<compat/resolve>"
RESOLVE: Locked = {
    "web@workspace:.": {"version": "0.0.0-use.local", "dependencies": {"ms": "npm:^2.0.0", "resolve": "npm:^1.0.0"}},
    "ms@npm:^2.0.0": {"version": "2.0.0"},
    "resolve@npm:^1.0.0": {"version": "1.0.0"},
    PATCH: {
        "version": "1.0.0",
        "resolution": "resolve@patch:resolve@npm%3A1.0.0#optional!builtin<compat/resolve>::version=1.0.0&hash=0123",
    },
}
ASKS_TOO = {"name": "web", "dependencies": {"ms": "^2.0.0", "resolve": "^1.0.0"}}


def test_a_patch_of_yarns_own_stays_with_what_it_is_of() -> None:
    spliced: Locked = {**RESOLVE, "ms@npm:^2.0.0": {"version": "2.0.5"}}
    assert whole(RESOLVE, spliced, asks=ASKS_TOO) == berry(spliced)


EXTENDED = {**OLD, "tick@npm:^1.0.0": {"version": "1.0.0"}}
MOVED_AWAY = {pattern: entry for pattern, entry in RESOLVE.items() if pattern != PATCH}
WITH_WEB = {"version": "2.6.9", "dependencies": {"ms": "npm:^2.0.0", "web": "npm:^1.0.0"}}
NEEDS_MORE = {**OLD, "debug@npm:^2.6.0": WITH_WEB}


@pytest.mark.parametrize(
    ("before", "spliced", "asks"),
    [
        pytest.param(EXTENDED, {**EXTENDED, **NEW}, ASKS, id="something is locked that nobody asks for"),
        pytest.param(OLD, {**OLD, "ms@npm:^2.0.0": {"version": "2.0.5", "dependencies": {"tick": "npm:^1.0.0"}}}, ASKS,
                     id="something is missing"),
        pytest.param(RESOLVE, MOVED_AWAY, ASKS_TOO, id="yarn patches what moved"),
        pytest.param(OLD, {**NEEDS_MORE, "web@npm:^1.0.0": {"version": "1.0.0"}}, ASKS,
                     id="something new is named as the repository's own"),
        pytest.param(OLD, NEW, {**ASKS, "devDependencies": {"ms": "^2.0.0"}}, id="a requirement is new"),
        pytest.param(OLD, NEW, {**ASKS, "devDependencies": {"debug": "^2.0.0"}}, id="a package is asked for twice"),
        pytest.param(OLD, NEW, {**ASKS, "peerDependencies": {"ms": "^2.0.0"}}, id="a peer is new"),
        pytest.param(OLD, NEW, {"name": "web", "dependencies": {"debug": "link:debug"}}, id="no range any more"),
        pytest.param(OLD, NEW, {**ASKS, "resolutions": {"ms": "2.0.5"}}, id="a resolution is new"),
    ],
)  # fmt: skip
def test_what_only_yarn_can_tell_is_left_to_it(before: Locked, spliced: Locked, asks: Any) -> None:
    assert whole(before, spliced, asks=asks) is None


def test_a_lockfile_that_yarn_brings_to_a_newer_version_is_left_to_it() -> None:
    assert whole(OLD, NEW, fetched=9) is None


def test_a_package_of_the_repository_that_is_not_locked_is_left_to_yarn() -> None:
    files = {"packages/x/package.json": {"name": "x"}}
    assert whole(OLD, NEW, asks={**ASKS, "workspaces": ["packages/*"]}, files=files) is None
