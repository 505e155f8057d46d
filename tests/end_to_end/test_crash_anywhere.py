"""`bot run`, killed with SIGKILL at every call to GitLab and every git command, and run again: the same world."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.gate import Exchange
from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet, quote

POLICY = ".remediation.yml"
FILES = {"requirements.txt": "acme==1.0\nzeta==1.0\n"}


@pytest.fixture
def crash(fleet: Fleet) -> Fleet:
    """A vulnerable and an outdated package: two merge requests to make."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("zeta", "1.0", "1.2")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    # pip-audit makes no call to GitLab or git, and half a second for each of some hundred runs adds up.
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    return fleet


def world(fleet: Fleet, path: str) -> Any:
    """Everything that a run makes in one project, without what differs by name or time."""
    branches = fleet.api.get(f"/projects/{quote(path)}/repository/branches")
    trees = {b["name"]: fleet.file(path, "requirements.txt", b["name"]) for b in branches}
    kinds = (("issues", fleet.issues(path)), ("merge_requests", fleet.merge_requests(path)))
    shown = {
        kind: sorted(
            (
                i["title"],
                i["state"],
                sorted(i["labels"]),
                _steady(i["description"]),
                len(fleet.notes(path, kind, i["iid"])),
            )
            for i in found
        )
        for kind, found in kinds
    }
    return trees, shown


def _steady(text: str) -> str:
    """Without commit ids, and without the iid of the issue, which depends on which was made first."""
    return re.sub(r"`[0-9a-f]{12}`|-content-[0-9a-f]+|Closes #\d+", "", text)


