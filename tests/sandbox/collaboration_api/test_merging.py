"""Merging: what is refused, what the merge makes, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.waiting import until

People = Callable[[str], Api]
Commit = Callable[..., str]
Open = Callable[..., dict[str, Any]]
MERGE = "/merge_requests/1/merge"


def test_a_merge_commit(maintainer: Api, path: str, open_request: Open) -> None:
    sha = open_request(description="Text")["sha"]
    merged = maintainer.put(path + MERGE, sha=sha)
    assert (merged["state"], merged["merge_user"]["username"]) == ("merged", "maintainer")
    assert merged["detailed_merge_status"] == "not_open"
    commit = maintainer.get(f"{path}/repository/commits/{merged['merge_commit_sha']}")
    assert commit["message"] == "Merge branch 'feature' into 'main'\n\nChange\n\nSee merge request group/app!1\n"
    assert commit["parent_ids"][1] == sha
    assert maintainer.get(f"{path}/repository/branches/main")["commit"]["id"] == merged["merge_commit_sha"]


def test_a_message_of_ones_own(maintainer: Api, path: str, open_request: Open) -> None:
    open_request()
    merged = maintainer.put(path + MERGE, merge_commit_message="Mine")
    assert maintainer.get(f"{path}/repository/commits/{merged['merge_commit_sha']}")["title"] == "Mine"


def test_a_squash(maintainer: Api, path: str, commit: Commit, open_request: Open) -> None:
    open_request()
    commit("feature", {"more.txt": "y\n"}, "More")
    merged = maintainer.put(path + MERGE, squash=True, squash_commit_message="All of it")
    squashed = maintainer.get(f"{path}/repository/commits/{merged['squash_commit_sha']}")
    assert (squashed["title"], len(squashed["parent_ids"])) == ("All of it", 1)
    history = [one["title"] for one in maintainer.get(f"{path}/repository/commits", ref_name="main")]
    assert sorted(history) == ["All of it", "Initial commit", "Merge branch 'feature' into 'main'"]


def test_a_fast_forward_has_no_merge_commit(api: Api, maintainer: Api, path: str, open_request: Open) -> None:
    api.put(path, merge_method="ff")
    sha = open_request()["sha"]
    merged = maintainer.put(path + MERGE)
    assert (merged["merge_commit_sha"], merged["sha"]) == (None, sha)
    assert maintainer.get(f"{path}/repository/branches/main")["commit"]["id"] == sha


def test_a_linear_history_needs_a_rebase(
    api: Api, maintainer: Api, path: str, commit: Commit, open_request: Open
) -> None:
    api.put(path, merge_method="rebase_merge")
    open_request()
    commit("main", {"other.txt": "z\n"})
    assert maintainer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "need_rebase"
    assert maintainer.put(path + MERGE, 405) == {"message": "405 Method Not Allowed"}


def test_another_sha_is_a_conflict(maintainer: Api, path: str, open_request: Open) -> None:
    sha = open_request()["sha"]
    for other in ("0" * 40, sha[:8]):
        refused = maintainer.put(path + MERGE, 409, sha=other)
        assert refused == {"message": f"SHA does not match HEAD of source branch: {sha}"}


def test_who_may_not_push_to_the_target_is_unauthorized(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    assert developer.put(path + MERGE, 401) == {"message": "401 Unauthorized"}


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param({"title": "Draft: x"}, id="a draft"),
        pytest.param({"state_event": "close"}, id="a closed one"),
        pytest.param({"merge_after": "2999-01-01T00:00:00Z"}, id="one that has to wait"),
    ],
)
def test_what_cannot_be_merged_says_no_more_than_405(
    maintainer: Api, path: str, open_request: Open, prepare: dict[str, str]
) -> None:
    open_request()
    maintainer.put(f"{path}/merge_requests/1", **prepare)
    assert maintainer.put(path + MERGE, 405) == {"message": "405 Method Not Allowed"}


def test_a_failed_merge_leaves_the_reason_to_be_read(
    sandbox: Sandbox, maintainer: Api, path: str, commit: Commit
) -> None:
    sandbox.world.mergeability_seconds = 3600
    commit("feature", {"README.md": "1\n"})
    commit("main", {"README.md": "I\n"})
    maintainer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    assert maintainer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "unchecked"
    maintainer.put(path + MERGE, 405)
    assert maintainer.get(f"{path}/merge_requests/1")["detailed_merge_status"] == "conflict"


def test_it_closes_issues_on_the_default_branch(maintainer: Api, developer: Api, path: str, open_request: Open) -> None:
    for title in ("one", "two"):
        developer.post(f"{path}/issues", title=title)
    open_request(description="Closes #1\n\nRelated to #2")
    merged = maintainer.put(path + MERGE)
    first, second = (developer.get(f"{path}/issues/{iid}") for iid in (1, 2))
    assert (first["state"], first["closed_by"]["username"], second["state"]) == ("closed", "maintainer", "opened")
    message = developer.get(f"{path}/repository/commits/{merged['merge_commit_sha']}")["message"]
    assert "\n\nCloses #1\n\n" in message
    events = developer.get(f"{path}/issues/1/resource_state_events")
    assert [(one["state"], one["source_merge_request_id"]) for one in events] == [("closed", merged["id"])]


def test_the_source_branch_goes_when_that_is_wanted(maintainer: Api, path: str, open_request: Open) -> None:
    open_request(remove_source_branch=True)
    maintainer.put(path + MERGE)
    maintainer.get(f"{path}/repository/branches/feature", 404)


def test_the_source_branch_stays_otherwise(maintainer: Api, path: str, open_request: Open) -> None:
    open_request(remove_source_branch=True)
    maintainer.put(path + MERGE, should_remove_source_branch=False)
    maintainer.get(f"{path}/repository/branches/feature")


def test_a_push_of_its_commits_merges_it(developer: Api, api: Api, path: str, open_request: Open) -> None:
    developer.post(f"{path}/issues", title="one")
    sha = open_request(description="Closes #1")["sha"]
    # A second merge request of the same head lands it; the first one is merged by that.
    api.post(f"{path}/repository/branches", branch="twin", ref=sha)
    api.post(f"{path}/merge_requests", title="Twin", source_branch="twin", target_branch="main")
    api.put(f"{path}/merge_requests/2/merge")
    assert developer.get(f"{path}/merge_requests/1")["state"] == "merged"
    assert developer.get(f"{path}/issues/1")["state"] == "closed"


def test_a_commit_on_the_default_branch_closes_issues(api: Api, path: str, commit: Commit) -> None:
    api.post(f"{path}/issues", title="one")
    api.post(f"{path}/issues", title="two")
    sha = commit("main", {"a.txt": "x\n"}, "Repair\n\nFixes #1, see #2")
    assert api.get(f"{path}/issues/1")["state"] == "closed"
    assert api.get(f"{path}/issues/1/resource_state_events")[0]["source_commit"] == sha
    assert [n["body"] for n in api.get(f"{path}/issues/2/notes")] == [f"mentioned in commit {sha[:8]}"]


def test_a_commit_elsewhere_closes_nothing(api: Api, path: str, commit: Commit) -> None:
    api.post(f"{path}/issues", title="one")
    commit("feature", {"a.txt": "x\n"}, "Fixes #1")
    assert api.get(f"{path}/issues/1")["state"] == "opened"


def test_a_rebase(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    before = open_request()["sha"]
    tip = commit("main", {"other.txt": "z\n"})
    assert developer.put(f"{path}/merge_requests/1/rebase", 202) == {"rebase_in_progress": True}

    def rebased() -> dict[str, Any]:
        seen: dict[str, Any] = developer.get(f"{path}/merge_requests/1", include_rebase_in_progress=True)
        return {} if seen["rebase_in_progress"] else seen

    seen = until(rebased)
    assert seen["sha"] != before
    assert seen["merge_error"] is None
    assert developer.get(f"{path}/repository/commits/{seen['sha']}")["parent_ids"] == [tip]


def test_a_rebase_that_conflicts_says_so_later(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"README.md": "1\n"})
    developer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    commit("main", {"README.md": "I\n"})
    developer.put(f"{path}/merge_requests/1/rebase", 202)
    error = until(lambda: developer.get(f"{path}/merge_requests/1")["merge_error"])
    assert error == "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."


def test_a_rebase_without_a_branch_is_forbidden(developer: Api, path: str, open_request: Open) -> None:
    open_request()
    developer.delete(f"{path}/repository/branches/feature")
    refused = developer.put(f"{path}/merge_requests/1/rebase", 403)
    assert refused == {"message": "403 Forbidden - Source branch does not exist"}


def test_the_merge_ref(developer: Api, path: str, commit: Commit, open_request: Open) -> None:
    sha = open_request()["sha"]
    merge = developer.get(f"{path}/merge_requests/1/merge_ref")["commit_id"]
    assert developer.get(f"{path}/repository/commits/{merge}")["parent_ids"][1] == sha


def test_no_merge_ref_for_a_conflict(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"README.md": "1\n"})
    commit("main", {"README.md": "I\n"})
    developer.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    refused = developer.get(f"{path}/merge_requests/1/merge_ref", 400)
    assert refused == {"message": "Merge request is not mergeable"}


@pytest.fixture
def running(sandbox: Sandbox, project: Project) -> Project:
    """The project with pipelines that run until they are told to end."""
    sandbox.set_pipelines(project, "running")
    return project


def test_auto_merge_waits_for_the_pipeline(
    sandbox: Sandbox, maintainer: Api, path: str, running: Project, open_request: Open
) -> None:
    open_request()
    waiting = maintainer.put(path + MERGE, auto_merge=True)
    assert (waiting["state"], waiting["merge_when_pipeline_succeeds"]) == ("opened", True)
    assert waiting["merge_user"]["username"] == "maintainer"
    sandbox.finish_pipelines(running, "success")
    merged = until(lambda: [one for one in maintainer.get(f"{path}/merge_requests") if one["state"] == "merged"])
    assert merged[0]["merge_user"]["username"] == "maintainer"


def test_auto_merge_does_not_survive_a_failure(
    sandbox: Sandbox, maintainer: Api, api: Api, path: str, running: Project, open_request: Open
) -> None:
    api.put(path, only_allow_merge_if_pipeline_succeeds=True)
    open_request()
    maintainer.put(path + MERGE, merge_when_pipeline_succeeds=True)
    sandbox.finish_pipelines(running, "failed")
    seen = until(lambda: _with(maintainer.get(f"{path}/merge_requests/1"), "ci_must_pass"))
    assert seen["state"] == "opened"
    assert maintainer.put(path + MERGE, 405)


def test_a_push_ends_auto_merge(
    maintainer: Api, path: str, running: Project, commit: Commit, open_request: Open
) -> None:
    open_request()
    maintainer.put(path + MERGE, auto_merge=True)
    commit("feature", {"more.txt": "y\n"}, "More")
    assert maintainer.get(f"{path}/merge_requests/1")["merge_when_pipeline_succeeds"] is False


def test_auto_merge_without_a_pipeline_merges_at_once(maintainer: Api, path: str, open_request: Open) -> None:
    open_request()
    assert maintainer.put(path + MERGE, auto_merge=True)["state"] == "merged"


def test_auto_merge_can_be_canceled_once(maintainer: Api, path: str, running: Project, open_request: Open) -> None:
    open_request()
    maintainer.put(path + MERGE, auto_merge=True)
    cancel = f"{path}/merge_requests/1/cancel_merge_when_pipeline_succeeds"
    assert maintainer.post(cancel) == {"status": "success"}
    assert maintainer.post(cancel, 406)["message"] == "Can't cancel the automatic merge"


def _with(seen: dict[str, Any], status: str) -> dict[str, Any]:
    return seen if seen["detailed_merge_status"] == status else {}
