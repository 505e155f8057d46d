"""The text of a yarn.lock as blocks with positions: the own format of version 1, and the YAML subset of 2 and newer.

Both are written by Yarn with two spaces a level: a header per locked package, and its fields below.

| format  | header                         | field              | longer than 1,024 characters |
|---------|--------------------------------|--------------------|------------------------------|
| classic | `"@a/b@^1", "@a/b@^1.2":`      | `  version "1.2"`  | the same                     |
| berry   | `"a@npm:^1, a@npm:^1.2":`      | `  version: 1.2`   | `? "…"`, next line `:`       |

Read by line with expressions that cannot backtrack, so that the time grows with the size only.
Source: Yarn's own parsers (`lockfile/parse`, `parsers/syml`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from remediators.errors import ManifestError

Fields = dict[str, "str | Fields"]

_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_WORD = rf"(?:{_QUOTED}|[^\s\",:\[\]{{}}]++)"
_CLASSIC = re.compile(rf"(?P<keys>{_WORD}(?:,[ ]?{_WORD})*+)(?::|[ ](?P<value>{_WORD}))[ ]*+")
_BERRY = re.compile(rf"(?P<keys>{_QUOTED}|[^\s\":#,\[\]{{}}?][^\":#]*+):(?:[ ](?P<value>.*+))?")
_LONG_KEY = re.compile(rf"\? (?P<keys>{_QUOTED})")
_EACH = re.compile(_WORD)
_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_INDENT = 2
_DEEPEST = 4
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Block:
    """One header with its fields. `keys` are the header's, decoded; `line` is the 1-based line of it.

    `start` and `end` are offsets in characters: from the header to behind its last field's line end.
    `body` is where the first field begins.
    """

    keys: tuple[str, ...]
    line: int
    start: int
    body: int
    end: int
    fields: Mapping[str, str | Fields]


@dataclass(slots=True)
class _Reading:
    """What has been read of a file; `open` are the fields that a deeper line belongs to, by level."""

    name: str
    berry: bool
    blocks: list[Block] = field(default_factory=list)
    open: list[Fields] = field(default_factory=list)
    keys: tuple[str, ...] = ()
    line: int = 0
    start: int = 0
    body: int = 0
    end: int = 0

    def finish(self) -> None:
        if self.open:
            fields = self.open[0]
            self.blocks.append(Block(self.keys, self.line, self.start, self.body, self.end, fields))
        self.open = []


def is_berry(text: str) -> bool:
    """Whether a yarn.lock is of Yarn 2 or newer; only these have `__metadata`."""
    return text.startswith("__metadata:") or "\n__metadata:" in text


def blocks(text: str, name: str) -> tuple[Block, ...]:
    """Every block of a yarn.lock in order. `text` has no byte order mark; `name` is the path, for messages.

    Raises ManifestError, with the line, for what Yarn does not write, or a conflict.
    """
    reading = _Reading(name, is_berry(text))
    awaited: tuple[str, int, int] | None = None
    for number, start, end, line in _lines(text):
        if line.startswith(_MARKS):
            raise ManifestError(f"{name}:{number}: there is an unresolved merge conflict: run yarn install")
        content = line.lstrip(" ")
        if not content or content.startswith("#"):
            continue
        if awaited is not None:
            if line != ":":
                raise _unreadable(name, number, line)
            _open(reading, awaited[0], awaited[1], awaited[2], end)
            awaited = None
        elif reading.berry and (long := _LONG_KEY.fullmatch(line)):
            awaited = (long["keys"], number, start)
        else:
            _take(reading, number, (start, end), line)
    reading.finish()
    return tuple(reading.blocks)


def _lines(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Number, start, end (behind the line end) and content of every line."""
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        end = min(start + len(line) + 1, len(text))
        yield number, start, end, line.removesuffix("\r")
        start = end


def _take(reading: _Reading, number: int, span: tuple[int, int], line: str) -> None:
    content = line.lstrip(" ")
    level, odd = divmod(len(line) - len(content), _INDENT)
    found = (_BERRY if reading.berry else _CLASSIC).fullmatch(content)
    if odd or found is None or level > min(len(reading.open), _DEEPEST):
        raise _unreadable(reading.name, number, line)
    if level == 0:
        if found["value"]:
            raise _unreadable(reading.name, number, line)
        _open(reading, found["keys"], number, span[0], span[1])
        return
    keys = _keys(reading, found["keys"], number)
    del reading.open[level:]
    fields = reading.open[-1]
    if len(keys) != 1 or keys[0] in fields:
        raise _unreadable(reading.name, number, line)
    reading.end = span[1]
    if found["value"]:
        fields[keys[0]] = _scalar(reading, found["value"].strip(), number)
    else:
        inner: Fields = {}
        fields[keys[0]] = inner
        reading.open.append(inner)


def _open(reading: _Reading, keys: str, number: int, start: int, end: int) -> None:
    reading.finish()
    reading.keys = _keys(reading, keys, number)
    reading.line, reading.start, reading.body, reading.end = number, start, end, end
    reading.open = [{}]


def _keys(reading: _Reading, keys: str, number: int) -> tuple[str, ...]:
    if reading.berry:
        whole = _scalar(reading, keys.strip(), number)
        # A field's name is one, a header lists descriptors.
        return tuple(whole.split(", ")) if not reading.open or "@" in whole[1:] else (whole,)
    return tuple(_scalar(reading, word, number) for word in _EACH.findall(keys))


def _scalar(reading: _Reading, written: str, number: int) -> str:
    if not written.startswith('"'):
        value = written
    elif "\\" not in written and len(written) > 1 and written.count('"') == len('""') and written.endswith('"'):
        value = written[1:-1]
    else:
        try:
            value = json.loads(written)
        except ValueError as error:
            raise _unreadable(reading.name, number, written) from error
    if not isinstance(value, str) or not value.isprintable():
        raise _unreadable(reading.name, number, written)
    return value


def _unreadable(name: str, number: int, line: str) -> ManifestError:
    return ManifestError(f"{name}:{number}: {line[:_SHOWN]!r} is not what yarn writes: run yarn install")
