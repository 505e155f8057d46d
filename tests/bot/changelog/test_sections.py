"""Changelogs as people and tools write them, taken apart by version."""

from __future__ import annotations

import time

import pytest

from bot.changelog.sections import KEPT, kept, sections

KEEP_A_CHANGELOG = """\
# Changelog
All notable changes.

## [Unreleased]
- secret plans

## [1.1.0] - 2026-01-02
### Added
- a

## [1.0.0] - 2025-01-02
- b

[1.1.0]: https://forge.example/a/b/compare/v1.0.0...v1.1.0
"""
STANDARD_VERSION = """\
### [1.0.1](https://forge.example/a/b/compare/v1.0.0...v1.0.1) (2026-01-02)

### Bug Fixes

* a

# 1.0.0 (2025-01-02)

### Features

* b
"""
RST = """\
=======
History
=======

2.0 (2026-01-02)
----------------

Bugs
~~~~

- a

1.0 (2025-01-02)
----------------
- b

Older
=====
gone
"""
EXPRESS = "4.2.1 / 2026-01-02\n==================\n\n  * a\n\n4.2.0 / 2025-01-02\n==================\n\n  * b\n"
DATED = "Version 1.1, 2026-01-02\n  * a\n\nv1.0 (2025-01-02)\n  * b\n"
BOLD = "**1.1.0**\n\n- a\n\n**1.0.0**:\n\n- b\n"
CODE = "## 1.1\n- a\n```\n# 1.0 no heading\n```\n## 1.0\n- b\n"
ASCIIDOC = "== 1.1.0\n* a\n\n== 1.0.0\n* b\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(KEEP_A_CHANGELOG, [("1.1.0", "a"), ("1.0.0", "b")], id="keep a changelog"),
        pytest.param(STANDARD_VERSION, [("1.0.1", "a"), ("1.0.0", "b")], id="standard-version"),
        pytest.param(RST, [("2.0", "a"), ("1.0", "b")], id="reStructuredText"),
        pytest.param(EXPRESS, [("4.2.1", "a"), ("4.2.0", "b")], id="underlined"),
        pytest.param(DATED, [("1.1", "a"), ("1.0", "b")], id="lines with a day"),
        pytest.param(BOLD, [("1.1.0", "a"), ("1.0.0", "b")], id="bold"),
        pytest.param(CODE, [("1.1", "a"), ("1.0", "b")], id="code is no heading"),
        pytest.param(ASCIIDOC, [("1.1.0", "a"), ("1.0.0", "b")], id="AsciiDoc"),
        pytest.param("## 1.1\r\n- a\r\n\r\n## 1.0\r\n- b\r\n", [("1.1", "a"), ("1.0", "b")], id="CRLF"),
    ],
)
def test_each_version_has_its_part(text: str, found: list[tuple[str, str]]) -> None:
    read = [(s.version, next(word for word in s.body.split() if word in {"a", "b"})) for s in sections(text, "x")]
    assert read == found
    assert not any("secret" in s.body or "gone" in s.body for s in sections(text, "x"))


@pytest.mark.parametrize(
    ("heading", "version"),
    [
        pytest.param("## v1.2.3", "1.2.3", id="v"),
        pytest.param("## Version 1.2", "1.2", id="word"),
        pytest.param("## left-pad 1.2.3", "1.2.3", id="name"),
        pytest.param("## left-pad@1.2.3", "1.2.3", id="name at version"),
        pytest.param("## 2026-01-02, Version 1.2.3", "1.2.3", id="day first"),
        pytest.param("## 1.2.3-rc.1", "1.2.3-rc.1", id="prerelease of npm"),
        pytest.param("## 1.2rc1 (2026)", "1.2rc1", id="prerelease of Python"),
        pytest.param("## **1.2.3**", "1.2.3", id="bold in a heading"),
        pytest.param("## What's new in 1.2", "1.2", id="what's new"),
        pytest.param("### Removed what was deprecated in 1.2", "", id="a sentence"),
        pytest.param("### Python 3.12 support", "", id="another's version"),
        pytest.param("## Upgrading from 1.2.3", "", id="a guide"),
        pytest.param("Some text, 1.2.3", "", id="no heading"),
        pytest.param("## " + "9.9 " * 100, "", id="too long to be one"),
    ],
)
def test_a_heading_tells_its_version(heading: str, version: str) -> None:
    assert [s.version for s in sections(f"{heading}\n- x\n", "left-pad")] == ([version] if version else [])


def test_what_is_kept_begins_with_the_version() -> None:
    assert kept(KEEP_A_CHANGELOG, "x", "1.0.0").startswith("## [1.0.0]")
    assert kept(KEEP_A_CHANGELOG, "x", "3.0") == ""
    long = "## 2.0\n" + "- word\n" * 9999 + "## 1.0\n"
    assert len(kept(long, "x", "2.0")) == KEPT


def test_a_changelog_whose_newest_is_last_keeps_what_led_to_it() -> None:
    assert kept("## 1.0\n- b\n## 1.1\n- a\n", "x", "1.1").startswith("## 1.0")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#" * 2_000_000, id="one long line"),
        pytest.param("# 1.1\n" * 20_000, id="nothing but headings"),
        pytest.param("1.1 2026\n" * 20_000, id="nothing but days"),
        pytest.param("a\n===\n" * 20_000, id="nothing but underlines"),
        pytest.param("**" * 70 + "\n" + ("**a" * 40 + "\n") * 5000, id="unended bold"),
        pytest.param("1." * 1_000_000, id="one long version"),
        pytest.param("# 1.1\n" * 350_000, id="more headings than are read"),
        pytest.param("\n" * 2_000_000, id="nothing but lines"),
    ],
)
def test_hostile_texts_are_read_quickly(text: str) -> None:
    began = time.perf_counter()
    sections(text, "x")
    assert time.perf_counter() - began < 3
