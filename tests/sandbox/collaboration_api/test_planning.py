"""Labels, milestones, links and time: what surrounds an issue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api

People = Callable[[str], Api]


def test_a_label(developer: Api, path: str) -> None:
    made = developer.post(f"{path}/labels", name="bug", color="#FFAABB", description="Broken", priority=3)
    assert (made["name"], made["color"], made["text_color"]) == ("bug", "#FFAABB", "#1F1E24")
    assert (made["priority"], made["is_project_label"]) == (3, True)
    assert developer.get(f"{path}/labels/bug") == made
    assert developer.get(f"{path}/labels/{made['id']}") == made


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param({"name": "x"}, 400, {"error": "color is missing"}, id="no color"),
        pytest.param(
            {"name": "x", "color": "nice"}, 400, {"message": {"color": ["must be a valid color code"]}}, id="bad color"
        ),
        pytest.param({"name": "bug", "color": "red"}, 409, {"message": "Label already exists"}, id="there already"),
        pytest.param({"name": "a,b", "color": "red"}, 400, {"message": {"title": ["is invalid"]}}, id="a comma"),
    ],
)
def test_labels_that_cannot_be(
    developer: Api, path: str, body: dict[str, str], status: int, answer: dict[str, object]
) -> None:
    developer.post(f"{path}/labels", name="bug", color="red")
    assert developer.post(f"{path}/labels", status, **body) == answer


def test_labels_of_the_group_are_used_too(people: People, api: Api, path: str) -> None:
    api.post("/groups/group/labels", name="shared", color="blue")
    people("developer").post(f"{path}/issues", title="x", labels="shared,own")
    found = {one["name"]: one["is_project_label"] for one in people("developer").get(f"{path}/labels")}
    assert found == {"own": True, "shared": False}


def test_a_renamed_label_stays_on_its_issues(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x", labels="bug")
    developer.put(f"{path}/labels/bug", new_name="defect")
    assert developer.get(f"{path}/issues/1")["labels"] == ["defect"]
    developer.delete(f"{path}/labels/defect")
    assert developer.get(f"{path}/issues/1")["labels"] == []


def test_counts_on_demand(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x", labels="bug")
    assert "open_issues_count" not in developer.get(f"{path}/labels")[0]
    assert developer.get(f"{path}/labels", with_counts=True)[0]["open_issues_count"] == 1


def test_label_changes_are_history(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x", labels="bug")
    developer.put(f"{path}/issues/1", remove_labels="bug")
    events = developer.get(f"{path}/issues/1/resource_label_events")
    assert [(one["action"], one["label"]["name"]) for one in events] == [("add", "bug"), ("remove", "bug")]


def test_scoped_labels_exclude_each_other_on_premium_only(sandbox: Sandbox, developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x", labels="state::a")
    assert developer.put(f"{path}/issues/1", add_labels="state::b")["labels"] == ["state::a", "state::b"]
    sandbox.world.premium = True
    assert developer.put(f"{path}/issues/1", add_labels="state::c")["labels"] == ["state::c"]


def test_a_milestone(developer: Api, path: str) -> None:
    made = developer.post(f"{path}/milestones", title="v1", due_date="2000-01-01")
    assert (made["iid"], made["state"], made["expired"]) == (1, "active", True)
    developer.post(f"{path}/issues", title="x", milestone_id=made["id"])
    assert developer.get(f"{path}/issues", milestone="v1")[0]["milestone"]["title"] == "v1"
    assert [one["iid"] for one in developer.get(f"{path}/milestones/{made['id']}/issues")] == [1]
    assert developer.put(f"{path}/milestones/{made['id']}", state_event="close")["state"] == "closed"
    assert developer.get(f"{path}/milestones", state="active") == []
    developer.delete(f"{path}/milestones/{made['id']}")
    assert developer.get(f"{path}/issues/1")["milestone"] is None


def test_a_used_milestone_title(developer: Api, path: str) -> None:
    developer.post(f"{path}/milestones", title="v1")
    assert "already being used" in developer.post(f"{path}/milestones", 400, title="v1")["message"]


def test_linked_issues(developer: Api, path: str) -> None:
    for title in ("one", "two"):
        developer.post(f"{path}/issues", title=title)
    links = f"{path}/issues/1/links"
    made = developer.post(links, target_project_id=path.rpartition("/")[2], target_issue_iid=2)
    assert (made["source_issue"]["iid"], made["target_issue"]["iid"], made["link_type"]) == (1, 2, "relates_to")
    assert [one["iid"] for one in developer.get(f"{path}/issues/2/links")] == [1]
    again = developer.post(links, 409, target_project_id="group/app", target_issue_iid=2)
    assert again == {"message": "Issue(s) already assigned"}
    link = developer.get(links)[0]["issue_link_id"]
    developer.delete(f"{links}/{link}", 200)
    assert developer.get(links) == []


def test_blocking_links_are_premium(sandbox: Sandbox, developer: Api, path: str) -> None:
    for title in ("one", "two"):
        developer.post(f"{path}/issues", title=title)
    body = {"target_project_id": "group/app", "target_issue_iid": 2, "link_type": "blocks"}
    developer.post(f"{path}/issues/1/links", 403, **body)
    sandbox.world.premium = True
    developer.post(f"{path}/issues/1/links", **body)
    assert developer.get(f"{path}/issues/1")["blocking_issues_count"] == 1


def test_time(developer: Api, path: str) -> None:
    developer.post(f"{path}/issues", title="x")
    developer.post(f"{path}/issues/1/time_estimate", 200, duration="1d 2h")
    spent = developer.post(f"{path}/issues/1/add_spent_time", duration="90m")
    assert (spent["human_time_estimate"], spent["human_total_time_spent"]) == ("1d 2h", "1h 30m")


def test_a_group_label_can_be_named_by_parameters(api: Api) -> None:
    group = api.post("/groups", name="g", path="g")["id"]
    made = api.post(f"/groups/{group}/labels", name="a", color="#ff0000")
    assert api.put(f"/groups/{group}/labels", name="a", new_name="b")["name"] == "b"
    assert api.put(f"/groups/{group}/labels", label_id=made["id"], color="#00ff00")["color"] == "#00ff00"
    assert api.delete(f"/groups/{group}/labels", 400) == {"error": "name is missing"}
    api.delete(f"/groups/{group}/labels", name="b")
    api.get(f"/groups/{group}/labels/b", 404)
