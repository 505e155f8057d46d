"""One project: created, read, changed, forked, archived, deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api

TAKEN = ["has already been taken"]


def test_a_project_is_private_and_in_ones_own_namespace(api: Api) -> None:
    made = api.post("/projects", name="My App")
    assert (made["path_with_namespace"], made["visibility"], made["empty_repo"]) == ("root/my-app", "private", True)
    assert made["namespace"]["kind"] == "user"
    assert made["owner"]["username"] == "root"
    assert made["default_branch"] == "main"


def test_a_project_with_a_readme_has_a_first_commit(api: Api) -> None:
    made = api.post("/projects", name="app", initialize_with_readme=True, default_branch="trunk")
    assert (made["empty_repo"], made["default_branch"]) == (False, "trunk")
    assert made["path_with_namespace"] == "root/app"
    assert made["readme_url"] == f"{made['web_url']}/-/blob/trunk/README.md"
    assert made["web_url"].endswith(made["path_with_namespace"])


def test_settings_given_at_creation_hold(api: Api) -> None:
    made = api.post("/projects", name="app", merge_method="ff", issues_enabled=False, wiki_access_level="disabled")
    read = api.get(f"/projects/{made['id']}")
    assert (read["merge_method"], read["issues_enabled"], read["issues_access_level"]) == ("ff", False, "disabled")
    assert (read["wiki_enabled"], read["wiki_access_level"]) == (False, "disabled")


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        pytest.param(
            {}, {"error": "name, path are missing, at least one parameter must be provided"}, id="neither name nor path"
        ),
        pytest.param(
            {"name": "app"},
            {"message": dict.fromkeys(("name", "path", "project_namespace.name"), TAKEN)},
            id="taken",
        ),
        pytest.param(
            {"name": "x", "visibility": "secret"}, {"error": "visibility does not have a valid value"}, id="word"
        ),
    ],
)
def test_a_project_that_cannot_be(api: Api, values: dict[str, str], answer: dict[str, object]) -> None:
    api.post("/projects", name="app")
    assert api.post("/projects", 400, **values) == answer


def test_a_project_needs_a_namespace_that_exists_and_is_open(
    sandbox: Sandbox, api: Api, login: Callable[..., Api]
) -> None:
    group = sandbox.add_group("team")
    assert api.post("/projects", 404, name="x", namespace_id=999) == {"message": "404 Namespace Not Found"}
    stranger = login("eve")
    assert stranger.post("/projects", 400, name="x", namespace_id=group.id) == {
        "message": {"namespace": ["is not valid"]}
    }


def test_a_project_is_found_by_id_and_by_path_in_any_case(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/sub/app")
    assert api.get(f"/projects/{project.id}") == api.get("/projects/Team%2FSub%2Fapp")


def test_members_see_their_access(sandbox: Sandbox, login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_group("team", members={"alice": Access.REPORTER})
    sandbox.add_project("team/app", members={"alice": Access.MAINTAINER})
    assert alice.get("/projects/team%2Fapp")["permissions"] == {
        "project_access": {"access_level": 40, "notification_level": 3},
        "group_access": {"access_level": 20, "notification_level": 3},
    }


def test_anonymous_callers_see_the_basics_of_public_projects(sandbox: Sandbox, anonymous: Api) -> None:
    sandbox.add_project("team/open", visibility="public")
    shown = anonymous.get("/projects/team%2Fopen")
    assert shown["path"] == "open"
    assert {"merge_method", "permissions"}.isdisjoint(shown)


def test_a_change_of_settings(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app")
    changed = api.put(f"/projects/{project.id}", description="New", squash_option="always", topics=["a", "b"])
    assert (changed["description"], changed["squash_option"], changed["topics"]) == ("New", "always", ["a", "b"])


def test_a_project_moves_with_its_path(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app")
    assert api.put(f"/projects/{project.id}", path="service")["path_with_namespace"] == "team/service"
    other = sandbox.add_group("other")
    moved = api.put(f"/projects/{project.id}/transfer", namespace="other")
    assert (moved["path_with_namespace"], moved["namespace"]["id"]) == ("other/service", other.id)


def test_an_empty_change_is_refused(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app")
    refused = api.put(f"/projects/{project.id}", 400)
    assert refused["error"].endswith("are missing, at least one parameter must be provided")


def test_the_default_branch_must_exist(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app", files={"a": "1"})
    refused = api.put(f"/projects/{project.id}", 400, default_branch="nope")
    assert "Do you have a branch named 'nope'" in refused["message"]["base"][0]


def test_archiving_takes_an_owner(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    maintainer = login("alice")
    sandbox.add_project("team/app", members={"alice": Access.MAINTAINER})
    maintainer.post("/projects/team%2Fapp/archive", 403)
    assert api.post("/projects/team%2Fapp/archive")["archived"] is True
    assert api.post("/projects/team%2Fapp/unarchive")["archived"] is False


def test_a_fork_knows_its_source(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    source = sandbox.add_project("team/app", files={"a.txt": "1"}, visibility="public")
    sandbox.set_pipelines(source, "success")
    alice = login("alice")
    fork = alice.post(f"/projects/{source.id}/fork")
    assert (fork["path_with_namespace"], fork["forked_from_project"]["id"]) == ("alice/app", source.id)
    assert fork["empty_repo"] is False
    assert alice.post(f"/projects/{fork['id']}/pipeline", ref="main")["status"] == "pending"
    assert [p["id"] for p in api.get(f"/projects/{source.id}/forks")] == [fork["id"]]
    taken = alice.post(f"/projects/{source.id}/fork", 409)
    assert taken["message"]["path"] == ["has already been taken"]


def test_deletion_is_delayed_and_frees_the_path(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app")
    assert api.delete("/projects/team%2Fapp", 202) == {"message": "202 Accepted"}
    marked = api.get(f"/projects/{project.id}")
    assert marked["path"] == f"app-deletion_scheduled-{project.id}"
    assert marked["marked_for_deletion_on"] == str(sandbox.world.now().date())
    assert [p["id"] for p in api.get("/projects", active=True)] == []
    assert api.post(f"/projects/{project.id}/restore")["path"] == "app"
    api.delete(f"/projects/{project.id}", 202)
    assert api.post("/projects", path="app", namespace_id=project.namespace_id)["path_with_namespace"] == "team/app"


def test_removal_for_good_takes_the_full_path(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app", files={"a": "1"})
    api.delete(f"/projects/{project.id}", 202)
    api.delete(f"/projects/{project.id}", 400, permanently_remove=True, full_path="team/app")
    path = api.get(f"/projects/{project.id}")["path_with_namespace"]
    api.delete(f"/projects/{project.id}", 202, permanently_remove=True, full_path=path)
    api.get(f"/projects/{project.id}", 404)


def test_a_former_path_leads_on_for_reads(sandbox: Sandbox, api: Api, login: Callable[..., Api]) -> None:
    project = sandbox.add_project("team/app")
    api.put(f"/projects/{project.id}", path="service")
    answer = api.answer("GET", "/projects/team%2Fapp/issues?state=opened", allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{sandbox.url}/api/v4/projects/{project.id}/issues?state=opened"
    assert api.get("/projects/team%2Fapp")["path"] == "service"
    api.put("/projects/team%2Fapp", 405, description="x")
    login("eve").get("/projects/team%2Fapp", 404)


def test_a_former_path_can_be_taken(sandbox: Sandbox, api: Api) -> None:
    first = sandbox.add_project("team/app")
    api.put(f"/projects/{first.id}", path="service")
    second = sandbox.add_project("team/app")
    assert api.get("/projects/team%2Fapp")["id"] == second.id


def test_git_goes_on_under_a_former_path(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("team/app", files={"a": "1"}, visibility="public")
    api.put(f"/projects/{project.id}", path="service")
    for path in ("team/app", "team/service"):
        answer = api.answer("GET", f"{sandbox.url}/{path}.git/info/refs?service=git-upload-pack")
        assert answer.status_code == 200, path
