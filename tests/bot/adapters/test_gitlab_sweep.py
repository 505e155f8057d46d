from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.gitlab_sweep import sweep
from bot.errors import ForgeError
from tests.bot.adapters.gitlab_records import node

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


def test_a_hundred_projects_cost_one_request() -> None:
    gitlab = Scripted(page(node(1), node(2), after="c1"), page(node(3)))
    assert [project.id for project in sweep(gitlab)] == [1, 2, 3]
    assert gitlab.pages == [(100, None), (100, "c1")]


def test_a_project_comes_with_head_and_access() -> None:
    (project,) = sweep(Scripted(page(node(7))))
    assert (project.path, project.default_branch, project.head) == ("group/app7", "main", "a" * 40)
    assert (project.access_level, project.archived, project.issues_enabled) == (30, False, True)
    assert project.clone_url.endswith("/group/app7.git")


@pytest.mark.parametrize(
    "repository",
    [None, {"rootRef": None, "tree": None}, {"rootRef": "main", "tree": {"lastCommit": None}}],
    ids=["no repository", "no branch", "no commit"],
)
def test_an_empty_project_has_no_head(repository: object) -> None:
    (project,) = sweep(Scripted(page(node(repository=repository))))
    assert project.head is None


def test_a_page_that_is_too_complex_is_asked_for_smaller_from_the_same_place() -> None:
    gitlab = Scripted(page(node(1), after="c1"), TOO_COMPLEX, page(node(2), after="c2"), page(node(3)))
    assert [project.id for project in sweep(gitlab)] == [1, 2, 3]
    assert gitlab.pages == [(100, None), (100, "c1"), (50, "c1"), (50, "c2")]


def test_one_project_that_is_too_complex_is_an_error() -> None:
    with pytest.raises(ForgeError, match="complexity of 346"):
        list(sweep(Scripted(*[TOO_COMPLEX] * 20)))


@pytest.mark.parametrize(("can_push", "level"), [(True, 30), (False, 20)], ids=["may push", "may read"])
def test_an_older_gitlab_tells_whether_one_may_push(can_push: bool, level: int) -> None:
    old = node(1, userPermissions={"pushCode": can_push})
    del old["maxAccessLevel"]
    gitlab = Scripted(UNKNOWN_FIELD, page(old, after="c1"), page(old))
    assert [project.access_level for project in sweep(gitlab)] == [level, level]
    assert ["userPermissions" in document for document, _ in gitlab.asked] == [False, True, True]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"errors": [{"message": "Timeout on Query.projects"}], "data": page(node(1))["data"]}, "Timeout on Query"),
        ({"data": None}, "no data"),
        ({}, "no data"),
        (page({"id": "gid://gitlab/Project/1"}), "not as expected"),
    ],
    ids=["errors beside data", "no data", "nothing", "half a project"],
)
def test_an_outage_is_not_an_answer(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(ForgeError, match=words):
        list(sweep(Scripted(answer)))
