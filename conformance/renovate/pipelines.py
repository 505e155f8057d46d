"""How Renovate goes by pipelines: it merges by itself, and says what it waits for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from conformance.renovate.fleet import APP, BOT, WEB, Fleet, api_path
from conformance.story import equal, expect

DELTA, LEFT, RIGHT = "renovate/delta-1.x", "renovate/left-1.x", "renovate/right-1.x"


def lets_gitlab_merge(fleet: Fleet) -> None:
    """Auto-merge is set while the pipeline runs; its success merges."""
    sandbox = fleet.place.sandbox
    sandbox.set_pipelines(fleet.web, "running")
    fleet.registry.add("left", "1.1.0")
    fleet.renovate()
    request = fleet.merge_request(WEB, LEFT)
    equal(request["merge_when_pipeline_succeeds"], True, "auto-merge")
    sandbox.finish_pipelines(fleet.web, "success")
    merged = fleet.merge_request(WEB, LEFT, state="merged")
    equal(merged["merge_user"]["username"], BOT, "who merged")
    equal(json.loads(fleet.text(WEB, "package.json"))["dependencies"]["left"], "1.1.0", "left on main")
    expect(LEFT not in fleet.branches(WEB), "its branch is still there")


def merges_itself(fleet: Fleet) -> None:
    """One run opens the merge request, and another merges it after its pipeline has succeeded."""
    fleet.registry.add("right", "1.1.0")
    fleet.renovate()
    equal(fleet.merge_request(WEB, RIGHT)["merge_when_pipeline_succeeds"], False, "auto-merge")
    fleet.place.sandbox.finish_pipelines(fleet.web, "success")
    fleet.renovate()
    merged = fleet.merge_request(WEB, RIGHT, state="merged")
    equal(merged["merge_user"]["username"], BOT, "who merged")
    expect(RIGHT not in fleet.branches(WEB), "its branch is still there")


def tells_what_it_waits_for(fleet: Fleet) -> None:
    """A release younger than three days: its commit gets a pending status."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fleet.index.add("delta", "1.1.0", uploaded=now)
    fleet.renovate()
    request = fleet.merge_request(APP, DELTA)
    statuses = fleet.person.get(f"{api_path(APP)}/repository/commits/{request['sha']}/statuses")
    told = [(status["name"], status["status"], status["author"]["username"]) for status in statuses]
    equal(told, [("renovate/stability-days", "pending", BOT)], "statuses of its commit")


CHAPTERS = {
    "lets GitLab merge once the pipeline passes": lets_gitlab_merge,
    "merges by itself after the pipeline has passed": merges_itself,
    "tells what it waits for as a commit status": tells_what_it_waits_for,
}
