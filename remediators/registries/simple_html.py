"""The links of a simple index's page of HTML (PEP 503), read in one pass over its text.

The standard library's parser and those on top of it take 40 microseconds and two kilobytes for a tag (a project can
have 47,000 files, and a page three tags for each), and some of its releases look for the end of a comment again and
again. What is understood here is the HTML5 syntax of tags, attributes, comments and scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

_MOST_ATTRIBUTES = 500_000

# Only what cannot be made to burst, as `punycode` can; PEP 503 pages are UTF-8.
_CHARSETS = frozenset(("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252"))

_BEGIN = re.compile(r"<(?:(!--)|(script|style|a|base|meta)(?=[\s/>]))", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s>\"'][^\s>]*+))?+)?+)"
)
_VERSION = "pypi:repository-version"


@dataclass(frozen=True, slots=True)
class Link:
    """An `a` tag with an address: that joined to the page's, the text behind the tag, the other attributes."""

    text: str
    url: str
    attributes: Mapping[str, str]


def links(body: bytes, url: str, charset: str, api: str) -> Iterator[Link]:
    """Every link of the page at `url`; characters that are broken stand as such.

    Raises ValueError for an address that is none, for a page that says that it follows another major version than
    `api` (PEP 629), and for one of more attributes than are read.
    """
    text = body.decode(charset if charset in _CHARSETS else "utf-8", "replace")
    for tag, attributes, at in _tags(text):
        href = attributes.get("href")
        if tag == "meta" and attributes.get("name") == _VERSION:
            said = attributes.get("content", "")
            if said.partition(".")[0].strip() != api:
                raise ValueError(f"version {said[:40]} of the API is not known")
        elif tag == "base" and href is not None:
            url = urljoin(url, href)
        elif tag == "a" and href is not None:
            end = text.find("<", at)
            yield Link(unescape(text[at : end if end >= 0 else None]).strip(), joined(url, href), attributes)


def joined(page: str, url: str) -> str:
    """The address of a file on a page. Raises ValueError for what is none."""
    # Joining takes six microseconds. What is checked of an address besides are brackets and characters beyond ASCII.
    if url.startswith("https://") and url.isascii() and "[" not in url and "]" not in url:
        return url
    return urljoin(page, url)


def _tags(text: str) -> Iterator[tuple[str, Mapping[str, str], int]]:
    """Each tag that matters, its attributes, and where the text behind it begins."""
    at, left = 0, _MOST_ATTRIBUTES
    while (begin := _BEGIN.search(text, at)) is not None:
        if begin[1]:
            at = text.find("-->", begin.end()) + 3
            if at < begin.end():
                return
            continue
        attributes: dict[str, str] = {}
        at = begin.end()
        while (found := _ATTRIBUTE.match(text, at)) is not None and found["end"] is None:
            at, left = found.end(), left - 1
            value = found["double"] or found["single"] or found["bare"] or ""
            attributes.setdefault(found["name"].lower(), unescape(value) if "&" in value else value)
            if left < 0:
                raise ValueError(f"it has more than {_MOST_ATTRIBUTES:,} attributes")
        if found is None:
            return
        at, tag = found.end(), begin[2].lower()
        yield tag, attributes, at
        if tag in ("script", "style"):
            closing = re.compile(f"</{tag}", re.IGNORECASE).search(text, at)
            if closing is None:
                return
            at = closing.end()
