"""Lists of projects: who sees what, which filters there are, how pages follow each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api

SWEEP = "membership=true&min_access_level=30&archived=false&simple=true&pagination=keyset&order_by=id&sort=asc"


def _paths(projects: list[dict[str, str]]) -> list[str]:
    return [project["path_with_namespace"] for project in projects]


@pytest.fixture
def alice(sandbox: Sandbox, login: Callable[..., Api]) -> Api:
    """She reports in `team`, develops `other/lib` and owns `alice/own`."""
    client = login("alice")
    sandbox.add_group("team", members={"alice": Access.REPORTER})
    sandbox.add_project("team/app")
    sandbox.add_project("team/sub/tool")
    sandbox.add_project("other/lib", members={"alice": Access.DEVELOPER})
    sandbox.add_project("other/secret")
    sandbox.add_project("other/open", visibility="public")
    client.post("/projects", name="own")
    return client


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        pytest.param("", ["alice/own", "other/open", "other/lib", "team/sub/tool", "team/app"], id="all, newest first"),
        pytest.param("membership=true", ["alice/own", "other/lib", "team/sub/tool", "team/app"], id="membership"),
        pytest.param("min_access_level=30", ["alice/own", "other/lib"], id="level"),
        pytest.param("owned=true", ["alice/own"], id="owned"),
        pytest.param("visibility=public", ["other/open"], id="visibility"),
        pytest.param("search=TOO", ["team/sub/tool"], id="search in the name"),
        pytest.param("search=team&search_namespaces=true", ["team/sub/tool", "team/app"], id="search in the path"),
        pytest.param("id_after=3&order_by=id&sort=asc", ["other/open", "alice/own"], id="after an id"),
        pytest.param(
            "membership=1&order_by=path&sort=asc", ["team/app", "other/lib", "alice/own", "team/sub/tool"], id="by path"
        ),
        pytest.param("topic=x", [], id="topic"),
    ],
)
def test_filters(alice: Api, query: str, paths: list[str]) -> None:
    assert _paths(alice.get(f"/projects?{query}")) == paths


def test_anonymous_callers_see_public_projects(alice: Api, anonymous: Api) -> None:
    assert _paths(anonymous.get("/projects")) == ["other/open"]
    assert anonymous.get("/projects", membership=True) == []


def test_archived_and_inactive_projects(alice: Api, api: Api) -> None:
    api.post("/projects/team%2Fapp/archive")
    api.delete("/projects/other%2Flib", 202)
    assert _paths(alice.get("/projects", archived=True)) == ["team/app"]
    assert "team/app" not in _paths(alice.get("/projects", archived=False))
    assert _paths(alice.get("/projects", membership=True, active=True)) == ["alice/own", "team/sub/tool"]


def test_activity_is_a_filter(sandbox: Sandbox, alice: Api) -> None:
    project = sandbox.world.projects.one(full_path="team/app")
    assert project is not None
    project.last_activity_at = datetime(2020, 1, 1, tzinfo=UTC)
    hour_ago = (sandbox.world.now() - timedelta(hours=1)).isoformat()
    assert "team/app" not in _paths(alice.get("/projects", last_activity_after=hour_ago))
    assert _paths(alice.get("/projects", last_activity_before=hour_ago)) == ["team/app"]


def test_simple_projects_have_the_basics(alice: Api) -> None:
    (simple,) = alice.get("/projects", simple=True, owned=True)
    assert {"id", "path_with_namespace", "default_branch", "namespace", "http_url_to_repo"} <= set(simple)
    assert {"archived", "permissions", "_links"}.isdisjoint(simple)


def test_projects_of_a_group(alice: Api) -> None:
    assert _paths(alice.get("/groups/team/projects")) == ["team/app"]
    assert _paths(alice.get("/groups/team/projects", include_subgroups=True)) == ["team/sub/tool", "team/app"]


def test_projects_of_a_user(alice: Api) -> None:
    assert _paths(alice.get("/users/alice/projects")) == ["alice/own"]


def test_a_keyset_walk_reaches_everything_and_ends_with_an_empty_page(sandbox: Sandbox, api: Api) -> None:
    made = [sandbox.add_project(f"fleet/p{number}").id for number in range(7)]
    seen, url, pages = [], f"/projects?{SWEEP}&per_page=3", 0
    while True:
        answer = api.answer("GET", url)
        seen += [project["id"] for project in answer.json()]
        pages += 1
        assert "X-Total" not in answer.headers
        if "Link" not in answer.headers:
            break
        url = answer.links["next"]["url"]
    assert seen == made
    assert (pages, answer.json()) == (4, [])


def test_a_keyset_link_keeps_every_filter(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_project("fleet/a")
    link = api.answer("GET", f"/projects?{SWEEP}&per_page=1").links["next"]["url"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert query == {
        **{name: values[0] for name, values in parse_qs(SWEEP).items()},
        "per_page": "1",
        "id_after": "1",
    }


def test_keyset_needs_an_order_by_id(api: Api) -> None:
    refused = api.get("/projects", 405, pagination="keyset", order_by="name")
    assert refused == {"error": "Keyset pagination is not yet available for this type of request"}


def test_offset_pages_count_and_link(sandbox: Sandbox, api: Api) -> None:
    for number in range(5):
        sandbox.add_project(f"fleet/p{number}")
    answer = api.answer("GET", "/projects?page=2&per_page=2")
    names = ("X-Total", "X-Total-Pages", "X-Per-Page", "X-Page", "X-Next-Page", "X-Prev-Page")
    assert [answer.headers[name] for name in names] == ["5", "3", "2", "2", "3", "1"]
    assert set(answer.links) == {"prev", "next", "first", "last"}
    last = api.answer("GET", answer.links["last"]["url"])
    assert (len(last.json()), last.headers["X-Next-Page"], "next" in last.links) == (1, "", False)


def test_a_page_has_at_most_a_hundred(sandbox: Sandbox, api: Api) -> None:
    for number in range(101):
        sandbox.add_project(f"fleet/p{number}")
    answer = api.answer("GET", "/projects?per_page=500&simple=true")
    assert (len(answer.json()), answer.headers["X-Per-Page"]) == (100, "100")
    assert api.get("/projects", 400, per_page=0) == {"error": "per_page has a value not allowed"}


def test_offsets_end_at_fifty_thousand(api: Api) -> None:
    refused = api.get("/projects", 405, page=502, per_page=100)
    assert refused["error"].startswith("Offset pagination has a maximum allowed offset of 50000")
