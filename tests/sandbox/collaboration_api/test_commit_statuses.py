"""Statuses of a commit: its jobs, and what outside systems say of it (app/services/ci/create_commit_status_service)."""

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


@pytest.fixture
def sha(commit: Commit) -> str:
    """The commit that the statuses are about, on the branch `feature`."""
    return commit("feature", {"a.txt": "x\n"})


@pytest.fixture
def url(path: str, sha: str) -> str:
    """Where its statuses are set."""
    return f"{path}/statuses/{sha}"


@pytest.fixture
def said(developer: Api, path: str, sha: str) -> Callable[..., list[tuple[str, str]]]:
    """`said(ref="main")` are name and status of each in the list."""

    def listed(**filters: Any) -> list[tuple[str, str]]:
        found = developer.get(f"{path}/repository/commits/{sha}/statuses", **filters)
        return [(one["name"], one["status"]) for one in found]

    return listed


def test_it_makes_a_pipeline_of_its_own(developer: Api, path: str, open_request: Open) -> None:
    sha = open_request()["sha"]
    set_ = developer.post(f"{path}/statuses/{sha}", state="running", name="lint", ref="feature")
    assert (set_["status"], set_["name"], set_["author"]["username"]) == ("running", "lint", "developer")
    head = developer.get(f"{path}/merge_requests/1")["head_pipeline"]
    assert (head["source"], head["status"]) == ("external", "running")
    developer.post(f"{path}/statuses/{sha}", state="success", name="lint", ref="feature")
    assert [one["status"] for one in developer.get(f"{path}/repository/commits/{sha}/statuses")] == ["success"]
    assert developer.get(f"{path}/merge_requests/1")["head_pipeline"]["status"] == "success"


@pytest.fixture
def pipeline(sandbox: Sandbox, project: Project, developer: Api, path: str, open_request: Open) -> dict[str, Any]:
    """The running pipeline of an open merge request's branch `feature`."""
    sandbox.set_pipelines(project, "running")
    sha = open_request()["sha"]
    return dict(until(lambda: developer.get(f"{path}/pipelines", sha=sha, status="running"))[0])


def test_jobs_are_listed_beside_them(developer: Api, path: str, pipeline: dict[str, Any]) -> None:
    set_ = developer.post(f"{path}/statuses/{pipeline['sha']}", state="pending", name="lint")
    job = developer.get(f"{path}/pipelines/{pipeline['id']}/jobs")[0]
    listed = developer.get(f"{path}/repository/commits/{pipeline['sha']}/statuses")
    assert [(one["id"], one["name"], one["status"], one["pipeline_id"]) for one in listed] == [
        (job["id"], "test", "running", pipeline["id"]),
        (set_["id"], "lint", "pending", pipeline["id"]),
    ]
    assert listed[0]["target_url"] == job["web_url"]
    assert listed[0]["author"]["username"] == "root"


def test_their_pipeline_waits_for_all(
    sandbox: Sandbox, project: Project, developer: Api, path: str, pipeline: dict[str, Any]
) -> None:
    own, url = f"{path}/pipelines/{pipeline['id']}", f"{path}/statuses/{pipeline['sha']}"
    developer.post(url, state="pending", name="lint")
    sandbox.finish_pipelines(project, "success")
    assert developer.get(own)["status"] == "running"
    developer.post(url, state="success", name="lint")
    assert developer.get(own)["status"] == "success"
    developer.post(url, state="failed", name="lint")
    assert developer.get(own)["status"] == "failed"


def test_auto_merge_waits_for_them(
    sandbox: Sandbox, project: Project, maintainer: Api, path: str, pipeline: dict[str, Any]
) -> None:
    url = f"{path}/statuses/{pipeline['sha']}"
    maintainer.post(url, state="pending", name="lint")
    maintainer.put(f"{path}/merge_requests/1/merge", auto_merge=True)
    sandbox.finish_pipelines(project, "success")
    assert maintainer.get(f"{path}/merge_requests/1")["state"] == "opened"
    maintainer.post(url, state="success", name="lint")
    assert until(lambda: maintainer.get(f"{path}/merge_requests/1")["state"] == "merged")


