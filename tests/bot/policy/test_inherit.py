"""Which configuration project a project inherits from, and that it is read once."""

from __future__ import annotations

import pytest

from bot.errors import BotError
from bot.policy.inherit import Inheritance
from bot.policy.resolve import Settings


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a/app", "a/settings"),
        ("a/b/app", "a/b/settings"),
        ("ab/app", "all"),
        ("a", "a/settings"),
    ],
)
def test_the_nearest_group_counts(path: str, source: str) -> None:
    assert Inheritance({"": "all", "a": "a/settings", "a/b": "a/b/settings"}).source(path) == source


def test_no_group_is_no_source() -> None:
    assert Inheritance({"a": "x"}).source("b/app") is None


def test_a_source_is_read_once() -> None:
    asked: list[str] = []

    def read() -> Settings:
        asked.append("x")
        return {"issues": "never"}

    inheritance = Inheritance()
    assert [inheritance.once("x", read) for _ in range(3)] == [{"issues": "never"}] * 3
    assert asked == ["x"]


def test_what_cannot_be_read_is_that_for_each_project_and_asked_for_once() -> None:
    asked: list[str] = []

    def read() -> Settings:
        asked.append("x")
        raise BotError("not there")

    inheritance = Inheritance()
    for _ in range(2):
        with pytest.raises(BotError, match="not there"):
            inheritance.once("x", read)
    assert asked == ["x"]
