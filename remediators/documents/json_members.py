"""Members added to a JSON document in its own style: indentation, line ends and order of all else stay."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from remediators.documents.json_spans import Document, Json, Member, Path, Span, members, read, replaced
from remediators.errors import ManifestError

_BLANKS = re.compile(r"\s*")
_LINE = re.compile(r"\r?\n[ \t]*\Z")
_COLON = ": "


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next member of an object goes: `lead` is what stands before a key, `tail` before the bracket."""

    at: int
    lead: str
    tail: str
    colon: str
    is_first: bool


def with_string(document: Document, path: Path, string: str) -> bytes:
    """The file with `string` at `path`: in place of the string there, else as a new last member.

    Objects on the way that are missing are made. Every other byte stays. Raises ManifestError when
    something other than an object is on the way, or something other than a string at its end.
    """
    known = _known(document.value, path)
    if known == len(path):
        return replaced(document, {path: string})
    inner = document.value
    for key in path[:known]:
        inner = inner[str(key)] if isinstance(inner, dict) else None
    if not isinstance(inner, dict):
        where = ".".join(map(str, path[:known])) or "the file"
        raise ManifestError(f"{document.name}: {where} is not a JSON object: correct it, or edit it by hand")
    place = _place(document.text, path[:known])
    step = _step(document.text)
    written = _written([str(key) for key in path[known:]], string, place, step)
    before = "" if place.is_first else ","
    after = place.tail if place.is_first else ""
    text = document.text[: place.at] + before + place.lead + written + after + document.text[place.at :]
    if place.is_first:
        # What stood between the brackets of an empty object is in `tail` already.
        end = place.at + len(before + place.lead + written + after)
        text = text[:end] + text[_skipped(text, end) :]
    content = text.encode()
    if read(content, document.name).value != _with(document.value, [str(key) for key in path], string):
        raise ManifestError(f"{document.name}: writing {string!r} would change something else: edit it by hand")
    return content


def _known(value: Json, path: Path) -> int:
    """How many keys of the path are there."""
    for count, key in enumerate(path):
        if not isinstance(value, dict) or str(key) not in value:
            return count
        value = value[str(key)]
    return len(path)


def _place(text: str, path: Path) -> _Place:
    """Where a new member goes in the object at `path`."""
    found = list(members(text, deepest=len(path) + 1))
    span = next((m.value for m in found if m.path == path), None) or _whole(text)
    inside = [m for m in found if m.path[:-1] == path and len(m.path) == len(path) + 1]
    if inside:
        last = max(inside, key=lambda member: member.value)
        colon = text[last.key[1] : last.value[0]]
        lead = _lead(text, last)
        # The only member on a line has none before it to tell what stands after a comma.
        return _Place(last.value[1], lead or colon.partition(":")[2], "", colon, is_first=False)
    outer = next((m for m in found if m.path == path), None)
    if outer is None:
        return _Place(span[0] + 1, "\n  ", "\n", _COLON, is_first=True)
    tail = _lead(text, outer)
    is_spread = "\n" in tail
    lead = tail + _step(text) if is_spread else ""
    return _Place(span[0] + 1, lead, tail if is_spread else "", text[outer.key[1] : outer.value[0]], is_first=True)


def _lead(text: str, member: Member) -> str:
    """The white space before a key; from the line break on where there is one."""
    start = member.key[0]
    blanks = text[len(text[:start].rstrip()) : start]
    line = _LINE.search(blanks)
    return line[0] if line else blanks


def _step(text: str) -> str:
    """What one level is indented by; two spaces where the document does not tell."""
    first = next(members(text, deepest=1), None)
    lead = _lead(text, first) if first else ""
    return lead.rpartition("\n")[2] or "  "


def _written(keys: Sequence[str], string: str, place: _Place, step: str) -> str:
    """A member, nested as deep as the keys say, laid out like its siblings."""
    key, *deeper = keys
    name = json.dumps(key, ensure_ascii=False) + place.colon
    if not deeper:
        return name + json.dumps(string, ensure_ascii=False)
    is_spread = "\n" in place.lead
    lead = place.lead + step if is_spread else ""
    inner = _Place(0, lead, "", place.colon, is_first=True)
    return f"{name}{{{lead}{_written(deeper, string, inner, step)}{place.lead if is_spread else ''}}}"


def _with(value: Json, keys: Sequence[str], string: str) -> Json:
    """The same value with `string` where the keys lead."""
    if not keys:
        return string
    inner = value if isinstance(value, dict) else {}
    return {**inner, keys[0]: _with(inner.get(keys[0], {}), keys[1:], string)}


def _whole(text: str) -> Span:
    return text.index("{"), len(text)


def _skipped(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
