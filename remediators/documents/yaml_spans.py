"""YAML with positions: read a document strictly, find where its members stand.

Only what package managers write and people edit by hand is read: mappings, sequences and scalars. Anchors,
aliases and tags are refused, so no document is larger than its text. Every scalar is the text that it stands
for: whoever needs a number or a truth value reads it out of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from remediators.bounds import YAML_LOCKFILE, Bounds
from remediators.errors import ManifestError

Yaml = dict[str, "Yaml"] | list["Yaml"] | str
Path = tuple[str | int, ...]
"""The keys (in sequences: the indexes) that lead from the top of a document to a value."""
Span = tuple[int, int]
"""Where something stands: offsets in characters, the end excluded; quotes are inside."""

_BOM = "\ufeff"
_BRACKET = re.compile(r"[\[\]{}]")
# The scanner's time grows with the square of the depth of flow collections.
_DEEPEST = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a mapping. `line` is the 1-based line of its key, `style` that of a scalar (`'`, `"`, "").

    `flow` is whether it stands in a `{…}`, `column` how far its key is indented. A block's value ends where
    its last scalar does.
    """

    key: Span
    value: Span
    line: int
    column: int
    style: str
    flow: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file. `text` is all of it, byte order mark and line endings included.

    `members` are those whose path has as few keys as was asked for; offsets count from the start of `text`.
    """

    name: str
    text: str
    value: Yaml
    members: Mapping[Path, Member]


def read(content: bytes, name: str, deepest: int = 3, bounds: Bounds = YAML_LOCKFILE) -> Document:
    """The document in `content` with members up to `deepest` keys below the top; `name` is the file's path.

    Raises ManifestError, with the line, for what is not UTF-8, not YAML, too deep, ambiguous, or more than
    `bounds`.
    """
    bounds.check(name, content)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ManifestError(f"{name}: byte {error.start} is not UTF-8: save the file as UTF-8") from error
    bare = text.removeprefix(_BOM)
    _check_depth(name, bare)
    reading = _Reading(name, deepest, len(text) - len(bare))
    try:
        for event in yaml.parse(bare, Loader=_LOADER):
            reading.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise ManifestError(f"{place}: this is not YAML ({what}): repair the file") from error
    return Document(name, text, reading.value, reading.members)


def _check_depth(name: str, text: str) -> None:
    depth = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(depth - 1, 0)
        if depth > _DEEPEST:
            line = text.count("\n", 0, found.start()) + 1
            raise ManifestError(f"{name}:{line}: values are nested over {_DEEPEST} deep: repair the file")


@dataclass(slots=True)
class _Open:
    """A collection that has not ended yet, and the member of it that is being read."""

    value: dict[str, Yaml] | list[Yaml]
    start: int
    flow: bool
    key: str | None = None
    key_span: Span = (0, 0)
    line: int = 0
    column: int = 0
    end: int = 0


@dataclass(slots=True)
class _Reading:
    """Follows the events of a document; told of them in order. `shift` is how long the byte order mark is."""

    name: str
    deepest: int
    shift: int
    value: Yaml = ""
    members: dict[Path, Member] = field(default_factory=dict)
    documents: int = 0
    open: list[_Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self._refused(event, "a second document begins here")
            case yaml.AliasEvent():
                raise self._refused(event, "aliases are not handled")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._finish(event)

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._check(event)
        if len(self.open) >= _DEEPEST:
            raise self._refused(event, f"values are nested over {_DEEPEST} deep")
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            raise self._refused(event, "a key that is not a string is not handled")
        value: dict[str, Yaml] | list[Yaml] = {} if isinstance(event, yaml.MappingStartEvent) else []
        start = event.start_mark.index + self.shift
        self.open.append(_Open(value, start, bool(event.flow_style), end=start))

    def _finish(self, event: yaml.MappingEndEvent | yaml.SequenceEndEvent) -> None:
        done = self.open.pop()
        end = event.end_mark.index + self.shift if done.flow else done.end
        self._give(done.value, (done.start, end), "")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check(event)
        span = (event.start_mark.index + self.shift, event.end_mark.index + self.shift)
        inner = self.open[-1] if self.open else None
        if inner is None or inner.key is not None or isinstance(inner.value, list):
            self._give(event.value, span, event.style or "")
            return
        if event.value in inner.value:
            raise self._refused(event, f"the key {event.value[:80]!r} stands twice in one mapping")
        inner.key, inner.key_span = event.value, span
        inner.line, inner.column = event.start_mark.line + 1, event.start_mark.column

    def _give(self, value: Yaml, span: Span, style: str) -> None:
        """The collection that is open gets a value."""
        if not self.open:
            self.value = value
            return
        inner = self.open[-1]
        inner.end = max(inner.end, span[1], inner.key_span[1])
        if isinstance(inner.value, list):
            inner.value.append(value)
            return
        key = inner.key or ""
        if len(self.open) <= self.deepest:
            path = tuple(outer.key if outer.key is not None else 0 for outer in self.open)
            self.members[path] = Member(inner.key_span, span, inner.line, inner.column, style, inner.flow)
        inner.value[key] = value
        inner.key = None

    def _check(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._refused(event, "anchors are not handled")
        if event.tag is not None:
            raise self._refused(event, "tags are not handled")

    def _refused(self, event: yaml.Event, what: str) -> ManifestError:
        return ManifestError(f"{self.name}:{event.start_mark.line + 1}: {what}: write it out plainly")
