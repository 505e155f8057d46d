"""A changelog taken apart: which part of its text tells of which version, in the many ways that people write one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

KEPT = 24_000
"""Characters of a changelog that are worth keeping: no merge request shows more."""

_LONGEST_HEADING = 160
_MOST_LINES = 60_000
"""The longest that are known have 50,000; a line takes five microseconds, and the newest stand first."""
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+(?:[-+.]?[A-Za-z][\w.+-]*)?)")
# `## 1.2` of Markdown, `== 1.2` of AsciiDoc.
_MARKED = re.compile(r"\s{0,3}([#=]{1,6})\s*([^#=\s].*)")
_UNDERLINE = re.compile(r"([=\-~^\"'*+#`:._])\1{2,}\s*")
_DATED = re.compile(r"\S.*\b(?:19|20)\d\d\b")
_BOLD = re.compile(r"\s{0,3}(\*\*|__)(.+)\1:?\s*")
# Tildes fence code as well, and underline headings far more often.
_FENCE = re.compile(r"\s{0,3}```")
_WORD = re.compile(r"[^\W\d_]+(?:'s)?")
_AROUND = frozenset(("v", "ver", "version", "versions", "release", "releases", "released", "notes", "for", "in", "of"))
_AROUND |= frozenset(("the", "new", "what's", "whats", "tag", "changes", "changelog"))
_NOT_YET = re.compile(r"\W*(?:unreleased|upcoming|dev|next|master|main|head|in development)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """What is told of one version. `start` is where its heading begins in the text; `body` is as written."""

    version: str
    start: int
    body: str


@dataclass(frozen=True, slots=True)
class _Heading:
    """`line` to `end` are the lines that it takes; a lower `level` stands higher. `version` is "" for others."""

    line: int
    end: int
    level: int
    version: str
    closes: bool


def sections(text: str, package: str) -> tuple[Section, ...]:
    """Every version that the text has a heading for, in its order; a version told of twice is there twice."""
    lines = text.splitlines(keepends=True)[:_MOST_LINES]
    found = _headings(lines, package)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    parts = []
    for at, heading in enumerate(found):
        if heading.version:
            ends = (found[n].line for n in range(at + 1, len(found)) if _ends(heading, found[n]))
            body = "".join(lines[heading.end : next(ends, len(lines))])
            parts.append(Section(heading.version, starts[heading.line], body))
    return tuple(parts)


def _ends(heading: _Heading, other: _Heading) -> bool:
    # Some tools write the headings within a section on the level of the version itself.
    return bool(other.version) or other.closes or other.level < heading.level


def kept(text: str, package: str, version: str) -> str:
    """The part of a changelog that tells of `version` and of what came before it; "" when it does not tell of it."""
    found = sections(text, package)
    at = next((n for n, section in enumerate(found) if section.version == version), None)
    if at is None:
        return ""
    if _numbers(found[0].version) < _numbers(found[-1].version):
        # The newest is the last: what came before it stands above.
        end = found[at + 1].start if at + 1 < len(found) else len(text)
        return text[:end][-KEPT:]
    return text[found[at].start :][:KEPT]


def _numbers(version: str) -> tuple[str, ...]:
    return tuple(number.zfill(9) for number in re.findall(r"\d+", version))


def _headings(lines: Sequence[str], package: str) -> list[_Heading]:
    plain = list(_outside_code(lines))
    marked = list(_marked(plain, package))
    loose = list(_loose(plain, package))
    # A text that marks nothing, or only some of its early versions.
    return loose if len(loose) > sum(bool(heading.version) for heading in marked) else marked


def _outside_code(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with those of code blocks and those too long to be a heading left blank."""
    within = False
    for line in lines:
        fence = _FENCE.match(line) is not None
        within ^= fence
        yield "" if within or fence or len(line) > _LONGEST_HEADING else line.rstrip()


def _marked(lines: Sequence[str], package: str) -> Iterator[_Heading]:
    levels: dict[str, int] = {}
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if (mark := _MARKED.fullmatch(line)) is not None:
            yield _heading(number, number + 1, len(mark[1]), mark[2], package)
        elif line.strip() and not _UNDERLINE.fullmatch(line) and (under := _UNDERLINE.fullmatch(following)):
            # The order of underlines is their order of appearance, as reStructuredText has it.
            level = levels.setdefault(under[1], len(levels) + 1)
            yield _heading(number, number + 2, level, line, package)


def _loose(lines: Sequence[str], package: str) -> Iterator[_Heading]:
    """Where nothing is marked as a heading: lines in bold, or that begin with a version and name a day."""
    for number, line in enumerate(lines):
        bold = _BOLD.fullmatch(line)
        written = bold[2] if bold is not None else line if _DATED.match(line) else ""
        heading = _heading(number, number + 1, 1, written, package)
        if heading.version:
            yield heading


def _heading(line: int, end: int, level: int, written: str, package: str) -> _Heading:
    found = _VERSION.search(written)
    version = found[1].rstrip(".-+") if found is not None and _only(written[: found.start()], package) else ""
    return _Heading(line, end, level, version, not version and _NOT_YET.match(written) is not None)


def _only(before: str, package: str) -> bool:
    """Whether nothing stands before a version but what names it: "Version", the package, a day."""
    of_package = {word.casefold() for word in _WORD.findall(package)}
    return all(word in _AROUND or word in of_package for word in _WORD.findall(before.casefold()))
