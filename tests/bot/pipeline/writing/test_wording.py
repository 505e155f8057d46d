"""Foreign text cannot command, mention, hide or break out."""

from __future__ import annotations

import pytest

from bot.pipeline.writing import wording


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
        pytest.param("[x](http://evil.example)", r"\[x\](http\://evil.example)", id="link"),
        pytest.param(
            "closes https://gitlab.example/a/-/issues/1", r"closes https\://gitlab.example/a/-/issues/1", id="issue"
        ),
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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Update @babel/core to 7.1", "Update @\u200bbabel/core to 7.1", id="a scope is no person"),
        pytest.param("in @all/requirements.txt", "in @\u200ball/requirements.txt", id="nor is a folder"),
        pytest.param("in closes #12/x.txt", "in closes #\u200b12/x.txt", id="issue"),
        pytest.param("g/p!7 &8 ~bug %next $9", "g/p!\u200b7 &\u200b8 ~\u200bbug %\u200bnext $\u200b9", id="others"),
        pytest.param("a\n\nCo-authored-by: x", "a Co-authored-by: x", id="line breaks"),
        pytest.param("me@example.org, a & b, 50%", "me@example.org, a & b, 50%", id="harmless"),
        pytest.param("\u202egnp.exe", "gnp.exe", id="bidirectional override"),
        pytest.param("x" * 300, "x" * 254 + "…", id="longer than GitLab takes"),
    ],
)
def test_a_title_calls_and_closes_nothing(text: str, shown: str) -> None:
    assert wording.title(text) == shown


def test_a_commit_message_keeps_scopes_as_they_are_written() -> None:
    assert wording.inert("@babel/core in closes #1\n!2") == "@babel/core in closes #\u200b1 !\u200b2"
