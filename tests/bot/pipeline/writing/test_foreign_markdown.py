"""Someone else's release notes in our merge request: readable, and unable to do anything."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline.writing.foreign_markdown import harmless


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param("- a\n- b\n", "- a\n- b", id="a list"),
        pytest.param("* a\n  * b\n", "- a\n  - b", id="within a list"),
        pytest.param("1. a\n2) b", "- a\n- b", id="numbers"),
        pytest.param("- a\n  goes on\n\nnew", "- a goes on\n\nnew", id="lines that go on"),
        pytest.param("### Fixed\n- a", "**Fixed**\n\n- a", id="a heading"),
        pytest.param("Bugs\n~~~~\n\n- a", "**Bugs**\n\n- a", id="an underlined heading"),
        pytest.param("text\nBugs\n----\n- a", "text\n\n**Bugs**\n\n- a", id="a heading after text"),
        pytest.param("use `a_b`", "use `a_b`", id="code"),
        pytest.param("```py\nx = 1\n```\nend", "`x = 1`\n\nend", id="a block of code"),
        pytest.param("**core:** a", "core: a", id="emphasis"),
        pytest.param("[a](https://x.example/y)", "a", id="a link"),
        pytest.param("[#1](https://x.example/1)", "\\#1", id="a link to an issue"),
        pytest.param("![b](https://x.example/b.svg)", "", id="an image"),
        pytest.param("[![b](https://x.example/b)](https://y.example)", "", id="a badge"),
        pytest.param("`a <https://x.example>`_ b", "a b", id="a link of reStructuredText"),
        pytest.param(":func:`x.y`", "`x.y`", id="a role of reStructuredText"),
        pytest.param(".. versionadded:: 1\n- a", "- a", id="a directive of reStructuredText"),
        pytest.param("[1.0]: https://x.example", "", id="a link's target"),
        pytest.param("<b>a</b> <img src=x onerror=y> < b", "a  \\< b".replace("  ", " "), id="HTML"),
        pytest.param("a <!-- /close\n-->b", "a b", id="a comment"),
        pytest.param("a <!-- b", "a", id="a comment without end"),
        pytest.param("/close", "\\/close", id="a quick action"),
        pytest.param("a\n\n   /close", "a\n\n\\/close", id="one after blanks"),
        pytest.param("<i></i>/close", "\\/close", id="one behind HTML"),
        pytest.param("@all ~bug !1 &2 %3 $4", "\\@all \\~bug \\!1 \\&2 \\%3 \\$4", id="references"),
        pytest.param("Closes #1", "Closes \\#1", id="closing an issue"),
        pytest.param(
            "Closes https://gitlab.example/a/b/-/issues/1", "Closes gitlab.example/a/b/-/issues/1", id="by URL"
        ),
        pytest.param("<https://x.example>", "x.example", id="an address in brackets"),
        pytest.param("a\u202eb\u200bc\x1b[0m", "abc\\[0m", id="hidden characters"),
        pytest.param("| a | b |", "\\| a \\| b \\|", id="a table"),
        pytest.param("> a", "\\> a", id="a quotation"),
    ],
)
def test_what_is_shown(written: str, shown: str) -> None:
    assert harmless(written, 1000) == (shown, False)


def test_what_is_too_long_ends_with_a_whole_line() -> None:
    assert harmless("- one\n- two\n- three\n", 12) == ("- one", True)


@given(st.text(st.sampled_from("`*_[]()<>!|~#@/\\-+=:.&\n ahtps1\u202e"), max_size=200))
def test_nothing_of_it_can_act(written: str) -> None:
    shown, _ = harmless(written, 10_000)
    outside = re.sub(r"`[^`\n]*`", "", shown)
    assert not re.search(r"(?<!\\)[@#!&~%$<>\[\]]", outside)
    assert not re.search(r"^\s*/", shown, re.MULTILINE)
    assert not re.search(r"(?<!\\)://", outside)
    assert "```" not in shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("`" * 24_000, id="backticks"),
        pytest.param("".join("`" * (n % 60) + " " for n in range(1500)), id="backticks in rising runs"),
        pytest.param("[" * 24_000, id="brackets"),
        pytest.param("![" * 12_000, id="images"),
        pytest.param("<a" * 12_000, id="tags"),
        pytest.param("<!--" * 6_000, id="comments"),
        pytest.param("* " * 12_000, id="stars"),
        pytest.param("a\n" * 12_000, id="one long paragraph"),
        pytest.param(("a" * 100 + "://") * 200, id="addresses"),
        pytest.param("# " * 12_000 + "x", id="marks of a heading"),
    ],
)
def test_hostile_texts_are_read_quickly(text: str) -> None:
    began = time.perf_counter()
    harmless(text, 3000)
    assert time.perf_counter() - began < 1
