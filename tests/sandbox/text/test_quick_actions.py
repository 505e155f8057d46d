"""Quick actions: which lines are commands, and what is left of the text."""

from __future__ import annotations

import pytest

from bot.sandbox.text import quick_actions
from bot.sandbox.text.quick_actions import Command

KNOWN = {"close", "label", "title"}


@pytest.mark.parametrize(
    ("text", "rest", "commands"),
    [
        pytest.param("/close", "", [("close", "")], id="alone"),
        pytest.param("Done.\n/close\nBye.", "Done.\nBye.", [("close", "")], id="in the middle"),
        pytest.param("/label ~bug ~a", "", [("label", "~bug ~a")], id="with an argument"),
        pytest.param("/CLOSE", "", [("close", "")], id="in capitals"),
        pytest.param("see /close", "see /close", [], id="not at the start of a line"),
        pytest.param(" /close", " /close", [], id="indented"),
        pytest.param("/unknown", "/unknown", [], id="a name that is no command"),
        pytest.param("```\n/close\n```", "```\n/close\n```", [], id="in a code block"),
        pytest.param(">>>\n/close\n>>>", ">>>\n/close\n>>>", [], id="in a quote block"),
        pytest.param("<!--\n/close\n-->", "<!--\n\n-->", [("close", "")], id="a comment hides nothing"),
    ],
)
def test_extraction(text: str, rest: str, commands: list[tuple[str, str]]) -> None:
    left, found = quick_actions.extracted(text, KNOWN)
    assert (left.replace("\n\n", "\n"), found) == (rest.replace("\n\n", "\n"), tuple(Command(*one) for one in commands))


def test_label_names() -> None:
    assert quick_actions.names('~bug ~"two words" bare') == ("bug", "two words", "bare")


def test_people() -> None:
    assert quick_actions.people("@alice, bob me") == ("alice", "bob", "me")
