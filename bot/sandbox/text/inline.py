"""Markdown within a line, as safe HTML: everything is escaped first, and only what is known becomes a tag."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

_SAFE_URL = re.compile(r"^(?:https?://|mailto:|/|#|[\w./\-]+$)", re.IGNORECASE)
_CODE = re.compile(r"(`+)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(
    r"!?\[(?P<text>[^\]\[]*(?:\[[^\]]*\][^\]\[]*)*)\]\((?P<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^)]*\)"
)
_BARE = re.compile(r"(?<![\w\"'=/])https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
_TAGS = re.compile(r"&lt;(/?(?:sub|sup|kbd|ins|del|b|i|em|strong|code)|br ?/?)&gt;", re.IGNORECASE)
_STYLES = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__", re.DOTALL), "strong"),
    (
        re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=\S)(.+?)(?<=\S)_(?!\w)", re.DOTALL),
        "em",
    ),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~()", re.DOTALL), "del"),
    (re.compile(r"\{\+(.+?)\+\}()", re.DOTALL), "ins"),
    (re.compile(r"\{-(.+?)-\}()", re.DOTALL), "del"),
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|<>@/])")
_REFERENCE = re.compile(r"(?<![\w.\-/&;#!@])(?P<path>[A-Za-z0-9_][\w.\-]*(?:/[\w.\-]+)*)?(?P<sign>[#!])(?P<iid>\d+)\b")
_PERSON = re.compile(r"(?<![\w./@;&])@([A-Za-z0-9_][\w.\-]*[\w\-]|\w)")

Resolve = Callable[[str, str, str], str | None]
"""From (path, sign, number or name) to a URL: ("group/app", "#", "1"), ("", "@", "alice"). None leaves it text."""


@dataclass(slots=True)
class _Stash:
    """Finished HTML, kept out of the way of later rules."""

    kept: list[str] = field(default_factory=list)

    def put(self, finished: str) -> str:
        self.kept.append(finished)
        return f"\0{len(self.kept) - 1}\0"

    def restore(self, text: str) -> str:
        while "\0" in text:
            text = re.sub(r"\0(\d+)\0", lambda match: self.kept[int(match[1])], text)
        return text


def rendered(text: str, resolve: Resolve) -> str:
    """One run of text as HTML."""
    stash = _Stash()
    text = text.replace("\0", "")
    text = _CODE.sub(lambda m: stash.put(f"<code>{html.escape(_code(m[2]))}</code>"), text)
    text = _ESCAPED.sub(lambda m: stash.put(html.escape(m[1])), text)
    text = _LINK.sub(lambda m: _link(m["text"], m["url"], resolve, stash), text)
    text = _BARE.sub(lambda m: stash.put(_anchor(m[0], html.escape(m[0]))), text)
    text = html.escape(text, quote=False)
    text = _TAGS.sub(lambda m: stash.put(f"<{m[1].lower()}>"), text)
    text = _REFERENCE.sub(lambda m: _reference(m[0], resolve(m["path"] or "", m["sign"], m["iid"]), stash), text)
    text = _PERSON.sub(lambda m: _reference(m[0], resolve("", "@", m[1]), stash), text)
    for pattern, tag in _STYLES:
        text = pattern.sub(rf"<{tag}>\1\2</{tag}>", text)
    return stash.restore(text)


def _code(body: str) -> str:
    return body[1:-1] if body.startswith(" ") and body.endswith(" ") and body.strip() else body


def _link(text: str, url: str, resolve: Resolve, stash: _Stash) -> str:
    shown = stash.restore(rendered(text, lambda path, sign, name: None)) if text else html.escape(url)
    if not _SAFE_URL.match(url):
        return stash.put(shown)
    return stash.put(_anchor(url, shown))


def _anchor(url: str, shown: str) -> str:
    return f'<a href="{html.escape(url)}" rel="nofollow noreferrer">{shown}</a>'


def _reference(text: str, url: str | None, stash: _Stash) -> str:
    return text if url is None else stash.put(_anchor(url, text))
