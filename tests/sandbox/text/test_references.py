"""What a text refers to."""

from __future__ import annotations

import pytest

from bot.sandbox.text import references
from bot.sandbox.text.references import Reference

URL = "https://gitlab.example"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("see #12", [("", 12)], id="own project"),
        pytest.param("app#3, group/app#4", [("app", 3), ("group/app", 4)], id="other projects, in order"),
        pytest.param(f"{URL}/a/b/-/issues/7#note_1", [("a/b", 7)], id="a link to a note"),
        pytest.param("`#1` and\n```\n#2\n```", [], id="code is not followed"),
        pytest.param("<!-- #1 -->", [], id="comments are not followed"),
        pytest.param("color #123456abc or a#b", [], id="other uses of the sign"),
        pytest.param("&#39;", [], id="an entity"),
    ],
)
def test_issues(text: str, found: list[tuple[str, int]]) -> None:
    assert references.issues(text, URL) == tuple(Reference(*one) for one in found)


def test_merge_requests() -> None:
    found = references.merge_requests(f"!1, group/app!2, {URL}/g/p/-/merge_requests/3, wow!", URL)
    assert found == (Reference("", 1), Reference("group/app", 2), Reference("g/p", 3))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("@alice and @bob.", ("alice", "bob"), id="two, without the full stop"),
        pytest.param("@alice @alice", ("alice",), id="each once"),
        pytest.param("mail a@b.example", (), id="an address"),
        pytest.param("`@alice`", (), id="code"),
        pytest.param("npm i @scope/package", ("scope/package",), id="a group path, as far as GitLab can tell"),
    ],
)
def test_mentions(text: str, names: tuple[str, ...]) -> None:
    assert references.mentions(text) == names
