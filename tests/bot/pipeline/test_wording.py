"""Foreign text cannot command, mention, hide or break out."""

from __future__ import annotations

import pytest

from bot.pipeline import wording


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("/close", r"\/close", id="quick action"),
        pytest.param("nice\n/close", "nice /close", id="quick action on a later line"),
        pytest.param("@all look at #1 and !2", r"\@all look at \#1 and \!2", id="mentions"),
        pytest.param("<script>x</script>", r"\<script\>x\</script\>", id="HTML"),
        pytest.param("a | b", r"a \| b", id="table cell"),
        pytest.param("\u202egnp.exe", "gnp.exe", id="bidirectional override"),
        pytest.param("\x1b[31mred", r"\[31mred", id="terminal colours"),
        pytest.param("[x](http://evil.example)", r"\[x\](http://evil.example)", id="link"),
        pytest.param("note: all :tada: here", r"note: all \:tada: here", id="emoji"),
    ],
)
def test_plain_text_is_shown_as_it_is(text: str, shown: str) -> None:
    assert wording.plain(text) == shown


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert wording.plain("x" * 400, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a`b", "`a'b`"), ("a|b", r"`a\|b`"), ("a\nb", "`ab`"), ("", "-")],
    ids=["backtick", "pipe", "line break", "nothing"],
)
def test_code_cannot_be_left(text: str, shown: str) -> None:
    assert wording.code(text) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/var/lib/osv", "a folder of OSV dumps"),
        ("https://api.osv.example/v1", "api.osv.example"),
        ("https://a.example/osv, /var/lib/osv", "a.example"),
    ],
)
def test_a_source_is_named_without_paths_of_the_machine(source: str, shown: str) -> None:
    assert wording.origin(source) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://osv.example/CVE-1", "[CVE-1](https://osv.example/CVE-1)"),
        ("javascript:alert(1)", "CVE-1"),
        ("https://osv.example/a)[x](http://evil.example", "CVE-1"),
    ],
    ids=["web", "script", "bracket"],
)
def test_only_web_addresses_become_links(url: str, shown: str) -> None:
    assert wording.web_link("CVE-1", url) == shown
