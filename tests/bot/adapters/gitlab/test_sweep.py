import re
from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.gitlab.sweep import sweep
from bot.errors import ForgeError
from bot.ports import Unlisted
from state.model import Project
from tests.bot.adapters.gitlab.records import node

TOO_COMPLEX = {"errors": [{"message": "Query has complexity of 346, which exceeds max complexity of 250"}]}
UNKNOWN_FIELD = {"errors": [{"message": "Field 'maxAccessLevel' doesn't exist on type 'Project'"}]}


class Scripted:
    """A GitLab that gives these answers in turn."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def query(self, document: str, variables: Mapping[str, Any]) -> Any:
        self.asked.append((document, variables))
        return self.answers.pop(0)

    @property
    def pages(self) -> list[tuple[int, str | None]]:
        return [(variables["first"], variables["after"]) for _, variables in self.asked]


def page(*nodes: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": after is not None, "endCursor": after}
    return {"data": {"projects": {"nodes": list(nodes), "pageInfo": info}}}


def listed(gitlab: Scripted) -> list[Project]:
    return [project for project in sweep(gitlab) if isinstance(project, Project)]


def test_a_hundred_projects_cost_one_request() -> None:
    gitlab = Scripted(page(node(1), node(2), after="c1"), page(node(3)))
    assert [project.path for project in sweep(gitlab)] == ["group/app1", "group/app2", "group/app3"]
    assert gitlab.pages == [(100, None), (100, "c1")]


def test_a_project_comes_with_head_and_access() -> None:
    (project,) = listed(Scripted(page(node(7))))
    assert (project.path, project.default_branch, project.head) == ("group/app7", "main", "a" * 40)
    assert (project.access_level, project.archived, project.issues_enabled) == (30, False, True)
    assert project.clone_url.endswith("/group/app7.git")


@pytest.mark.parametrize(
    "repository",
    [None, {"rootRef": None, "tree": None}, {"rootRef": "main", "tree": {"lastCommit": None}}],
    ids=["no repository", "no branch", "no commit"],
)
def test_an_empty_project_has_no_head(repository: object) -> None:
    (project,) = listed(Scripted(page(node(repository=repository))))
    assert project.head is None


def test_a_page_that_is_too_complex_is_asked_for_smaller_from_the_same_place() -> None:
    gitlab = Scripted(page(node(1), after="c1"), TOO_COMPLEX, page(node(2), after="c2"), page(node(3)))
    assert [project.path for project in sweep(gitlab)] == ["group/app1", "group/app2", "group/app3"]
    assert gitlab.pages == [(100, None), (100, "c1"), (50, "c1"), (50, "c2")]


def test_one_project_that_is_too_complex_is_an_error() -> None:
    with pytest.raises(ForgeError, match="complexity of 346"):
        list(sweep(Scripted(*[TOO_COMPLEX] * 20)))


@pytest.mark.parametrize(("can_push", "level"), [(True, 30), (False, 20)], ids=["may push", "may read"])
def test_an_older_gitlab_tells_whether_one_may_push(can_push: bool, level: int) -> None:
    old = node(1, userPermissions={"pushCode": can_push})
    del old["maxAccessLevel"]
    gitlab = Scripted(UNKNOWN_FIELD, page(old, after="c1"), page(old))
    assert [project.access_level for project in listed(gitlab)] == [level, level]
    assert ["userPermissions" in document for document, _ in gitlab.asked] == [False, True, True]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"errors": [{"message": "Timeout on Query.projects"}], "data": None}, "Timeout on Query"),
        ({"data": None}, "no data"),
        ({}, "no data"),
    ],
    ids=["errors", "no data", "nothing"],
)
def test_an_outage_is_not_an_answer(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(ForgeError, match=words):
        list(sweep(Scripted(*[answer] * 7)))


@pytest.mark.parametrize(
    ("broken", "errors", "path", "words"),
    [
        pytest.param(
            node(2, repository=None),
            [{"message": "Gitaly is away", "path": ["projects", "nodes", 1, "repository", "tree"]}],
            "group/app2",
            "Gitaly is away",
            id="an error that leads to it",
        ),
        pytest.param(
            None,
            [{"message": "no", "path": ["projects", "nodes", 1]}],
            "a project without a name",
            r"\(no\)",
            id="nothing of it",
        ),
        pytest.param(
            {"id": "gid://gitlab/Project/2", "fullPath": "group/app2"},
            [],
            "group/app2",
            "not as expected",
            id="half of it",
        ),
    ],
)
def test_what_is_wrong_with_one_project_is_said_of_it_and_hides_no_other(
    broken: Any, errors: list[Any], path: str, words: str
) -> None:
    answer = page(node(1), broken, after="c1") | {"errors": errors}
    first, failed, last = sweep(Scripted(answer, page(node(3))))
    assert isinstance(first, Project) and isinstance(last, Project)
    assert isinstance(failed, Unlisted)
    assert failed.path == path
    assert re.search(words, failed.reason)


def test_a_page_with_an_error_that_leads_nowhere_is_asked_for_in_parts() -> None:
    timeout = {"errors": [{"message": "Timeout on validation of query"}]}
    alone = page(node(2), after="c2") | timeout
    halves = [timeout] * 6
    gitlab = Scripted(page(node(1), after="c1"), *halves, alone, page(node(3), after="c3"), page(node(4)))
    listed = list(sweep(gitlab))
    assert [each.path for each in listed] == [f"group/app{number}" for number in (1, 2, 3, 4)]
    assert [each.path for each in listed if isinstance(each, Unlisted)] == ["group/app2"]
    assert gitlab.pages[-3:] == [(1, "c1"), (2, "c2"), (4, "c3")]


def test_where_the_list_breaks_off_the_rest_is_said_to_be_missing() -> None:
    *listed, rest = sweep(Scripted(page(node(1), after="c1"), *[{"errors": [{"message": "down"}]}] * 7))
    assert [project.path for project in listed] == ["group/app1"]
    assert isinstance(rest, Unlisted)
    assert (rest.path, "(down): run again later" in rest.reason) == ("every project after group/app1", True)
