import json
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer, ToolError
from tests.remediators.conftest import FakeTools
from tests.remediators.yarn.locked import ALONE, BERRY, CLASSIC, LOCKS, UP, alone
from tests.remediators.yarn.projects import YARN, Locked, berry, classic
from tests.remediators.yarn.scripted import Bench, ScriptedYarn

MANIFEST = {"name": "web", "dependencies": {"debug": "^2.6.0", "@a/b": "1.0.0"}}


@LOCKS
def test_a_transitive_dependency_moves_to_exactly_that_version(bench: Bench, lockfile: str) -> None:
    done = bench.relock(ALONE, alone(lockfile), UP)
    assert done.versions() == {"@a/b@1.0.0": "1.0.0", "ms@^2.0.0": "2.0.5"}
    assert done.text("package.json") == json.dumps(ALONE)
    assert done.text().replace("2.0.5", "2.0.0") == alone(lockfile)


@LOCKS
def test_only_plain_files_of_the_project_are_left(bench: Bench, lockfile: str) -> None:
    done = bench.relock(ALONE, alone(lockfile), UP)
    assert sorted(str(path.relative_to(done.work)) for path in done.work.rglob("*")) == ["package.json", "yarn.lock"]


@LOCKS
def test_who_refuses_the_version_blocks_it(bench: Bench, lockfile: str) -> None:
    with pytest.raises(BlockedError) as error:
        bench.relock(MANIFEST, lockfile, UP)
    assert str(error.value) == ("yarn.lock: ms 2.0.0 cannot become 2.0.5, blocked: debug 2.6.8 needs ms 2.0.0")
    assert error.value.blockers == (Requirer("debug", "2.6.8", "2.0.0", direct=True),)


@LOCKS
def test_a_parent_and_its_child_move_together(bench: Bench, lockfile: str) -> None:
    upgrades = (Upgrade("debug", "2.6.8", "4.0.0", direct=True), Upgrade("ms", "2.0.0", "2.1.0", direct=False))
    done = bench.relock(MANIFEST, lockfile, *upgrades)
    assert json.loads(done.text("package.json"))["dependencies"] == {"debug": "^4.0.0", "@a/b": "1.0.0"}
    assert done.versions() == {
        "@a/b@1.0.0": "1.0.0",
        "debug@^4.0.0": "4.0.0",
        "ms@^2.0.0": "2.1.0",
        "ms@^2.1.0": "2.1.0",
    }


@LOCKS
def test_a_parent_that_asks_for_yet_another_version_blocks_its_child(bench: Bench, lockfile: str) -> None:
    manifest = {"name": "web", "dependencies": {"debug": "^2.6.0"}}
    upgrades = (Upgrade("debug", "2.6.8", "2.6.9", direct=True), Upgrade("ms", "2.0.0", "2.1.0", direct=False))
    with pytest.raises(BlockedError, match=r"debug 2\.6\.9 needs ms 2\.0\.0"):
        bench.relock(manifest, lockfile, *upgrades)


@LOCKS
def test_what_the_new_version_needs_is_added(bench: Bench, lockfile: str) -> None:
    done = bench.relock(ALONE, alone(lockfile), Upgrade("ms", "2.0.0", "2.1.1", direct=False))
    assert done.versions() == {"@a/b@1.0.0": "1.0.0", "ms@^2.0.0": "2.1.1", "tick@^1.0.0": "1.1.0"}


@LOCKS
def test_a_routine_update_leaves_the_copy_that_another_package_needs(bench: Bench, lockfile: str) -> None:
    manifest = {"name": "web", "dependencies": {"debug": "^2.6.0", "@a/b": "1.0.0", "ms": "2.0.0"}}
    done = bench.relock(manifest, lockfile, Upgrade("ms", "2.0.0", "2.1.3", direct=True, everywhere=False))
    assert json.loads(done.text("package.json"))["dependencies"]["ms"] == "2.1.3"
    assert done.versions() == {
        "@a/b@1.0.0": "1.0.0",
        "debug@^2.6.0": "2.6.8",
        "ms@2.0.0": "2.0.0",
        "ms@^2.0.0": "2.0.0",
        "ms@2.1.3": "2.1.3",
    }


def test_an_override_of_classic_leads_what_was_asked_for_elsewhere(bench: Bench) -> None:
    done = bench.relock(MANIFEST, CLASSIC, Upgrade("ms", "2.0.0", "2.0.5", direct=False, override=True))
    assert json.loads(done.text("package.json"))["resolutions"] == {"ms": "2.0.5"}
    assert "\nms@2.0.0, ms@2.0.5, ms@^2.0.0:\n" in done.text()
    assert set(done.versions().values()) == {"1.0.0", "2.6.8", "2.0.5"}


