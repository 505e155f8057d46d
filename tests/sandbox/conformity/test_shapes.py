"""What the walk notices in an answer, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conformity.facts import Facts
from tests.sandbox.conformity.kinds import expanded, parse

FACTS = Facts(
    routes={},
    entities={
        "User": {"id": parse("integer"), "name": parse("null|string"), "bio?": parse("string")},
        "Issue": {
            "id": parse("integer"),
            "author": parse("User|null"),
            "people": parse("[User]"),
            "spent": parse("number"),
        },
        "Task": {"id": parse("integer"), "done": parse("boolean")},
    },
)
USER = {"id": 1, "name": "Ann"}
ISSUE = {"id": 1, "author": USER, "people": [USER], "spent": 1.5}


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        pytest.param("Issue", ISSUE, id="whole"),
        pytest.param("[Issue]", [], id="an empty list"),
        pytest.param("Issue", {**ISSUE, "author": None}, id="null where it may be"),
        pytest.param("Issue", {**ISSUE, "spent": 2}, id="a whole number"),
        pytest.param("User", {**USER, "bio": "Hm"}, id="a key that need not be there"),
        pytest.param("Issue|Task", {"id": 1, "done": True}, id="one of two entities"),
        pytest.param("any", {"odd": 1}, id="anything"),
        pytest.param("object", {"odd": 1}, id="any object"),
    ],
)
def test_what_fits_passes(expected: str, value: Any) -> None:
    assert list(FACTS.differences(parse(expected), value)) == []


@pytest.mark.parametrize(
    ("expected", "value", "difference"),
    [
        pytest.param("User", {**USER, "age": 3}, ".age: unknown key of User", id="unknown key"),
        pytest.param("User", {"id": 1}, ".name: missing key of User", id="missing key"),
        pytest.param("User", {**USER, "id": "1"}, ".id: string instead of integer", id="wrong kind"),
        pytest.param("User", {**USER, "id": None}, ".id: null instead of integer", id="null where it may not be"),
        pytest.param("User", {**USER, "id": True}, ".id: boolean instead of integer", id="a truth value is no number"),
        pytest.param("[User]", USER, ": object instead of [User]", id="one instead of a list"),
        pytest.param("[User]", [{"id": 1}], "[].name: missing key of User", id="inside a list"),
        pytest.param("Issue", {**ISSUE, "people": [1]}, ".people[]: integer instead of User", id="deep inside"),
        pytest.param("Issue|Task", {"id": 1, "done": 0}, ".done: integer instead of boolean", id="the closer entity"),
    ],
)
def test_what_does_not_is_told(expected: str, value: Any, difference: str) -> None:
    assert list(FACTS.differences(parse(expected), value)) == [difference]


def test_braces_stand_for_each_of_their_alternatives() -> None:
    assert expanded("{GET,PUT} /a{,/b}") == ["GET /a", "GET /a/b", "PUT /a", "PUT /a/b"]
