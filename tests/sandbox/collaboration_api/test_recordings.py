"""What gitlab.com once answered, and what the sandbox answers: the same status, keys, and types of values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.ground_truth import differences, ground_truth

Commit = Callable[..., str]
Open = Callable[..., dict[str, Any]]
# What only merge requests from forks have, what 18.4 has no more, and a number that the description calls a whole one.
ELSEWHERE = tuple(f"{at}.{key}" for at in ("", "[]") for key in ("allow_", "queued_duration", "attachment"))
ISSUE = "/projects/1/issues/1"
MR = "/projects/1/merge_requests/1"


@pytest.fixture
def client(sandbox: Sandbox, project: Project, api: Api, developer: Api, commit: Commit, open_request: Open) -> Api:
    """Root's client in a world with one of everything that is compared."""
    sandbox.world.premium = True  # as the projects of the recordings were
    sandbox.set_pipelines(project, "running")
    api.post("/projects/1/issues", title="One", labels="bug", description="- [ ] task")
    api.post("/projects/1/issues/1/notes", body="The first note")
    api.post("/projects/1/issues", title="Two")
    api.post("/projects/1/issues/1/links", target_project_id=1, target_issue_iid=2)
    sha = open_request(description="Closes #1", reviewer_ids=[1])["sha"]
    api.post(f"{MR}/discussions", body="A thread")
    api.post(f"{MR}/approve")
    api.post(f"/projects/1/statuses/{sha}", state="success", name="lint", ref="feature")
    api.post("/projects/1/hooks", url="http://127.0.0.1:1/")
    api.post("/projects/1/hooks/1/test/push_events", 422)
    api.post("/hooks", url="http://127.0.0.1:1/", push_events=False)
    api.post(f"{MR}/notes", body="The last deed")
    return api


@pytest.mark.parametrize(
    ("recording", "method", "place", "values"),
    [
        ("issue_create_201.json", "POST", "/projects/1/issues", {"title": "x"}),
        ("issue_get.json", "GET", ISSUE, {}),
        ("issue_list.json", "GET", "/projects/1/issues", {}),
        ("issue_update.json", "PUT", ISSUE, {"title": "x"}),
        ("issue_close.json", "PUT", ISSUE, {"state_event": "close"}),
        ("issue_related_merge_requests.json", "GET", f"{ISSUE}/related_merge_requests", {}),
        ("issue_links_list.json", "GET", f"{ISSUE}/links", {}),
        ("issue_notes_list.json", "GET", f"{ISSUE}/notes?activity_filter=only_comments", {}),
        ("issue_note_create.json", "POST", f"{ISSUE}/notes", {"body": "x"}),
        ("issue_note_update.json", "PUT", f"{ISSUE}/notes/1", {"body": "x"}),
        ("note_award_emoji_create.json", "POST", f"{ISSUE}/notes/1/award_emoji", {"name": "tractor"}),
        ("resource_label_events.json", "GET", f"{ISSUE}/resource_label_events", {}),
        ("mr_get.json", "GET", MR, {}),
        ("mr_get_with_pipeline.json", "GET", MR, {}),
        ("mr_list.json", "GET", "/projects/1/merge_requests", {}),
        ("group_merge_requests_list.json", "GET", "/groups/group/merge_requests?with_labels_details=true", {}),
        ("mr_404.json", "GET", "/projects/1/merge_requests/100000000000000000000", {}),
        ("mr_update.json", "PUT", MR, {"title": "x"}),
        ("mr_close.json", "PUT", MR, {"state_event": "close"}),
        ("mr_merge.json", "PUT", f"{MR}/merge", {}),
        ("mr_merge_ref.json", "GET", f"{MR}/merge_ref", {}),
        ("mr_rebase.json", "PUT", f"{MR}/rebase", {}),
        ("mr_rebase_poll.json", "GET", f"{MR}?include_rebase_in_progress=true", {}),
        ("mr_commits.json", "GET", f"{MR}/commits", {}),
        ("mr_changes.json", "GET", f"{MR}/changes", {}),
        ("mr_diffs_list.json", "GET", f"{MR}/diffs", {}),
        ("mr_versions_list.json", "GET", f"{MR}/versions", {}),
        ("mr_closes_issues.json", "GET", f"{MR}/closes_issues", {}),
        ("mr_notes_list.json", "GET", f"{MR}/notes?sort=asc", {}),
        ("mr_note_create.json", "POST", f"{MR}/notes", {"body": "x"}),
        ("mr_approvals.json", "GET", f"{MR}/approvals", {}),
        ("mr_approval_state.json", "GET", f"{MR}/approval_state", {}),
        ("pipeline_get.json", "GET", "/projects/1/pipelines/1", {}),
        ("commit_statuses.json", "GET", "/projects/1/repository/commits/feature/statuses", {}),
        ("commit_status_set.json", "POST", "/projects/1/statuses/main", {"state": "success", "ref": "main"}),
        ("project_hook.json", "GET", "/projects/1/hooks/1", {}),
        ("system_hook.json", "GET", "/hooks/2", {}),
        ("project_events.json", "GET", "/projects/1/events", {}),
        ("todos_list.json", "GET", "/todos", {}),
    ],
    ids=lambda value: value.removesuffix(".json") if isinstance(value, str) and value.endswith(".json") else "",
)
def test_an_answer_has_the_recorded_shape(
    client: Api, recording: str, method: str, place: str, values: dict[str, Any]
) -> None:
    recorded = json.loads(ground_truth(f"examples/{recording}").read_text("utf-8"))["response"]
    answer = client.answer(method, place, json=values or None)
    assert answer.status_code == recorded["status"], answer.text
    assert [one for one in differences(recorded["body"], answer.json()) if not one.startswith(ELSEWHERE)] == []


@pytest.mark.parametrize(
    ("recording", "method", "place", "values"),
    [
        ("mr_merge_405.json", "PUT", f"{MR}/merge", {}),
        ("mr_merge_ref_conflict_400.json", "GET", f"{MR}/merge_ref", {}),
        ("mr_create_duplicate_409.json", "POST", "/projects/1/merge_requests", {}),
    ],
    ids=lambda value: value.removesuffix(".json") if isinstance(value, str) and value.endswith(".json") else "",
)
def test_a_refusal_has_the_recorded_words(
    api: Api, developer: Api, commit: Commit, recording: str, method: str, place: str, values: dict[str, Any]
) -> None:
    commit("feature", {"README.md": "1\n"})
    commit("main", {"README.md": "I\n"})
    body = {"title": "x", "source_branch": "feature", "target_branch": "main"}
    developer.post("/projects/1/merge_requests", **body)
    recorded = json.loads(ground_truth(f"examples/{recording}").read_text("utf-8"))["response"]
    answer = api.answer(method, place, json=body if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])
