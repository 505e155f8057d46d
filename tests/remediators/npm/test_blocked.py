import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Upgrade
from remediators.errors import BlockedError, Requirer, ToolError
from tests.remediators.conftest import FakeTools
from tests.remediators.npm.scripted import MANIFEST, PACKAGES, Bench, ScriptedNpm

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False)
DIRECT = Upgrade("ms", "2.0.0", "2.0.5", direct=True)


@pytest.fixture
def npm() -> ScriptedNpm:
    return ScriptedNpm()


@pytest.fixture
def bench(tmp_path: Path, tools: FakeTools, npm: ScriptedNpm) -> Bench:
    tools.install("npm", npm)
    return Bench(tmp_path, tools)


def test_what_an_override_puts_in_the_place_of_a_package_meets_no_range_and_is_moved_by_the_override(
    bench: Bench, npm: ScriptedNpm
) -> None:
    manifest = {"dependencies": {"debug": "^2.6.0"}, "overrides": {"ms": "npm:noop@1.0.0"}}
    packages = {
        "": {"dependencies": {"debug": "^2.6.0"}},
        "node_modules/debug": {"version": "2.6.8", "dependencies": {"ms": "2.0.0"}},
        "node_modules/ms": {"name": "noop", "version": "1.0.0"},
    }
    npm.keeps = frozenset({"node_modules/ms"})
    npm.becomes = {"node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.1"}}}
    bench.relock(Upgrade("debug", "2.6.8", "2.6.9", direct=True), packages=packages, manifest=manifest)
    with pytest.raises(BlockedError, match=r"npm keeps it; look at `overrides` in package\.json"):
        bench.relock(Upgrade("noop", "1.0.0", "1.0.1", direct=False), packages=packages, manifest=manifest)


