"""The bot's marks count at their place, and nowhere else."""

from __future__ import annotations

import pytest

from bot import marks

KEY, OTHER = marks.key("vulnerable/PyPI/acme"), marks.key("vulnerable/PyPI/beta")
CHANGES = marks.changes(["PyPI acme requirements.txt 1.0 1.5"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", set(), id="nothing"),
        pytest.param(f"Words.\n\n<!-- {KEY} {CHANGES} -->\n", {KEY, CHANGES}, id="the last line"),
        pytest.param(f"Words.\r\n<!-- {KEY} -->\r\n", {KEY}, id="written back by a browser"),
        pytest.param(f"Words.\n<!-- {KEY} -->\n\nThanks, I look at it.", {KEY}, id="words of a person below"),
        pytest.param(f"See {KEY}.", set(), id="in a sentence"),
        pytest.param(f"> <!-- {KEY} -->", set(), id="quoted"),
        pytest.param(f"`<!-- {KEY} -->`", set(), id="as code"),
        pytest.param(f"see <!-- {KEY} --> there", set(), id="a comment within a line"),
        pytest.param(f"<!-- {OTHER} -->\nWords.\n<!-- {KEY} -->", {KEY}, id="one of several: the last"),
        pytest.param(f"> <!-- {OTHER} -->\n\n<!-- {KEY} -->", {KEY}, id="below a quotation"),
        pytest.param(f"<!-- {KEY} and more -->", set(), id="with other words"),
        pytest.param(f"<!-- {KEY}-gone-abc -->", {f"{KEY}-gone-abc"}, id="a longer mark is another"),
    ],
)
def test_marks_are_the_words_of_the_last_comment_of_its_own_line(text: str, found: set[str]) -> None:
    assert marks.of(text) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"A {CHANGES}\n<!-- {KEY} {CHANGES} -->\nB", f"A {CHANGES}\n<!-- {KEY} -->\nB", id="ours only"),
        pytest.param(f"A {CHANGES}", f"A {CHANGES}", id="none of ours"),
        pytest.param(f"A\n<!-- {CHANGES} -->\n", "A\n\n", id="nothing else is left"),
    ],
)
def test_a_description_that_stands_for_no_changes_any_more(before: str, after: str) -> None:
    assert marks.without_changes(before) == after


def test_what_is_written_is_found() -> None:
    assert marks.of(f"Words.\n{marks.line(KEY, marks.ASKING)}\n") == {KEY, marks.ASKING}


NAME = marks.keys("vulnerable/npm/@acme/a-b")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(f"Words.\n{marks.line(*NAME)}", ("vulnerable/npm/@acme/a-b",), id="a key and its name"),
        pytest.param(f"Words.\n{marks.line(NAME[1])}", (), id="a name without its key"),
        pytest.param(f"Words.\n{marks.line(KEY, NAME[1])}", (), id="a name with another key"),
        pytest.param(f"> {marks.line(*NAME)}", (), id="quoted"),
    ],
)
def test_a_description_names_the_keys_that_it_is_marked_with(text: str, named: tuple[str, ...]) -> None:
    assert marks.named(text) == named
    assert "--" not in " ".join(NAME)
