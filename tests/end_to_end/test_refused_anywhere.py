"""`bot run` with one request refused, whichever it is, and run again: the same world, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.test_crash_anywhere import crash, every_request, world
from tests.end_to_end.world import Fleet

__all__ = ["crash"]

MANIFEST = "requirements.txt"
MAJORS_ONLY = '{"patch": false, "minor": false, "security": "major"}'

Prepare = Callable[[str], None]


def every_refusal(fleet: Fleet, prepare: Prepare, stem: str, status: int) -> Iterator[str]:
    """Run once undisturbed, then once for each request with that refused, and a second time after it; the paths."""
    whole = f"{stem}/whole"
    prepare(whole)
    fleet.sandbox.requests.clear()
    fleet.run(whole)
    total = len(fleet.sandbox.requests)
    yield whole
    for number in range(total):
        path = f"{stem}/at-{number}"
        prepare(path)
        fault = fleet.sandbox.faults.add(Fault(after=number, status=status, body={"message": "not now"}))
        assert fleet.bot("run", path).status in (0, 1, 2)
        fleet.sandbox.faults.clear()
        assert fault.struck <= 1
        fleet.run(path)
        yield path


def pinned(fleet: Fleet, path: str) -> None:
    """A vulnerable and an outdated package."""
    fleet.project(path, {MANIFEST: "acme==1.0\nzeta==1.0\n"})


def giving_way(fleet: Fleet, path: str) -> None:
    """An update of acme is open, and then acme is found to be vulnerable."""
    fleet.index.add("acme", "2.0")
    fleet.environ["BOT_POLICY__UPDATES"] = MAJORS_ONLY
    fleet.advise()
    fleet.project(path, {MANIFEST: "acme==1.0\n"})
    fleet.run(path)
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))


@pytest.mark.parametrize(
    ("prepare", "status"),
    [
        pytest.param(pinned, 404, id="a first run, not found"),
        pytest.param(giving_way, 409, id="an update gives way, in conflict"),
    ],
)
def test_refused_at_any_request(crash: Fleet, prepare: Callable[[Fleet, str], None], status: int) -> None:
    whole, *refused = every_refusal(crash, lambda path: prepare(crash, path), "refused", status)
    assert len(refused) > 8
    expected = world(crash, whole)
    assert [path for path in refused if world(crash, path) != expected] == []


def test_killed_at_any_request_of_a_run_in_which_an_update_gives_way(crash: Fleet) -> None:
    (whole, _), *killed = every_request(crash, lambda path: giving_way(crash, path), "killed")
    expected = world(crash, whole)
    assert sorted(m["state"] for m in crash.merge_requests(whole)) == ["closed", "opened"]
    assert [path for path, _ in killed if world(crash, path) != expected] == []
