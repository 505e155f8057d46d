"""Text for a terminal: one line stays one line, and nothing in it is obeyed."""

from __future__ import annotations

import pytest

from bot.reports.text import plural, table, told_once
from bot.terminal import safe
from state.model import Failure


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        pytest.param("\x1b[2Jgone", " [2Jgone", id="clear the screen"),
        pytest.param("\x1b]0;title\x07", " ]0;title ", id="set the window title"),
        pytest.param("a\x9b31mred", "a 31mred", id="one-byte control sequence"),
        pytest.param("one\ntwo\rthree\x08", "one two three ", id="line breaks and backspace"),
        pytest.param("a\u2028b\u2029c", "a b c", id="line separators"),
        pytest.param("abc\u202etxt.exe", "abc txt.exe", id="right to left"),
        pytest.param("zero\u200bwidth", "zero width", id="zero width"),
        pytest.param("bad\udcffname", "bad name", id="bytes that are no text"),
        pytest.param("Müller/日本", "Müller/日本", id="people's names"),
    ],
)
def test_foreign_text_cannot_command_the_terminal(foreign: str, shown: str) -> None:
    assert safe(foreign) == shown


@pytest.mark.parametrize(
    ("count", "noun", "several", "said"),
    [
        (1, "project", "", "1 project"),
        (0, "project", "", "0 projects"),
        (1, "dependency", "dependencies", "1 dependency"),
        (2, "dependency", "dependencies", "2 dependencies"),
    ],
)
def test_counts_agree_with_their_noun(count: int, noun: str, several: str, said: str) -> None:
    assert plural(count, noun, several) == said


def test_columns_are_aligned_and_lines_end_with_their_text() -> None:
    assert table(("project", "link"), [("group/app", "https://x"), ("a", "")]).splitlines() == [
        "project    link",
        "group/app  https://x",
        "a",
    ]


def test_a_cell_cannot_break_its_line() -> None:
    assert len(table(("a", "b"), [("x\ny", "z\x1b[0m")]).splitlines()) == 2


def test_one_reason_for_many_is_told_once() -> None:
    failed = [Failure("PyPI:a", "no dump"), Failure("PyPI:b", "no dump"), Failure("x.txt", "line 2", fault=False)]
    assert told_once(failed) == (("error", "no dump"), ("not handled", "line 2"))
