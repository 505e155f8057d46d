"""A path finds its function: literals before names, quoted slashes inside one segment."""

from __future__ import annotations

import pytest

from bot.sandbox.api import Answer, Call
from bot.sandbox.routing import Routes


def _nothing(call: Call) -> Answer:
    return Answer()


@pytest.fixture
def routes() -> Routes:
    made = Routes()
    for pattern in (
        "/projects",
        "/projects/:id",
        "/projects/:id/issues/:iid",
        "/projects/:id/repository/files/:path/raw",
        "/projects/:id/jobs/artifacts/:ref/raw/*file",
        "/users/self",
        "/users/:id",
        "/users/:id/status",
    ):
        made.get(pattern)(_nothing)
    made.post("/projects")(_nothing)
    return made


@pytest.mark.parametrize(
    ("path", "pattern", "values"),
    [
        pytest.param("/projects", "/projects", {}, id="literal"),
        pytest.param("/projects/", "/projects", {}, id="trailing slash"),
        pytest.param("/projects/group%2Fsub%2Fapp", "/projects/:id", {"id": "group/sub/app"}, id="quoted path"),
        pytest.param(
            "/projects/1/repository/files/a%2Fb%2Ec.txt/raw",
            "/projects/:id/repository/files/:path/raw",
            {"id": "1", "path": "a/b.c.txt"},
            id="quoted file",
        ),
        pytest.param(
            "/projects/1/jobs/artifacts/main/raw/out/report.json",
            "/projects/:id/jobs/artifacts/:ref/raw/*file",
            {"id": "1", "ref": "main", "file": "out/report.json"},
            id="rest of the path",
        ),
        pytest.param("/users/self", "/users/self", {}, id="literal before name"),
        pytest.param("/users/self/status", "/users/:id/status", {"id": "self"}, id="back to the name"),
    ],
)
def test_matching(routes: Routes, path: str, pattern: str, values: dict[str, str]) -> None:
    route, found, _ = routes.match("GET", path)
    assert route is not None
    assert (route.pattern, found) == (pattern, values)


def test_head_is_a_get(routes: Routes) -> None:
    route, _, _ = routes.match("HEAD", "/projects")
    assert route is not None and route.method == "GET"


def test_a_wrong_method_names_the_right_ones(routes: Routes) -> None:
    assert routes.match("DELETE", "/projects") == (None, {}, frozenset({"GET", "POST"}))


@pytest.mark.parametrize("path", ["/nothing", "/projects/1/issues", "/projects//issues/1"])
def test_an_unknown_path_has_no_route(routes: Routes, path: str) -> None:
    assert routes.match("GET", path) == (None, {}, frozenset())


def test_a_route_cannot_be_registered_twice(routes: Routes) -> None:
    with pytest.raises(ValueError, match="registered twice"):
        routes.get("/projects")(_nothing)
