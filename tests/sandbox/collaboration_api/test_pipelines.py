"""Pipelines and approvals: what a merge may wait for."""

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


def test_a_project_has_no_pipelines_unless_switched(developer: Api, path: str, commit: Commit) -> None:
    commit("feature", {"a.txt": "x\n"})
    assert developer.get(f"{path}/pipelines") == []


@pytest.mark.parametrize("outcome", ["success", "failed"])
def test_a_push_starts_one_that_ends_as_switched(
    sandbox: Sandbox, project: Project, developer: Api, path: str, commit: Commit, outcome: str
) -> None:
    sandbox.set_pipelines(project, outcome)
    sha = commit("feature", {"a.txt": "x\n"})
    ended = until(lambda: [p for p in developer.get(f"{path}/pipelines", sha=sha) if p["status"] == outcome])
    whole = developer.get(f"{path}/pipelines/{ended[0]['id']}")
    assert (whole["ref"], whole["source"], whole["user"]["username"]) == ("feature", "push", "root")
    jobs = developer.get(f"{path}/pipelines/{ended[0]['id']}/jobs")
    assert [(job["name"], job["status"], job["commit"]["id"]) for job in jobs] == [("test", outcome, sha)]
    assert "Job" in developer.answer("GET", f"{path}/jobs/{jobs[0]['id']}/trace").text


def test_it_is_the_head_pipeline_of_the_merge_request(
    sandbox: Sandbox, project: Project, developer: Api, path: str, open_request: Open
) -> None:
    sandbox.set_pipelines(project, "running")
    made = open_request()
    assert made["head_pipeline"]["sha"] == made["sha"]
    assert [one["id"] for one in developer.get(f"{path}/merge_requests/1/pipelines")] == [made["head_pipeline"]["id"]]


def test_retry_and_cancel(sandbox: Sandbox, project: Project, developer: Api, path: str, commit: Commit) -> None:
    sandbox.set_pipelines(project, "running")
    commit("feature", {"a.txt": "x\n"})
    own = f"{path}/pipelines/{developer.get(f'{path}/pipelines')[0]['id']}"
    assert developer.post(f"{own}/cancel", 200)["status"] == "canceled"
    assert developer.post(f"{own}/retry")["status"] == "pending"


def test_one_made_by_hand(sandbox: Sandbox, project: Project, developer: Api, path: str) -> None:
    sandbox.set_pipelines(project, "running")
    made = developer.post(f"{path}/pipeline", ref="main", variables=[{"key": "A", "value": "1"}])
    assert (made["source"], made["ref"]) == ("api", "main")
    assert [one["key"] for one in developer.get(f"{path}/pipelines/{made['id']}/variables")] == ["A"]
    assert developer.post(f"{path}/pipeline", 400, ref="gone") == {"message": {"base": ["Reference not found"]}}


def test_there_is_no_latest_one_before_the_first(developer: Api, path: str) -> None:
    assert developer.get(f"{path}/pipelines/latest", 403) == {"message": "403 Forbidden"}


def test_approvals(people: People, maintainer: Api, path: str, open_request: Open) -> None:
    own = f"{path}/merge_requests/1"
    sha = open_request()["sha"]
    maintainer.post(f"{own}/approvals", approvals_required=1)
    assert maintainer.get(own)["detailed_merge_status"] == "not_approved"
    assert people("developer").post(f"{own}/approve", 401) == {"message": "401 Unauthorized"}
    assert maintainer.post(f"{own}/approve", 409, sha="0" * 40)["message"].startswith("SHA does not match HEAD")
    approved = maintainer.post(f"{own}/approve", sha=sha)
    assert (approved["approvals_left"], approved["user_has_approved"]) == (0, True)
    assert [one["user"]["username"] for one in approved["approved_by"]] == ["maintainer"]
    assert maintainer.get(f"{own}/approval_state")["rules"][0]["approved"] is True
    assert maintainer.get(own)["detailed_merge_status"] == "mergeable"
    assert maintainer.post(f"{own}/unapprove")["approvals_left"] == 1
    assert maintainer.post(f"{own}/unapprove", 404) == {"message": "404 Not Found"}


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        pytest.param("/draft", "draft", True, id="draft"),
        pytest.param("/merge", "state", "merged", id="merge"),
        pytest.param("/close", "state", "closed", id="close"),
        pytest.param("/assign me", "assignee", "maintainer", id="assign"),
    ],
)
def test_commands_on_a_merge_request(
    maintainer: Api, path: str, open_request: Open, command: str, field: str, value: Any
) -> None:
    open_request()
    maintainer.post(f"{path}/merge_requests/1/notes", 202, body=command)
    seen = maintainer.get(f"{path}/merge_requests/1")[field]
    assert (seen["username"] if field == "assignee" else seen) == value
