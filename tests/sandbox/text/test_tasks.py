"""Checklists and drafts."""

from __future__ import annotations

import pytest

from bot.sandbox.text import tasks, titles


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        pytest.param("- [ ] a\n- [x] b\n* [X] c", (3, 2), id="bullets"),
        pytest.param("1. [ ] a\n2) [x] b", (2, 1), id="numbers"),
        pytest.param("- [~] a", (0, 0), id="inapplicable"),
        pytest.param("```\n- [ ] a\n```\n<!-- - [ ] b -->", (0, 0), id="code and comments"),
        pytest.param(None, (0, 0), id="no description"),
    ],
)
def test_items(text: str | None, counted: tuple[int, int]) -> None:
    assert tasks.counted(text) == counted


def test_status_line() -> None:
    assert tasks.status("- [ ] a\n- [x] b") == "1 of 2 checklist items completed"


@pytest.mark.parametrize("title", ["Draft: x", "[Draft] x", "(draft) x", "DRAFT: x"])
def test_drafts(title: str) -> None:
    assert titles.is_draft(title)
    assert titles.as_ready(title) == "x"
    assert titles.as_draft(title) == title


@pytest.mark.parametrize("title", ["WIP: x", "Drafty: x", "x Draft:"])
def test_other_titles_are_no_drafts(title: str) -> None:
    assert not titles.is_draft(title)