@LOCKS
def test_a_copy_that_has_the_new_version_already_is_joined(bench: Bench, lockfile: str) -> None:
    manifest = {"name": "web", "dependencies": {"@a/b": "1.0.0", "ms": "2.0.5"}}
    entries = {"@a/b@1.0.0": {"version": "1.0.0", "dependencies": {"ms": "^2.0.0"}}}
    copies = {"ms@2.0.5": {"version": "2.0.5"}, "ms@^2.0.0": {"version": "2.0.0"}}
    if lockfile == BERRY:
        entries = {"@a/b@npm:1.0.0": {"version": "1.0.0", "dependencies": {"ms": "npm:^2.0.0"}}}
        copies = {"ms@npm:2.0.5": {"version": "2.0.5"}, "ms@npm:^2.0.0": {"version": "2.0.0"}}
    write = classic if lockfile == CLASSIC else berry
    done = bench.relock(manifest, write({**entries, **copies}), UP)
    header = "\nms@2.0.5, ms@^2.0.0:\n" if lockfile == CLASSIC else '\n"ms@npm:2.0.5, ms@npm:^2.0.0":\n'
    assert header in done.text()
    assert done.versions() == {"@a/b@1.0.0": "1.0.0", "ms@2.0.5": "2.0.5", "ms@^2.0.0": "2.0.5"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends of Windows"),
        pytest.param(lambda text: "\ufeff" + text, id="a byte order mark"),
        pytest.param(lambda text: text.rstrip(), id="no line end at the end"),
        pytest.param(lambda text: text.replace("ms@^", "# why\nms@^"), id="a comment"),
    ],
)
def test_the_rest_of_a_classic_lockfile_stays_byte_for_byte(bench: Bench, change: Any) -> None:
    before = change(alone(CLASSIC))
    done = bench.relock(ALONE, before, UP)
    assert done.text() == before.replace("2.0.0.tgz", "2.0.5.tgz").replace('"2.0.0"', '"2.0.5"')


def test_archives_keep_the_registry_that_the_lockfile_names(bench: Bench) -> None:
    before = alone(CLASSIC).replace("registry.example/npm", "registry.example/mirror")
    assert "registry.example/npm" not in bench.relock(ALONE, before, UP).text()


def test_what_nobody_needs_any_more_goes(bench: Bench) -> None:
    entries: Locked = {
        "@a/b@1.0.0": {"version": "1.0.0", "dependencies": {"ms": "^2.0.0"}},
        "ms@^2.0.0": {"version": "2.1.1", "dependencies": {"tick": "^1.0.0"}},
        "tick@^1.0.0": {"version": "1.0.0"},
    }
    done = bench.relock(ALONE, classic(entries), Upgrade("ms", "2.1.1", "2.1.3", direct=False))
    assert done.versions() == {"@a/b@1.0.0": "1.0.0", "ms@^2.0.0": "2.1.3"}


def test_a_workspace_is_moved_with_its_root(bench: Bench) -> None:
    root = {"name": "web", "workspaces": ["a"], "dependencies": {"ms": "1.0.0"}}
    member: Any = {"name": "a", "dependencies": {"ms": "2.0.0"}}
    before = classic({"ms@1.0.0": {"version": "1.0.0"}, "ms@2.0.0": {"version": "2.0.0"}})
    move = Upgrade("ms", "2.0.0", "2.0.5", direct=True)
    done = bench.relock(root, before, move, files={"a/package.json": member})
    assert json.loads(done.text("a/package.json"))["dependencies"] == {"ms": "2.0.5"}
    assert done.versions() == {"ms@1.0.0": "1.0.0", "ms@2.0.5": "2.0.5"}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param("error Your lockfile needs to be updated", "exited with status 1", id="yarn fails"),
        pytest.param("", "is not installed", id="no shell"),
    ],
)
def test_a_tool_that_fails_is_said(bench: Bench, yarn: ScriptedYarn, words: str, reason: str) -> None:
    yarn.refuses = words
    tools = bench.tools if words else FakeTools()
    with pytest.raises(ToolError, match=reason):
        Bench(bench.work, tools).relock(ALONE, alone(CLASSIC), UP)


def test_a_unit_without_a_lockfile_stays_as_it_is(bench: Bench) -> None:
    (unit,) = YARN.units(["package-lock.json", "package.json", "yarn.lock"])
    YARN.relock(unit, bench.work, [UP], None, bench.tools)
    assert bench.tools.ran == []
