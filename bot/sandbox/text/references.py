"""What a text refers to: issues, merge requests and people, found as GitLab's Markdown finds them."""

from __future__ import annotations

import re
from dataclasses import dataclass

PATH = r"[A-Za-z0-9_.][A-Za-z0-9_.\-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.\-]*)*"

_CODE = re.compile(r"^(`{3,}|~{3,}).*?(?:^\1|\Z)|`[^`\n]+`|<!--.*?(?:-->|\Z)", re.DOTALL | re.MULTILINE)
_MENTION = re.compile(r"(?<![\w./@])@([A-Za-z0-9_](?:[A-Za-z0-9_.\-/]*[A-Za-z0-9_\-])?)")
_SHORT = {sign: re.compile(rf"(?<![\w.\-/&#!])(?P<path>{PATH})?{re.escape(sign)}(?P<iid>\d+)\b") for sign in ("#", "!")}
_LONG = {"#": "issues", "!": "merge_requests"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One issue or merge request. `project` is a full path, a bare name in the same group, or "" for this project."""

    project: str
    iid: int


def visible(text: str) -> str:
    """`text` without code and comments: references in those are not followed."""
    return _CODE.sub(" ", text)


def mentions(text: str) -> tuple[str, ...]:
    """Usernames (and group paths) that `text` mentions, in order, each once."""
    return tuple(dict.fromkeys(_MENTION.findall(visible(text))))


def issues(text: str, base_url: str) -> tuple[Reference, ...]:
    """Issues that `text` refers to, as #1, group/project#1 or a link, in order, each once."""
    return _found(visible(text), base_url, "#")


def merge_requests(text: str, base_url: str) -> tuple[Reference, ...]:
    """Merge requests that `text` refers to, as !1, group/project!1 or a link, in order, each once."""
    return _found(visible(text), base_url, "!")


def link_pattern(base_url: str, sign: str) -> str:
    """A regular expression for links to issues ("#") or merge requests ("!") of this GitLab."""
    return rf"{re.escape(base_url)}/(?P<linked>{PATH})(?:/-)?/{_LONG[sign]}/(?P<number>\d+)(?:#\w+)?"


def _found(text: str, base_url: str, sign: str) -> tuple[Reference, ...]:
    hits = [(m.start(), Reference(m["path"] or "", int(m["iid"]))) for m in _SHORT[sign].finditer(text)]
    links = re.finditer(link_pattern(base_url, sign), text)
    hits += [(m.start(), Reference(m["linked"].removesuffix("/-"), int(m["number"]))) for m in links]
    return tuple(dict.fromkeys(reference for _, reference in sorted(hits, key=lambda hit: hit[0])))
