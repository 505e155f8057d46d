"""Two bots with one database: a daemon and `bot run`, or two daemons on two machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.pipeline.outcome import Status
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import Inside, inside
from tests.end_to_end.world import Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A package that can be fixed, and one that cannot."""
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("stuck", "1.0")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "stuck", None))
    fleet.project(PATH, {MANIFEST: "acme==1.0\nstuck==1.0\n"})
    return fleet


def elsewhere(app: Fleet) -> Fleet:
    """The same fleet from another machine: the database is shared, the cache is not."""
    environ = {**app.environ, "BOT_CACHE": str(app.folder / "elsewhere")}
    return replace(app, environ=environ)


@pytest.mark.parametrize("moment", ["create_issue", "create_merge_request"])
def test_one_leaves_a_project_to_the_other(app: Fleet, moment: str) -> None:
    found: list[Status] = []

    def run_second(second: Inside) -> None:
        found.extend(outcome.status for outcome in (*second.run(PATH), *second.sweep()))

    with inside(app) as first, inside(elsewhere(app)) as second:
        first.interrupt(moment, lambda: run_second(second))
        first.sweep()
        assert found == [Status.SKIPPED, Status.SKIPPED]
        second.sweep()
    assert len(app.issues(PATH)) == 2
    assert len(app.merge_requests(PATH)) == 1


def test_what_one_saw_while_the_other_was_at_work_is_not_lost(app: Fleet) -> None:
    with inside(app) as first, inside(elsewhere(app)) as second:
        first.sweep()
        app.api.put("/projects/group%2Fapp/merge_requests/1", state_event="close")
        app.commit(PATH, "main", MANIFEST, "acme==1.0\nstuck==1.0\n# new\n")
        with first.adapters.store.claim(app.api.get("/projects/group%2Fapp")["id"]) as ours:
            assert ours
            second.sweep()
        second.sweep()
    assert app.states(PATH)["vulnerable/PyPI/acme"] == "rejected"