class Killer:
    """Kills the bot's process at the nth request of a run, before or after its effect; counts all of them."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.seen = 0
        self.target = (0, "")
        self._chosen: Exchange | None = None
        fleet.sandbox.on_request(self._observe)

    def arm(self, number: int, moment: str) -> None:
        self.seen, self.target, self._chosen = 0, (number, moment), None

    def _observe(self, moment: str, exchange: Exchange) -> None:
        number, wanted = self.target
        if moment == "before":
            self.seen += 1
            # Others may begin before it ends.
            self._chosen = exchange if self.seen == number else self._chosen
        if exchange is self._chosen and moment == wanted:
            self.target, self._chosen = (0, ""), None
            os.killpg(self._fleet.runner.pid, signal.SIGKILL)


Prepare = Callable[[str], None]


def every_request(fleet: Fleet, prepare: Prepare, stem: str, status: int = 0) -> Iterator[tuple[str, int]]:
    """Run once undisturbed, then once for each request and moment with a kill there and a second run after it.

    Yields each project's path and the exit status of the killed run; the undisturbed one comes first. The others end
    with `status`.
    """
    killer = Killer(fleet)
    prepare(f"{stem}/whole")
    killer.arm(0, "")
    assert fleet.bot("run", f"{stem}/whole").status == status
    total = killer.seen
    yield f"{stem}/whole", 0
    for number in range(1, total + 1):
        for moment in ("before", "after"):
            path = f"{stem}/{moment}-{number}"
            prepare(path)
            killer.arm(number, moment)
            killed = fleet.bot("run", path)
            killer.arm(0, "")
            assert fleet.bot("run", path).status == status
            yield path, killed.status


def test_killed_at_any_request_of_a_first_run(crash: Fleet) -> None:
    paths = list(every_request(crash, lambda path: _project(crash, path), "first"))
    _all_the_same(crash, paths)


def test_killed_at_any_request_of_a_run_that_follows_a_merge(crash: Fleet) -> None:
    def prepare(path: str) -> None:
        _project(crash, path)
        crash.run(path)
        for merge_request in crash.merge_requests(path):
            if "acme" in merge_request["title"]:
                crash.merge(path, merge_request["iid"])

    paths = list(every_request(crash, prepare, "merged"))
    _all_the_same(crash, paths)


def test_killed_at_any_request_of_a_run_that_joins_two_fixes(crash: Fleet) -> None:
    crash.index.add("alpha", "1.0", "2.0")
    crash.index.add("beta", "1.0", "1.5", "2.0")
    crash.index.needs["alpha", "2.0"] = ["beta>=2"]
    alone, other = record("CVE-2026-2", "beta", "1.5"), record("CVE-2026-1", "alpha", "2.0")
    crash.environ["BOT_POLICY__UPDATES"] = FIXES_ONLY

    def prepare(path: str) -> None:
        crash.advise(alone)
        crash.project(path, {"requirements.txt": "alpha==1.0\nbeta==1.0\n"})
        crash.run(path)
        crash.advise(alone, other)

    paths = list(every_request(crash, prepare, "joint"))
    _all_the_same(crash, paths)
    assert [m["state"] for m in crash.merge_requests(paths[0][0])] == ["opened"]


def test_killed_at_any_request_of_a_run_that_takes_back_what_is_not_proven_any_more(crash: Fleet) -> None:
    crash.environ["BOT_POLICY__UPDATES"] = FIXES_ONLY

    def prepare(path: str) -> None:
        crash.index.needs.clear()
        _project(crash, path)
        crash.run(path)
        crash.index.needs.update({("zeta", version): ["acme<1.5"] for version in ("1.0", "1.2")})
        crash.commit(path, "main", "requirements.txt", "# barred\nacme==1.0\nzeta==1.0\n")

    paths = list(every_request(crash, prepare, "barred"))
    _all_the_same(crash, paths)
    assert [m["state"] for m in crash.merge_requests(paths[0][0])] == ["closed"]


def test_killed_at_any_request_of_a_run_that_tells_of_a_wrong_policy(crash: Fleet) -> None:
    def prepare(path: str) -> None:
        crash.project(path, {**FILES, POLICY: "labels: 1\n"})

    _all_the_same(crash, list(every_request(crash, prepare, "wrong", status=1)))


def test_killed_at_any_request_of_a_run_that_sees_a_policy_mended(crash: Fleet) -> None:
    def prepare(path: str) -> None:
        crash.project(path, {**FILES, POLICY: "labels: 1\n"})
        crash.bot("run", path)
        crash.commit(path, "main", POLICY, "updates: {patch: false, minor: false, major: false, security: none}\n")

    _all_the_same(crash, list(every_request(crash, prepare, "mended")))


def _project(fleet: Fleet, path: str) -> None:
    fleet.project(path, FILES)


def _all_the_same(fleet: Fleet, paths: list[tuple[str, int]]) -> None:
    (whole, _), *killed = paths
    assert len(killed) > 8
    assert {status for _, status in killed} == {-signal.SIGKILL}
    expected = world(fleet, whole)
    for path, _ in killed:
        assert world(fleet, path) == expected, path


SHIM = """\
#!/bin/sh
# Counts git commands in a file, and kills the bot at the one that is named. Some run side by side.
until mkdir "{counter}.lock" 2>/dev/null; do :; done
count=$(( $(cat "{counter}" 2>/dev/null || echo 0) + 1 ))
echo $count > "{counter}"
rmdir "{counter}.lock"
if [ "$count" = "$(cat "{target}")" ]; then
    # A reader that answers question by question has no effect to wait for.
    case "$*" in *cat-file*) ;; *) {before} ;; esac
    kill -9 $PPID
    exit 1
fi
exec "{git}" "$@"
"""


@pytest.mark.parametrize("effect", [":", '"{git}" "$@" >/dev/null 2>&1'], ids=["before", "after"])
def test_killed_at_any_git_command(crash: Fleet, tmp_path: Path, effect: str) -> None:
    git = shutil.which("git")
    counter, target, shims = tmp_path / "count", tmp_path / "target", tmp_path / "shims"
    shims.mkdir()
    shim = shims / "git"
    shim.write_text(SHIM.format(counter=counter, target=target, git=git, before=effect.format(git=git)))
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    crash.environ["PATH"] = f"{shims}{os.pathsep}{crash.environ['PATH']}"

    target.write_text("0")
    _project(crash, "git/whole")
    crash.run("git/whole")
    expected, total = world(crash, "git/whole"), int(counter.read_text())
    assert total > 8
    for number in range(1, total + 1):
        path = f"git/at-{number}"
        _project(crash, path)
        counter.write_text("0")
        target.write_text(str(number))
        killed = crash.bot("run", path)
        target.write_text("0")
        crash.run(path)
        assert killed.status == -signal.SIGKILL, (path, killed.err)
        assert world(crash, path) == expected, path
