"""Someone else's Markdown or reStructuredText as Markdown that can do nothing: lists, headings and code, no more. Pure.

Every word of it goes through `wording`. Links and images lose their addresses, and an address that stands in the text
its scheme: GitLab makes no link, no mention and no "Closes" of what is left.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.pipeline.writing import wording

_LONGEST_ITEM = 500
_DEEPEST = 3
_BREAK = "\u200b"

_ITEM = re.compile(r"([ \t]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(.*)")
_HEADING = re.compile(r"\s{0,3}[#=]{1,6}\s+(.*)")
_CLOSING = "#= \t"
_RULE = re.compile(r"[\s\-=~^\"'*+#`:._|]*")
_FENCE = re.compile(r"\s*```")
_PASSED_OVER = re.compile(r"\s*(?:\.\. |\[[^\]]*\]:\s)")

_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\](?:\([^()]{0,500}\)|\[[^\[\]]{0,100}\])")
_LINK = re.compile(r"\[([^\[\]]{0,300})\](?:\([^()]{0,500}\)|\[[^\[\]]{0,100}\])")
_BRACKETS = re.compile(r"\[([^\[\]]{0,300})\]")
_RST_LINK = re.compile(r"`([^`<]{1,300})<[^<>`]{1,500}>`_{0,2}")
_RST_ROLE = re.compile(r":[\w:+.-]{1,40}:(?=`)")
_AUTOLINK = re.compile(r"<([a-z]{3,6}://[^<>\s]{1,500})>")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z+.-]{1,15}://")
_SITE = re.compile(r"\bwww(?=\.)", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_CODE = re.compile(r"(`+)(.+?)\1")


@dataclass(slots=True)
class _Item:
    """A list item, heading, paragraph or line of code; while it is open, a line of text goes on with it."""

    before: str
    words: list[str]
    after: str = ""
    open: bool = True
    code: bool = False

    def shown(self) -> str:
        joined = " ".join(self.words)
        said = wording.code(joined, _LONGEST_ITEM) if self.code else line(joined)
        return f"{self.before}{said}{self.after}" if said else ""


def harmless(text: str, limit: int) -> tuple[str, bool]:
    """`text` as Markdown of at most `limit` characters, and whether something was cut off; whole lines only."""
    kept: list[str] = []
    room = limit
    for item in _items(_without_comments(text)):
        shown = item.shown()
        if not shown:
            continue
        # A list goes on without a gap; all else stands apart.
        together = bool(kept) and _is_listed(item.before) and _is_listed(kept[-1])
        room -= len(shown) + 2
        if room < 0:
            return "".join(kept), True
        kept.append(("\n" if together else "\n\n" if kept else "") + shown)
    return "".join(kept), False


def line(text: str) -> str:
    """One line: code stays code, anything else is plain words."""
    text = text[: 4 * _LONGEST_ITEM]
    for pattern, put in (
        (_IMAGE, ""),
        (_LINK, r"\1"),
        (_IMAGE, ""),
        (_LINK, r"\1"),
        (_BRACKETS, r"\1"),
        (_RST_LINK, r"\1"),
        (_RST_ROLE, ""),
        (_AUTOLINK, r"\1"),
        (_TAG, ""),
    ):
        text = pattern.sub(put, text)
    parts: list[str] = []
    end = 0
    for found in _CODE.finditer(text):
        parts += [_plain(text[end : found.start()]), wording.code(found[2].strip())]
        end = found.end()
    said = "".join((*parts, _plain(text[end:]))).strip()
    if len(said) > 2 * _LONGEST_ITEM:
        # Cut between words: never within an escape, or within code.
        return wording.plain(_ADDRESS.sub("", text), _LONGEST_ITEM)
    return f"\\{said}" if said.startswith(("/", "-", "+", "=")) else said


def _plain(text: str) -> str:
    if not text.strip():
        return " " if text else ""
    said = wording.plain(_EMPHASIS.sub("", _ADDRESS.sub("", text)), _LONGEST_ITEM)
    said = _SITE.sub(lambda site: f"{site[0]}{_BREAK}", said)
    return f"{' ' if text[0].isspace() else ''}{said}{' ' if text[-1].isspace() else ''}"


def _is_listed(shown: str) -> bool:
    return shown.lstrip().startswith("- ")


def _items(text: str) -> Iterator[_Item]:
    item: _Item | None = None
    within_code = False
    for written in text.splitlines():
        kind = _kind(written, within_code)
        within_code ^= kind is _Kind.FENCE
        if item is not None and item.open and kind is _Kind.TEXT:
            item.words.append(written.strip())
            continue
        if item is not None:
            yield from _underlined(item) if kind is _Kind.RULE else (item,)
        item = _begun(kind, written)
    if item is not None:
        yield item


class _Kind(enum.Enum):
    FENCE = enum.auto()
    CODE = enum.auto()
    GAP = enum.auto()
    RULE = enum.auto()
    LISTED = enum.auto()
    HEADING = enum.auto()
    TEXT = enum.auto()


def _kind(written: str, within_code: bool) -> _Kind:
    if _FENCE.match(written):
        return _Kind.FENCE
    if within_code:
        return _Kind.CODE if written.strip() else _Kind.GAP
    if not written.strip() or _PASSED_OVER.match(written):
        return _Kind.GAP
    kinds = ((_RULE, _Kind.RULE), (_ITEM, _Kind.LISTED), (_HEADING, _Kind.HEADING))
    return next((kind for pattern, kind in kinds if pattern.fullmatch(written)), _Kind.TEXT)


def _begun(kind: _Kind, written: str) -> _Item | None:
    if kind is _Kind.CODE:
        return _Item("", [written], open=False, code=True)
    if kind is _Kind.LISTED and (listed := _ITEM.fullmatch(written)) is not None:
        depth = min(len(listed[1].expandtabs(4)) // 2, _DEEPEST)
        return _Item(f"{'  ' * depth}- ", [listed[2]])
    if kind is _Kind.HEADING and (heading := _HEADING.fullmatch(written)) is not None:
        return _Item("**", [heading[1].rstrip(_CLOSING)], "**", open=False)
    return _Item("", [written.strip()]) if kind is _Kind.TEXT else None


def _underlined(item: _Item) -> Iterator[_Item]:
    """What stands above a rule: its last line is a heading, if it is no list item."""
    if item.before or item.code:
        yield item
        return
    if item.words[:-1]:
        yield _Item("", item.words[:-1])
    yield _Item("**", item.words[-1:], "**")


def _without_comments(text: str) -> str:
    """HTML comments say nothing to people, and one that does not end hides the rest."""
    kept = []
    while True:
        shown, begun, rest = text.partition("<!--")
        kept.append(shown)
        if not begun:
            return "".join(kept)
        text = rest.partition("-->")[2]
