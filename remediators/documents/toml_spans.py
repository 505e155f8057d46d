"""Where strings, arrays and tables of a TOML document stand. For text that `tomllib` has accepted: no validation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and array places from the root: `("project", "dependencies", 0)`."""

# Possessive: a hostile document must not make a pattern backtrack.
_TRIVIA = re.compile(r"(?:[ \t\r\n,]|#[^\n]*+)*+")
_DOT = re.compile(r"[ \t]*+\.[ \t]*+")
_EQUALS = re.compile(r"[ \t]*+=[ \t]*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_SCALAR = re.compile(r"[^,\]}#\r\n]++")
# Up to two quotes may touch the closing three from inside.
_STRINGS = (
    (3, re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*+"""(?:""?)?+', re.DOTALL)),
    (3, re.compile(r"'''(?:[^']|'(?!''))*+'''(?:''?)?+")),
    (1, re.compile(r'"(?:[^"\\]|\\.)*+"')),
    (1, re.compile(r"'[^']*+'")),
)
"""How many quotes surround each kind of string, and what it looks like."""


@dataclass(frozen=True, slots=True)
class StringSpan:
    """A string value: its path, and the place of what is between its quotes."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ArraySpan:
    """An array: the places of its brackets, and of its last value (None in an empty one)."""

    start: int
    end: int
    last: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where something can be added: every array, and behind the last line of every table that has a header."""

    arrays: Mapping[Path, ArraySpan]
    tables: Mapping[Path, int]


def layout(text: str) -> Layout:
    """The layout of a valid document. Raises RecursionError where values nest too deeply."""
    scanner = _Scanner(text)
    for _ in scanner.document():
        pass
    return Layout(scanner.arrays, scanner.tables)


def string_spans(text: str) -> Iterator[StringSpan]:
    """Every string value of a valid document, in order. Raises RecursionError where values nest too deeply."""
    return _Scanner(text).document()


@dataclass(slots=True)
class _Scanner:
    text: str
    place: int = 0
    _newest: dict[Path, int] = field(default_factory=dict)
    """The last element of each array of tables."""
    arrays: dict[Path, ArraySpan] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)

    def document(self) -> Iterator[StringSpan]:
        table: Path = ()
        self._take(_TRIVIA)
        while self.place < len(self.text):
            if self.text[self.place] == "[":
                table = self._header()
            else:
                yield from self._pair(table)
            if table:
                self.tables[table] = self.place
            self._take(_TRIVIA)

    def _header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.place) else 1
        self.place += brackets
        keys = self._keys()
        self.place = self.text.index("]", self.place) + brackets
        if brackets == 1:
            return self._resolved(keys)
        array = (*self._resolved(keys[:-1]), keys[-1])
        self._newest[array] = self._newest.get(array, -1) + 1
        return (*array, self._newest[array])

    def _resolved(self, keys: tuple[str, ...]) -> Path:
        """A table's path; a key that is an array of tables means its last element."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._newest:
                path = (*path, self._newest[path])
        return path

    def _pair(self, table: Path) -> Iterator[StringSpan]:
        path = (*table, *self._keys())
        self._take(_EQUALS)
        yield from self._value(path)

    def _keys(self) -> tuple[str, ...]:
        self._take(_TRIVIA)
        keys = [self._key()]
        while _DOT.match(self.text, self.place):
            self._take(_DOT)
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> str:
        if self.text[self.place] not in "\"'":
            return self._take(_BARE_KEY)
        return next(iter(tomllib.loads(f"{self._take(_string_at(self.text, self.place)[1])} = 0")))

    def _value(self, path: Path) -> Iterator[StringSpan]:
        opening = self.text[self.place]
        if opening in "\"'":
            quotes, pattern = _string_at(self.text, self.place)
            start = self.place + quotes
            self._take(pattern)
            yield StringSpan(path, start, self.place - quotes)
        elif opening == "[":
            yield from self._array(path)
        elif opening == "{":
            yield from self._inline_table(path)
        else:
            self._take(_SCALAR)

    def _array(self, path: Path) -> Iterator[StringSpan]:
        start = self.place
        self.place += 1
        element, last = 0, None
        while not self._closed("]"):
            begun = self.place
            yield from self._value((*path, element))
            last = (begun, begun + len(self.text[begun : self.place].rstrip()))
            element += 1
        self.arrays[path] = ArraySpan(start, self.place, last)

    def _inline_table(self, path: Path) -> Iterator[StringSpan]:
        self.place += 1
        while not self._closed("}"):
            yield from self._pair(path)

    def _closed(self, bracket: str) -> bool:
        """Steps over commas, comments and line ends, and over `bracket` if it comes next."""
        self._take(_TRIVIA)
        closed = self.text[self.place] == bracket
        self.place += closed
        return closed

    def _take(self, pattern: re.Pattern[str]) -> str:
        """What `pattern` matches here ("" for nothing), stepped over."""
        match = pattern.match(self.text, self.place)
        taken = match[0] if match else ""
        self.place += len(taken)
        return taken


def _string_at(text: str, place: int) -> tuple[int, re.Pattern[str]]:
    return next((quotes, pattern) for quotes, pattern in _STRINGS if pattern.match(text, place))