DEV_ENGINES = """\
npm error code EBADDEVENGINES
npm error EBADDEVENGINES The developer of this package has specified the following through devEngines
npm error EBADDEVENGINES Invalid devEngines.packageManager
npm error EBADDEVENGINES {}
npm error EBADDEVENGINES {{
npm error EBADDEVENGINES   current: {{ name: 'npm', version: '11.19.1' }},
npm error EBADDEVENGINES }}
npm error A complete log of this run can be found in: /home/bot/.npm/_logs/debug-0.log
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'Invalid semver version "^9" does not match "11.19.1" for "packageManager"',
            "`packageManager` has to be version ^9 and is 11.19.1",
        ),
        ('Invalid name "yarn" does not match "npm" for "packageManager"', "`packageManager` has to be yarn and is npm"),
        ("Invalid something new", "npm does not say which"),
    ],
)
def test_what_dev_engines_refuse_is_told_in_a_sentence(bench: Bench, tools: FakeTools, said: str, told: str) -> None:
    def refuses(argv: Sequence[str], cwd: Path) -> Completed:
        raise ToolError("npm install: exited with status 1", DEV_ENGINES.format(said))

    tools.install("npm", refuses)
    with pytest.raises(ToolError) as caught:
        bench.relock(UP)
    assert (str(caught.value), caught.value.stderr) == (
        f"package.json: npm does not run, as its `devEngines` refuse what the bot runs ({told}): widen them, or set "
        'their `onFail` to "warn"',
        "",
    )


@pytest.mark.parametrize(
    ("packages", "message", "blocker"),
    [
        pytest.param(
            {**PACKAGES, "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}},
            "package-lock.json: ms 2.0.0 cannot become 2.0.5, blocked: debug 2.6.9 needs ms 2.0.0",
            Requirer("debug", "2.6.9", "2.0.0", direct=True),
            id="a range",
        ),
        pytest.param(
            {
                "": {},
                "node_modules/npm": {"version": "9.0.0", "dependencies": {"ms": "^2.0.0"}},
                "node_modules/npm/node_modules/ms": {"version": "2.0.0", "inBundle": True},
            },
            "package-lock.json: ms 2.0.0 cannot become 2.0.5, blocked: npm 9.0.0 bundles it; update npm",
            Requirer("npm", "9.0.0", "", direct=False),
            id="a bundle",
        ),
    ],
)
def test_who_holds_a_package_back_is_named_before_anything_runs(
    bench: Bench, packages: Any, message: str, blocker: Requirer
) -> None:
    with pytest.raises(BlockedError) as caught:
        bench.relock(UP, packages=packages)
    assert str(caught.value) == message
    assert caught.value.blockers == (blocker,)
    assert bench.tools.ran == []


def test_what_the_project_itself_bundles_can_move(bench: Bench) -> None:
    packages = {**PACKAGES, "node_modules/ms": {"version": "2.0.0", "inBundle": True}}
    assert bench.relock(UP, packages=packages).packages()["node_modules/ms"]["version"] == "2.0.5"


def test_who_moves_as_well_holds_nothing_back(bench: Bench) -> None:
    packages = {**PACKAGES, "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}}
    newer = {"version": "2.6.10", "dependencies": {"ms": "2.0.5"}}
    becomes = {"node_modules/debug": newer, "node_modules/ms": {"version": "2.0.5"}}
    bench.tools.install("npm", ScriptedNpm(becomes=becomes))
    done = bench.relock(UP, Upgrade("debug", "2.6.9", "2.6.10", direct=True), packages=packages)
    assert done.packages()["node_modules/debug"]["dependencies"] == {"ms": "2.0.5"}


@pytest.mark.parametrize(
    ("manifest", "npm", "message"),
    [
        pytest.param(
            MANIFEST,
            ScriptedNpm(keeps=frozenset({"node_modules/ms"})),
            "ms 2.0.0 cannot become 2.0.5, blocked: npm keeps it; look at `overrides` in package.json",
            id="an override",
        ),
        pytest.param(
            {"dependencies": {"ms": "^2.0.1"}},
            ScriptedNpm(
                becomes={
                    "node_modules/ms": {"version": "2.0.5"},
                    "node_modules/old": {"version": "1.0.0", "dependencies": {"ms": "2.0.0"}},
                    "node_modules/old/node_modules/ms": {"version": "2.0.0"},
                }
            ),
            "ms 2.0.0 cannot become 2.0.5, blocked: old 1.0.0 needs ms 2.0.0",
            id="another package",
        ),
        pytest.param(
            {"dependencies": {"ms": "^2.0.1"}},
            ScriptedNpm(becomes={"node_modules/x": {"version": "1.0.0", "peerDependencies": {"ms": "2.0.0"}}}),
            "blocked, x 1.0.0 needs ms 2.0.0",
            id="a peer that would be left without",
        ),
    ],
)
def test_what_npm_leaves_behind_is_found_and_named(bench: Bench, manifest: Any, npm: ScriptedNpm, message: str) -> None:
    bench.tools.install("npm", npm)
    with pytest.raises(BlockedError, match=re.escape(message)):
        bench.relock(DIRECT, manifest=manifest)


def test_a_peer_that_was_left_without_before_is_no_reason(bench: Bench) -> None:
    packages = {**PACKAGES, "node_modules/x": {"version": "1.0.0", "peerDependencies": {"ms": "^1.0.0"}}}
    assert bench.relock(UP, packages=packages).packages()["node_modules/ms"]["version"] == "2.0.5"


def test_a_version_below_the_wanted_one_is_an_error(bench: Bench) -> None:
    bench.tools.install("npm", ScriptedNpm(becomes={"node_modules/ms": {"version": "2.0.3"}}))
    with pytest.raises(
        ToolError, match=r"npm chose ms 2.0.3 for debug 2.6.9 where 2.0.5 was asked for: look at `overrides`"
    ):
        bench.relock(UP)


def test_a_conflict_is_told_in_words_of_npm(bench: Bench, tmp_path: Path) -> None:
    def refuse(_: Sequence[str], __: Path) -> Completed:
        raise ToolError("npm install: exited with status 1", CONFLICT)

    bench.tools.install("npm", refuse)
    with pytest.raises(BlockedError) as caught:
        bench.relock(DIRECT, manifest={"dependencies": {"ms": "^2.0.0"}})
    assert str(caught.value) == (
        "package-lock.json: blocked, npm finds no tree: ERESOLVE unable to resolve dependency tree; "
        'Found: ms@2.0.5; peer ms@"1.x" from x@1.0.0'
    )
    assert (tmp_path / "package.json").read_text() == '{"dependencies": {"ms": "^2.0.0"}}'


CONFLICT = """npm warn config something else
npm error code ERESOLVE
npm error ERESOLVE unable to resolve dependency tree
npm error
npm error Found: ms@2.0.5
npm error   peer ms@"1.x" from x@1.0.0
npm error
npm error Fix the upstream dependency conflict, or retry
npm error this command with --force or --legacy-peer-deps
"""


def test_without_npm_the_remedy_is_said(tmp_path: Path, tools: FakeTools) -> None:
    with pytest.raises(ToolError, match=r"npm is not installed; install it"):
        Bench(tmp_path, tools).relock(UP)


def test_an_override_sets_aside_what_others_require(bench: Bench) -> None:
    packages = {**PACKAGES, "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}}
    bench.tools.install("npm", ScriptedNpm(becomes={"node_modules/ms": {"version": "2.0.5"}}))
    done = bench.relock(replace(UP, override=True), packages=packages)
    assert done.packages()["node_modules/debug"]["dependencies"] == {"ms": "2.0.0"}


def test_what_is_below_a_moving_parent_is_exact_while_npm_runs(bench: Bench, npm: ScriptedNpm) -> None:
    packages = {**PACKAGES, "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "2.0.0"}}}
    npm.becomes = {"node_modules/debug": {"version": "2.6.10", "dependencies": {"ms": "^3.0.0"}}}
    npm.becomes |= {"node_modules/ms": {"version": "2.0.5"}}
    with pytest.raises(BlockedError, match=r"blocked, debug 2\.6\.10 needs ms \^3\.0\.0") as caught:
        bench.relock(UP, Upgrade("debug", "2.6.9", "2.6.10", direct=True), packages=packages)
    assert json.loads(npm.seen[0]["package.json"])["overrides"] == {"debug@2.6.10": {"ms": "2.0.5"}}
    assert caught.value.blockers == (Requirer("debug", "2.6.10", "^3.0.0", direct=True),)
    assert json.loads((bench.work / "package.json").read_text()) == MANIFEST


@pytest.mark.parametrize("code", ["ERESOLVE", "EOVERRIDE"])
def test_what_npm_finds_contradictory_blocks(bench: Bench, code: str) -> None:
    def refuse(_: Sequence[str], __: Path) -> Completed:
        raise ToolError("npm install: exited with status 1", f"npm error code {code}\nnpm error Override for ms\n")

    bench.tools.install("npm", refuse)
    with pytest.raises(BlockedError, match="npm finds no tree: Override for ms"):
        bench.relock(UP)
