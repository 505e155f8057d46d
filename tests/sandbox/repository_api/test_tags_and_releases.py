"""Tags and releases over REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"README.md": "# Shop\n"})


@pytest.fixture
def tags(project: Project) -> str:
    return f"/projects/{project.id}/repository/tags"


@pytest.fixture
def releases(project: Project) -> str:
    return f"/projects/{project.id}/releases"


def test_lightweight_and_annotated(api: Api, project: Project, tags: str) -> None:
    light = api.post(tags, tag_name="0.1", ref="main")
    assert (light["name"], light["message"], light["target"]) == ("0.1", "", project.head)
    assert (light["created_at"], light["release"], light["protected"]) == (None, None, False)
    annotated = api.post(tags, tag_name="v1", ref="main", message="One\n")
    assert (annotated["message"], annotated["commit"]["id"]) == ("One", project.head)
    assert annotated["target"] != project.head
    assert annotated["created_at"].endswith("Z")
    assert api.get(f"{tags}/v1") == annotated
    assert api.get(f"{tags}/v1/signature", 404) == {"message": "404 Signature Not Found"}
    api.delete(f"{tags}/v1")
    assert api.get(f"{tags}/v1", 404) == {"message": "404 Tag Not Found"}


def test_orders(api: Api, tags: str) -> None:
    for name in ("v1.9", "v1.10", "v1.2"):
        api.post(tags, tag_name=name, ref="main")

    def names(**params: str) -> list[str]:
        return [tag["name"] for tag in api.get(tags, **params)]

    assert names(order_by="name", sort="asc") == ["v1.10", "v1.2", "v1.9"]
    assert names(order_by="version") == ["v1.10", "v1.9", "v1.2"]
    assert names(search="^v1.1") == ["v1.10"]
    assert api.answer("GET", f"{tags}?per_page=2").headers["X-Total"] == "3"


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"tag_name": "v0", "ref": "main"}, {"message": "Tag v0 already exists"}),
        ({"tag_name": "x", "ref": "nope"}, {"message": "Target nope is invalid"}),
        ({"tag_name": "a b", "ref": "main"}, {"message": "Tag name invalid"}),
        ({"tag_name": "main", "ref": "main"}, {"message": "You cannot use default branch name to create a tag"}),
        ({"ref": "main"}, {"error": "tag_name is missing"}),
    ],
)
def test_what_is_no_new_tag(api: Api, tags: str, values: dict[str, str], body: dict[str, str]) -> None:
    api.post(tags, tag_name="v0", ref="main")
    assert api.post(tags, 400, **values) == body


def test_a_release_makes_its_tag(api: Api, sandbox: Sandbox, project: Project, tags: str, releases: str) -> None:
    made = api.post(
        releases,
        tag_name="v1",
        ref="main",
        name="One",
        description="All <new>.",
        assets={"links": [{"name": "bin", "url": "https://files.example/x", "direct_asset_path": "/x"}]},
    )
    page = f"{sandbox.url}/team/shop/-"
    assert (made["tag_name"], made["name"], made["upcoming_release"]) == ("v1", "One", False)
    assert made["commit"]["id"] == project.head
    assert (made["tag_path"], made["evidences"]) == ("/team/shop/-/tags/v1", [])
    assert made["assets"]["count"] == 5
    assert made["assets"]["sources"][0] == {"format": "zip", "url": f"{page}/archive/v1/shop-v1.zip"}
    assert made["assets"]["links"][0]["direct_asset_url"] == f"{page}/releases/v1/downloads/x"
    assert made["_links"]["self"] == f"{page}/releases/v1"
    assert api.get(f"{tags}/v1")["release"] == {"tag_name": "v1", "description": "All <new>."}
    shown = api.get(f"{releases}/v1", include_html_description="true")
    assert shown["description_html"] == '<p dir="auto">All &lt;new&gt;.</p>'
    link = api.answer("GET", f"{releases}/v1/downloads/x", allow_redirects=False)
    assert (link.status_code, link.headers["Location"]) == (302, "https://files.example/x")


def test_updating_deleting_and_the_latest(api: Api, releases: str, tags: str) -> None:
    api.post(releases, tag_name="v1", ref="main", released_at="2026-01-01T00:00:00Z")
    api.post(releases, tag_name="v2", ref="main", released_at="2026-02-01T00:00:00Z")
    assert [r["tag_name"] for r in api.get(releases)] == ["v2", "v1"]
    assert [r["tag_name"] for r in api.get(releases, sort="asc")] == ["v1", "v2"]
    assert api.get(f"{releases}/permalink/latest")["tag_name"] == "v2"
    assert api.put(f"{releases}/v1", name="First", description=None)["name"] == "First"
    assert api.delete(f"{releases}/v2", 200)["tag_name"] == "v2"
    assert api.get(f"{releases}/v2", 404) == {"message": "404 Not Found"}
    assert api.get(f"{tags}/v2")["release"] is None


def test_what_is_no_new_release(api: Api, releases: str) -> None:
    api.post(releases, tag_name="v1", ref="main")
    assert api.post(releases, 409, tag_name="v1") == {"message": "Release already exists"}
    assert api.post(releases, 422, tag_name="v2") == {"message": "Ref is not specified"}
    assert api.post(releases, 400, tag_name="v2", ref="nope") == {"message": "Target nope is invalid"}
    assert api.post(releases, 400, tag_name="v1.1", ref="main", milestones=["x"]) == {
        "message": "Milestone(s) not found: x"
    }


def test_links(api: Api, releases: str) -> None:
    api.post(releases, tag_name="v1", ref="main")
    links = f"{releases}/v1/assets/links"
    made = api.post(links, name="doc", url="https://files.example/doc", link_type="runbook")
    assert (made["link_type"], made["direct_asset_url"]) == ("runbook", "https://files.example/doc")
    assert api.get(links) == [made]
    assert api.put(f"{links}/{made['id']}", name="docs")["name"] == "docs"
    assert api.get(f"{links}/{made['id']}")["url"] == "https://files.example/doc"
    api.delete(f"{links}/{made['id']}", 200)
    assert api.get(f"{links}/{made['id']}", 404) == {"message": "404 Not found"}


def test_developers_change_and_delete_releases_whose_tag_they_may_create(
    api: Api, member: Callable[[int], Api], project: Project, releases: str
) -> None:
    developer = member(30)
    developer.post(releases, tag_name="v1", ref="main", description="One")
    api.post(f"/projects/{project.id}/protected_tags", name="v*", create_access_level=40)
    developer.put(f"{releases}/v1", 403, description="Mine")
    developer.post(f"{releases}/v1/assets/links", 403, name="a", url="https://files.example/a")
    developer.delete(f"{releases}/v1", 403)
    api.delete(f"/projects/{project.id}/protected_tags/v*")
    developer.delete(f"{releases}/v1", 200)
