"""Parameters arrive nested as Rack nests them and are complained about as Grape complains."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.sandbox.errors import ApiError
from bot.sandbox.parameters import Parameters, nested


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([("a", "1"), ("b", "2")], {"a": "1", "b": "2"}, id="flat"),
        pytest.param([("a", "1"), ("a", "2")], {"a": "2"}, id="the last one wins"),
        pytest.param([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}, id="list"),
        pytest.param([("a[b]", "1"), ("a[c][d]", "2")], {"a": {"b": "1", "c": {"d": "2"}}}, id="mapping"),
        pytest.param(
            [("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")],
            {"a": [{"x": "1", "y": "2"}, {"x": "3"}]},
            id="list of mappings",
        ),
    ],
)
def test_nesting(pairs: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    assert nested(pairs) == expected


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        pytest.param(Parameters.integer, "7", 7, id="integer in a query"),
        pytest.param(Parameters.integer, "", None, id="empty integer"),
        pytest.param(Parameters.boolean, "1", True, id="one is true"),
        pytest.param(Parameters.boolean, "off", False, id="off is false"),
        pytest.param(Parameters.boolean, None, None, id="null stays null"),
        pytest.param(Parameters.text, 5, "5", id="number as text"),
        pytest.param(Parameters.strings, "a, b,,c", ("a", "b", "c"), id="comma-separated"),
        pytest.param(Parameters.strings, ["a", "b"], ("a", "b"), id="array"),
        pytest.param(Parameters.integers, [1, "2"], (1, 2), id="array of ids"),
        pytest.param(Parameters.date, "2026-11-20", date(2026, 11, 20), id="date"),
        pytest.param(Parameters.time, "2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), id="time from a date"),
        pytest.param(Parameters.time, "2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=UTC), id="time in zulu"),
    ],
)
def test_reading(read: Callable[[Parameters, str], Any], value: Any, expected: Any) -> None:
    assert read(Parameters({"x": value}), "x") == expected


@pytest.mark.parametrize(
    ("read", "values", "complaint"),
    [
        pytest.param(lambda p: p.need("title", "ref"), {}, "title is missing, ref is missing", id="missing"),
        pytest.param(lambda p: p.needed("title"), {"title": " "}, "title is empty", id="blank"),
        pytest.param(lambda p: p.integer("page"), {"page": "x"}, "page is invalid", id="not a number"),
        pytest.param(lambda p: p.boolean("squash"), {"squash": "maybe"}, "squash is invalid", id="not a boolean"),
        pytest.param(lambda p: p.time("after"), {"after": "soon"}, "after is invalid", id="not a time"),
        pytest.param(
            lambda p: p.choice("state", ("opened",)), {"state": "x"}, "state does not have a valid value", id="choice"
        ),
        pytest.param(
            lambda p: p.need_one("name", "path"),
            {},
            "name, path are missing, at least one parameter must be provided",
            id="one of several",
        ),
        pytest.param(
            lambda p: p.at_most_one("a", "b"), {"a": 1, "b": 2}, "a, b are mutually exclusive", id="at most one"
        ),
    ],
)
def test_complaints(read: Callable[[Parameters], Any], values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ApiError) as refused:
        read(Parameters(values))
    assert (refused.value.status, refused.value.body) == (400, {"error": complaint})