def test_canceling_the_pipeline_cancels_them(developer: Api, path: str, pipeline: dict[str, Any]) -> None:
    developer.post(f"{path}/statuses/{pipeline['sha']}", state="running", name="lint")
    assert developer.post(f"{path}/pipelines/{pipeline['id']}/cancel", 200)["status"] == "canceled"
    listed = developer.get(f"{path}/repository/commits/{pipeline['sha']}/statuses")
    assert {one["status"] for one in listed} == {"canceled"}


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        pytest.param("pending", "pending", "enqueue", id="pending-twice"),
        pytest.param("running", "pending", "enqueue", id="back-to-pending"),
        pytest.param("running", "running", "run", id="running-twice"),
        pytest.param("running", "skipped", "skip", id="skipped-while-it-runs"),
    ],
)
def test_transitions_that_are_refused(developer: Api, url: str, before: str, after: str, refused: str) -> None:
    developer.post(url, state=before)
    text = (
        f'Cannot transition status via :{refused} from :{before} (Reason(s): Status cannot transition via "{refused}")'
    )
    assert developer.post(url, 400, state=after) == {"message": text}


@pytest.mark.parametrize("state", ["running", "success", "failed", "canceled", "skipped"])
def test_one_under_way_is_updated(developer: Api, url: str, state: str) -> None:
    first = developer.post(url, state="pending", description="wait", target_url="https://ci.example/1")
    second = developer.post(url, state=state, description="so it is")
    assert second["id"] == first["id"]
    assert (second["status"], second["description"], second["target_url"]) == (
        state,
        "so it is",
        "https://ci.example/1",
    )


def test_one_that_has_ended_is_followed_by_another(
    developer: Api, url: str, said: Callable[..., list[tuple[str, str]]]
) -> None:
    first = developer.post(url, state="success", name="lint")
    assert developer.post(url, state="success", name="lint")["id"] > first["id"]
    developer.post(url, state="pending", name="lint")
    assert said() == [("lint", "pending")]
    assert said(all=True) == [("lint", "success"), ("lint", "success"), ("lint", "pending")]


def test_everyone_sets_their_own(people: People, url: str) -> None:
    first = people("developer").post(url, state="pending", name="lint")
    assert people("maintainer").post(url, state="pending", name="lint")["id"] > first["id"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param({}, ["lint", "cover"], id="none"),
        pytest.param({"sort": "desc"}, ["cover", "lint"], id="descending"),
        pytest.param({"name": "cover"}, ["cover"], id="name"),
        pytest.param({"ref": "feature"}, ["lint", "cover"], id="ref"),
        pytest.param({"ref": "main"}, [], id="other-ref"),
        pytest.param({"stage": "external"}, ["lint", "cover"], id="stage"),
        pytest.param({"stage": "test"}, [], id="other-stage"),
        pytest.param({"pipeline_id": 1}, ["lint", "cover"], id="pipeline"),
        pytest.param({"pipeline_id": 99}, [], id="other-pipeline"),
        pytest.param({"order_by": "pipeline_id"}, ["lint", "cover"], id="order"),
    ],
)
def test_filters(
    developer: Api, url: str, said: Callable[..., list[tuple[str, str]]], filters: dict[str, Any], names: list[str]
) -> None:
    developer.post(url, state="success", name="lint")
    developer.post(url, state="success", context="cover")
    assert [name for name, _ in said(**filters)] == names


def test_it_joins_the_pipeline_that_is_named(developer: Api, path: str, url: str) -> None:
    first = developer.post(url, state="success", ref="feature")
    assert developer.post(url, state="success", pipeline_id=first["pipeline_id"])["pipeline_id"] == first["pipeline_id"]
    missing = {"message": "404 Pipeline for pipeline_id, sha and ref Not Found"}
    assert developer.post(url, 404, state="success", pipeline_id=99) == missing
    gone = developer.post(f"{path}/statuses/{'0' * 40}", 404, state="success")
    assert gone == {"message": "404 Commit Not Found"}


def test_its_branch_is_that_of_the_newest_pipeline_or_the_first_with_the_commit(
    api: Api, developer: Api, path: str, sha: str, url: str
) -> None:
    for name in ("another", "zoo"):
        api.post(f"{path}/repository/branches", branch=name, ref=sha)
    assert developer.post(url, state="success")["ref"] == "another"
    developer.post(url, state="success", ref="zoo")
    assert developer.post(url, state="success")["ref"] == "zoo"


def test_on_a_protected_branch_it_takes_who_may_change_that(people: People, path: str) -> None:
    head = people("developer").get(f"{path}/repository/branches/main")["commit"]["id"]
    url = f"{path}/statuses/{head}"
    assert people("developer").post(url, 403, state="success") == {"message": "403 Forbidden"}
    assert people("maintainer").post(url, state="success")["ref"] == "main"
