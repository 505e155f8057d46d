"""GraphQL: the sweep over the fleet, its limits, and GitLab's errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from graphql import DefinitionNode, ObjectTypeDefinitionNode, parse, print_ast

from bot.sandbox.graph.schema import schema
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api
from tests.sandbox.ground_truth import ground_truth

SWEEP = """
query($after: String, $first: Int) {
  projects(membership: true, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id fullPath archived repository { rootRef tree { lastCommit { sha } } } }
  }
  queryComplexity { score limit }
}
"""


@pytest.fixture
def ask(sandbox: Sandbox, api: Api) -> Callable[..., Any]:
    def query(text: str, client: Api = api, **variables: Any) -> Any:
        body = {"query": text, "variables": variables}
        answer = client.answer("POST", f"{sandbox.url}/api/graphql", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return query


def test_a_sweep_pages_through_the_fleet_without_making_repositories(sandbox: Sandbox, ask: Callable[..., Any]) -> None:
    for number in range(5):
        sandbox.add_project(f"fleet/p{number}", files={"a.txt": str(number)})
    sandbox.add_project("fleet/empty")
    nodes: list[dict[str, Any]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        found = ask(SWEEP, first=4, after=page["endCursor"])["data"]["projects"]
        nodes, page = nodes + found["nodes"], found["pageInfo"]
    assert [node["fullPath"] for node in nodes] == ["fleet/empty", *(f"fleet/p{n}" for n in (4, 3, 2, 1, 0))]
    assert nodes[0]["repository"] == {"rootRef": None, "tree": None}
    heads = {node["repository"]["tree"]["lastCommit"]["sha"] for node in nodes[1:]}
    assert len(heads) == 5
    assert not any(project.repository_made for project in sandbox.world.projects)


def test_a_page_of_a_hundred_fits_the_limit(ask: Callable[..., Any]) -> None:
    assert ask(SWEEP, first=100)["data"]["queryComplexity"] == {"score": 34, "limit": 250}


def test_a_page_never_has_more_than_a_hundred(sandbox: Sandbox, ask: Callable[..., Any]) -> None:
    for number in range(101):
        sandbox.add_project(f"fleet/p{number}")
    assert len(ask(SWEEP, first=500)["data"]["projects"]["nodes"]) == 100


def test_a_sweep_goes_on_when_the_cursors_project_is_gone(sandbox: Sandbox, ask: Callable[..., Any]) -> None:
    projects = [sandbox.add_project(f"fleet/p{number}") for number in range(4)]
    cursor = ask(SWEEP, first=2)["data"]["projects"]["pageInfo"]["endCursor"]
    sandbox.world.projects.remove(projects[2])
    nodes = ask(SWEEP, first=2, after=cursor)["data"]["projects"]["nodes"]
    assert [node["fullPath"] for node in nodes] == ["fleet/p1", "fleet/p0"]


def test_who_may_do_what(sandbox: Sandbox, ask: Callable[..., Any], login: Callable[..., Api]) -> None:
    alice = login("alice")
    sandbox.add_project("team/app", members={"alice": Access.DEVELOPER})
    text = """{ project(fullPath: "team/app") {
      maxAccessLevel { integerValue stringValue } userPermissions { pushCode adminProject }
    } currentUser { username } }"""
    assert ask(text, alice)["data"] == {
        "project": {
            "maxAccessLevel": {"integerValue": 30, "stringValue": "DEVELOPER"},
            "userPermissions": {"pushCode": True, "adminProject": False},
        },
        "currentUser": {"username": "alice"},
    }
    assert ask(text, login("eve"))["data"]["project"] is None


def test_files_and_commits(sandbox: Sandbox, ask: Callable[..., Any]) -> None:
    sandbox.add_project("team/app", files={"a.txt": "one", "lib/b.txt": "two"})
    text = """{ project(fullPath: "team/app") { repository {
      blobs(paths: ["a.txt", "nope"]) { nodes { path rawTextBlob } }
      tree { lastCommit { title authorName } blobs { nodes { path } } trees { nodes { path } } }
    } } }"""
    assert ask(text)["data"]["project"]["repository"] == {
        "blobs": {"nodes": [{"path": "a.txt", "rawTextBlob": "one"}]},
        "tree": {
            "lastCommit": {"title": "Initial commit", "authorName": "Administrator"},
            "blobs": {"nodes": [{"path": "a.txt"}]},
            "trees": {"nodes": [{"path": "lib"}]},
        },
    }


def test_anonymous_callers_have_no_user(ask: Callable[..., Any], anonymous: Api) -> None:
    assert ask("{currentUser{id}}", anonymous) == {"data": {"currentUser": None}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{project(fullPath:"x"){nope}}', "Field 'nope' doesn't exist on type 'Project'", id="field"),
        pytest.param("{projects(color:1){count}}", "Field 'projects' doesn't accept argument 'color'", id="argument"),
        pytest.param(
            "{" + " ".join(f"p{n}: projects {{ nodes {{ id name }} }}" for n in range(60)) + "}",
            "Query has complexity of 480, which exceeds max complexity of 250",
            id="complexity",
        ),
    ],
)
def test_errors_come_with_status_200(ask: Callable[..., Any], text: str, message: str) -> None:
    assert ask(text)["errors"][0]["message"] == message


def test_a_wrong_token_is_401(sandbox: Sandbox, anonymous: Api) -> None:
    answer = anonymous.answer(
        "POST", f"{sandbox.url}/api/graphql", json={"query": "{currentUser{id}}"}, headers={"PRIVATE-TOKEN": "x"}
    )
    assert (answer.status_code, answer.json()) == (401, {"errors": [{"message": "Invalid token"}]})


def test_a_query_has_at_most_ten_thousand_characters(sandbox: Sandbox, api: Api) -> None:
    answer = api.answer("POST", f"{sandbox.url}/api/graphql", json={"query": "#" * 10_001})
    assert answer.json() == {"errors": [{"message": "Query too large"}]}


def test_several_queries_at_once(sandbox: Sandbox, api: Api) -> None:
    body = [{"query": "{currentUser{username}}"}, {"query": "{metadata{enterprise}}"}]
    answer = api.answer("POST", f"{sandbox.url}/api/graphql", json=body).json()
    assert answer == [{"data": {"currentUser": {"username": "root"}}}, {"data": {"metadata": {"enterprise": True}}}]


# What GitLab added to its schema after the published one of 2023.
_NEWER = {
    ("Query", "projects", "archived"),
    ("AccessLevel", "humanAccess"),
    ("Project", "maxAccessLevel"),
    ("Project", "updatedAt"),
    ("Project", "webUrl"),
    ("Project", "visibility"),
}


def test_every_field_is_declared_as_gitlab_declares_it() -> None:
    text = ground_truth("graphql/gitlab-schema-2023-07.graphql").read_text("utf-8")
    theirs = {
        d.name.value: d for d in parse(text, no_location=True).definitions if isinstance(d, ObjectTypeDefinitionNode)
    }
    wrong = [
        f"{kind.name}.{name}: {field.type}"
        for kind in schema().type_map.values()
        if hasattr(kind, "fields") and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if (kind.name, name) not in _NEWER and _declared(theirs.get(kind.name), name) != str(field.type)
    ]
    assert wrong == []


def _declared(kind: DefinitionNode | None, name: str) -> str | None:
    if not isinstance(kind, ObjectTypeDefinitionNode):
        return None
    return next((print_ast(field.type) for field in kind.fields or () if field.name.value == name), None)
