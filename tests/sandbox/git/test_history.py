"""Lists of commits, ancestors and containment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.sandbox.git import history
from bot.sandbox.git.history import Asked
from bot.sandbox.git.objects import Person
from bot.sandbox.git.repository import Repository

Commit = Callable[..., str]


def test_log_pages_and_filters(repository: Repository, commit: Commit, ada: Person) -> None:
    first = commit({"a": "1"}, "First\n\nBody\n\nMore.\n")
    second = commit({"b": "1"}, "Second")
    third = commit({"a": "2"}, "Third\n")

    def names(asked: Asked) -> list[str]:
        return [c.sha for c in history.log(repository, asked)]

    assert names(Asked((third,))) == [third, second, first]
    assert names(Asked((third,), skip=1, limit=1)) == [second]
    assert names(Asked((third,), path="a")) == [third, first]
    assert names(Asked((third,), since=ada.at + timedelta(minutes=1), until=ada.at + timedelta(minutes=1))) == [second]
    assert names(Asked((third,), author="ada@example")) == [third, second, first]
    assert names(Asked((third,), author="nobody")) == []
    assert names(Asked((third,), author="[")) == []
    assert names(Asked((third,), path="../..")) == []
    assert names(Asked((third,), path="/")) == [third, second, first]
    assert names(Asked(None)) == [third, second, first]
    assert history.count(repository, Asked((f"{first}..{third}",))) == 2
    assert [c.message for c in history.log(repository, Asked((third,)))] == [
        "Third\n",
        "Second",
        "First\n\nBody\n\nMore.\n",
    ]


def test_ancestors(repository: Repository, commit: Commit) -> None:
    base = commit({"a": "1"})
    main = commit({"a": "2"})
    side = commit({"b": "1"}, branch="side", start=base)
    apart = commit({"c": "1"}, branch="apart")

    assert history.merge_base(repository, main, side) == base
    assert history.merge_base(repository, main, apart) is None
    assert history.is_ancestor(repository, base, side)
    assert not history.is_ancestor(repository, main, side)
    assert [c.sha for c in history.between(repository, main, side)] == [side]
    assert history.merged_into(repository, main) == {"main"}
    assert history.refs_containing(repository, base) == [("branch", "main"), ("branch", "side")]


def test_last_change_of_a_path_takes_names_literally(repository: Repository, commit: Commit) -> None:
    first = commit({"*.py": "1", "a.py": "1"})
    second = commit({"a.py": "2"})
    assert history.last_changes(repository, second, "a.py") == second
    assert history.last_changes(repository, second, "*.py") == first
    assert history.last_changes(repository, second, "nope") is None


def test_contributors(repository: Repository, commit: Commit, ada: Person) -> None:
    commit({"a": "1"})
    assert history.contributors(repository, commit({"a": "2"})) == {(ada.name, ada.email): 2}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param("Title\n\nSigned-off-by: A <a@b>\n", {"Signed-off-by": ("A <a@b>",)}, id="one"),
        pytest.param("T\n\nBody.\n\nX: 1\nY: 2\nX: 3\n", {"X": ("1", "3"), "Y": ("2",)}, id="repeated"),
        pytest.param("Title: not one\n", {}, id="the title is none"),
        pytest.param("T\n\nJust: text\nand more.\n", {}, id="a paragraph with other text has none"),
    ],
)
def test_trailers(message: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert history.trailers(message) == expected
