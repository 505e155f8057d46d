"""JSON with positions: read a document strictly, find where its members stand, replace strings in place."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from remediators.bounds import JSON_LOCKFILE, Bounds
from remediators.documents.replaced_strings import with_strings
from remediators.documents.text_edits import spliced
from remediators.errors import ManifestError

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Path = tuple[str | int, ...]
"""The keys (in arrays: the indexes) that lead from the top of a document to a value."""
Span = tuple[int, int]
"""Where something stands: offsets in characters, the end excluded; quotes are inside."""

_BOM = "\ufeff"
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(rf"{STRING}|[{{}}\[\],:]|[^\s{{}}\[\],:\"]++", re.DOTALL)
_BRACKET = re.compile(rf"{STRING}|[{{}}\[\]]", re.DOTALL)
_LAYOUT = re.compile(rf"{_BOM}?[{{\[](?P<end>\r?\n)(?P<indent>[ \t]*)")
_LINE_END = re.compile(r"\r?\n")
# Far above every real manifest, far below what json can recurse into.
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON file. `text` is all of it, byte order mark and line endings included."""

    name: str
    text: str
    value: Json


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object. `line` is the 1-based line of its key."""

    path: Path
    key: Span
    value: Span
    line: int


class _DuplicateKeyError(ValueError):
    """An object names a key twice; npm takes the last, people read the first."""


def read(content: bytes, name: str, bounds: Bounds = JSON_LOCKFILE) -> Document:
    """The document in `content`; `name` is the file's path, for messages.

    Raises ManifestError, with the position, for what is not UTF-8, not JSON, nested over 200 deep, ambiguous
    (a key twice in one object), or more than `bounds`.
    """
    bounds.check(name, content)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ManifestError(f"{name}: byte {error.start} is not UTF-8: save the file as UTF-8") from error
    bare = text.removeprefix(_BOM)
    deep = _too_deep(bare)
    if deep is not None:
        raise _unreadable(name, bare, deep, f"values are nested over {_DEEPEST} deep")
    try:
        value: Json = json.loads(bare, object_pairs_hook=_object, parse_constant=_refused)
    except _DuplicateKeyError as error:
        raise _unreadable(name, bare, _second(bare), f"the key {error} stands twice in one object") from error
    except json.JSONDecodeError as error:
        raise _unreadable(name, bare, error.pos, f"this is not JSON ({error.msg})") from error
    except ValueError as error:
        raise ManifestError(f"{name}: this is not JSON ({error}): repair the file") from error
    return Document(name, text, value)


def members(text: str, deepest: int = _DEEPEST) -> Iterator[Member]:
    """Every member whose path has at most `deepest` keys, in the order in which the values end.

    `text` must be valid JSON, as that of a Document is.
    """
    walk = _Walk(text)
    at = 0
    while found := _TOKEN.search(text, at):
        at = found.end()
        if found[0] in "{[" and len(walk.open) >= deepest:
            at = _end(text, found.start())
            member = walk.ended((found.start(), at))
        else:
            member = walk.take(found[0], found.span())
        if member is not None:
            yield member


def replaced(document: Document, strings: Mapping[Path, str]) -> bytes:
    """The file with these strings in place of the values at these paths; every other byte stays.

    Raises ManifestError when a path does not lead to a string, or when anything else would change.
    """
    if not strings:
        return document.text.encode()
    deepest = max(map(len, strings))
    spans = {member.path: member.value for member in members(document.text, deepest) if member.path in strings}
    try:
        edits = [(spans[path], json.dumps(string, ensure_ascii=False)) for path, string in strings.items()]
        expected = with_strings(document.value, strings)
    except KeyError as error:
        wanted = ", ".join(repr(string) for string in strings.values())
        raise ManifestError(f"{document.name}: there is no string to replace by {wanted}: scan again") from error
    content = spliced(document.text, edits).encode()
    if read(content, document.name).value != expected:
        changes = ", ".join(repr(string) for string in strings.values())
        raise ManifestError(f"{document.name}: writing {changes} would change something else: edit it by hand")
    return content


def laid_out_like(model: str, text: str) -> str:
    """The JSON `text` with the indentation, line ends and byte order mark of `model`.

    Both have a line per member, as programs write JSON; of one that has not, only the end is followed.
    """
    bare, wanted, found = text.removeprefix(_BOM).rstrip(), _LAYOUT.match(model), _LAYOUT.match(text)
    if wanted and found and found["indent"]:
        depth = re.compile(rf"^(?:{found['indent']})+", re.MULTILINE)
        bare = depth.sub(lambda lead: wanted["indent"] * (len(lead[0]) // len(found["indent"])), bare)
        bare = _LINE_END.sub(wanted["end"], bare)
    mark = _BOM if model.startswith(_BOM) else ""
    return mark + bare + model[len(model.rstrip()) :]


@dataclass(slots=True)
class _Open:
    """An object or array that has not ended yet, and the member in it that is being read."""

    start: int
    is_object: bool
    key: str | int
    key_span: Span = (0, 0)
    line: int = 0
    awaits_key: bool = True
    keys: set[str] = field(default_factory=set)


class _Walk:
    """Follows the tokens of a document; told of them in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._counted = 0
        self.open: list[_Open] = []
        self.repeated: int | None = None

    def take(self, piece: str, span: Span) -> Member | None:
        """The member whose value ends with this piece of text, if one does."""
        if piece in "{[":
            is_object = piece == "{"
            self.open.append(_Open(span[0], is_object, "" if is_object else 0, awaits_key=is_object))
            return None
        if piece in "}]":
            return self.ended((self.open.pop().start, span[1]))
        inner = self.open[-1] if self.open else None
        if piece == ":" or inner is None:
            return None
        if piece == ",":
            inner.awaits_key = inner.is_object
            inner.key = inner.key + 1 if isinstance(inner.key, int) else inner.key
            return None
        if inner.awaits_key:
            self._begin(inner, piece, span)
            return None
        return self.ended(span)

    def ended(self, value: Span) -> Member | None:
        """The member that a value belongs to; None for the items of an array."""
        if not self.open or not self.open[-1].is_object:
            return None
        inner = self.open[-1]
        return Member(tuple(outer.key for outer in self.open), inner.key_span, value, inner.line)

    def _begin(self, inner: _Open, piece: str, span: Span) -> None:
        self._line += self._text.count("\n", self._counted, span[0])
        self._counted = span[0]
        key: str = json.loads(piece) if "\\" in piece else piece[1:-1]
        if key in inner.keys and self.repeated is None:
            self.repeated = span[0]
        inner.keys.add(key)
        inner.key, inner.key_span, inner.line, inner.awaits_key = key, span, self._line, False


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _DuplicateKeyError(json.dumps(next(key for key, count in counts.items() if count > 1)))
    return value


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not a JSON value")


def _unreadable(name: str, text: str, at: int, what: str) -> ManifestError:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return ManifestError(f"{name}:{line}:{column}: {what}: repair the file")


def _too_deep(text: str) -> int | None:
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)
        if depth > _DEEPEST:
            return found.start()
    return None


def _second(text: str) -> int:
    """Where the first key stands that its object has already."""
    walk = _Walk(text)
    for found in _TOKEN.finditer(text):
        walk.take(found[0], found.span())
        if walk.repeated is not None:
            return walk.repeated
    return 0


def _end(text: str, start: int) -> int:
    """Where the object or array that begins at `start` ends."""
    depth = 0
    for found in _BRACKET.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)
