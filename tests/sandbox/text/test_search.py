"""How issues and merge requests are found by text. The cases for words were compared with PostgreSQL's own answers."""

from __future__ import annotations

import pytest

from bot.sandbox.text import search


@pytest.mark.parametrize(
    ("query", "text", "hit"),
    [
        pytest.param("crash", "Crashes at start", True, id="the start of a word"),
        pytest.param("rash", "Crashes at start", False, id="the middle of a word"),
        pytest.param("start crash", "Crashes at start", True, id="every word, in any order"),
        pytest.param("crash later", "Crashes at start", False, id="a word that is missing"),
        pytest.param("bot:key/PyPI/requests", "<!-- bot:key/PyPI/requests -->", True, id="a marker in a comment"),
        pytest.param("requests", "bot:key/PyPI/requests", False, id="the end of a path is no word of its own"),
        pytest.param("GHSA-9wx4", "see GHSA-9wx4-h78v-vm56", True, id="the start of a hyphenated word"),
        pytest.param("h78v", "see GHSA-9wx4-h78v-vm56", True, id="a part of a hyphenated word"),
        pytest.param("A" * 60, "A" * 60, False, id="a run of fifty or more is not searched"),
    ],
)
def test_words(query: str, text: str, hit: bool) -> None:
    assert search.by_words(query, [text]) is hit


@pytest.mark.parametrize(
    ("query", "texts", "hit"),
    [
        pytest.param("rash", ["Crashes"], True, id="the middle of a word"),
        pytest.param("crash start", ["Crashes at start"], True, id="every word"),
        pytest.param("crash start", ["Crashes", "start"], False, id="all in one field"),
        pytest.param('"at start"', ["Crashes at start"], True, id="a phrase"),
        pytest.param('"start at"', ["Crashes at start"], False, id="a phrase in another order"),
        pytest.param("to crash", ["Crashes"], True, id="short words do not count"),
    ],
)
def test_pieces(query: str, texts: list[str], hit: bool) -> None:
    assert search.by_pieces(query, texts) is hit
