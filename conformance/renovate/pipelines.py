"""How Renovate goes by pipelines: it merges by itself, and says what it waits for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from conformance.renovate.fleet import APP, BOT, WEB, Fleet, api_path
from conformance.renovate.updates import BETA
from conformance.story import equal, expect
from tests.sandbox.waiting import until

DELTA, LEFT, RIGHT, UP = (f"renovate/{name}-1.x" for name in ("delta", "left", "right", "up"))


def lets_gitlab_merge(fleet: Fleet) -> None:
    """Auto-merge is set while the pipeline runs; its success merges."""
    sandbox = fleet.place.sandbox
    sandbox.set_pipelines(fleet.web, "running")
    fleet.registry.add("left", "1.1.0")
    fleet.renovate()
    request = fleet.merge_request(WEB, LEFT)
    equal(request["merge_when_pipeline_succeeds"], True, "auto-merge")
    approved = fleet.person.get(f"{api_path(WEB)}/merge_requests/{request['iid']}/approvals")["approved_by"]
    equal([one["user"]["username"] for one in approved], [BOT], "who approved")
    sandbox.finish_pipelines(fleet.web, "success")
    until(lambda: fleet.merge_requests(WEB, source_branch=LEFT, state="merged"))
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


def merges_a_branch(fleet: Fleet) -> None:
    """Without a merge request: Renovate pushes to main what has passed on a branch."""
    fleet.registry.add("up", "1.1.0")
    fleet.renovate()
    expect(UP in fleet.branches(WEB), "there is no branch")
    fleet.place.sandbox.finish_pipelines(fleet.web, "success")
    fleet.renovate()
    heads = fleet.branches(WEB)
    expect(UP not in heads, "its branch is still there")
    equal(heads["main"]["author_name"], "Renovate Bot", "the author of main's last commit")
    equal(json.loads(fleet.text(WEB, "package.json"))["dependencies"]["up"], "1.1.0", "up on main")
    equal(fleet.merge_requests(WEB, source_branch=UP), [], "merge requests")


def follows_main(fleet: Fleet) -> None:
    """Where GitLab merges by fast-forward only, branches are kept on top of main."""
    fleet.person.put(api_path(APP), merge_method="ff")
    fleet.commit(APP, "main", "requirements.txt", fleet.text(APP, "requirements.txt") + "# one more line\n")
    behind = fleet.merge_request(APP, BETA)
    equal(behind["detailed_merge_status"], "need_rebase", "its status before")
    fleet.renovate()
    heads = fleet.branches(APP)
    equal(heads[BETA]["parent_ids"], [heads["main"]["id"]], "what the branch is on top of")
    equal(fleet.merge_request(APP, BETA)["detailed_merge_status"], "mergeable", "its status after")


def tells_what_it_waits_for(fleet: Fleet) -> None:
    """A release younger than three days: its commit gets a pending status."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fleet.index.add("delta", "1.1.0", uploaded=now)
    fleet.renovate()
    equal(_statuses(fleet, DELTA), [("renovate/stability-days", "pending", BOT)], "statuses of its commit")


def tells_that_it_waits_no_more(fleet: Fleet) -> None:
    """The release has come of age: the same status succeeds, in the pipeline that it made."""
    fleet.index.add("delta", "1.1.0")
    fleet.renovate()
    equal(_statuses(fleet, DELTA), [("renovate/stability-days", "success", BOT)], "statuses of its commit")
    pipeline = fleet.merge_request(APP, DELTA)["head_pipeline"]
    equal((pipeline["source"], pipeline["status"]), ("external", "success"), "the merge request's pipeline")


def _statuses(fleet: Fleet, branch: str) -> list[tuple[str, str, str]]:
    sha = fleet.merge_request(APP, branch)["sha"]
    found = fleet.person.get(f"{api_path(APP)}/repository/commits/{sha}/statuses")
    return [(status["name"], status["status"], status["author"]["username"]) for status in found]


CHAPTERS = {
    "lets GitLab merge once the pipeline passes": lets_gitlab_merge,
    "merges by itself after the pipeline has passed": merges_itself,
    "merges a branch without a merge request": merges_a_branch,
    "keeps branches on main for fast-forward merges": follows_main,
    "tells what it waits for as a commit status": tells_what_it_waits_for,
    "tells that it waits no more": tells_that_it_waits_no_more,
}
