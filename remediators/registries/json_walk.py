"""A large JSON document walked from value to value: no more than one of them is held at a time.

What a document costs as a whole grows with what it is made of: 60 MB of `[],[],` take two gigabytes, and one emoji
makes each character of a text four times as large. So a registry's answer is never decoded as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

LARGEST_VALUE = 3 * 2**20
"""Bytes of one value that is read as a whole; a release's manifest has a hundredth, the times of 25,000 a half."""
MOST_VALUES = 100_000
"""Taken of one document, at some three microseconds each besides what is in them."""

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\n\r]*+")
_PLAIN = re.compile(rb'"([ !#-\[\]-~]*+)"')
_DECODER = json.JSONDecoder()
_SMALLEST_CUT = 2**10
_USUAL_CUT = 2**16


class Walk:
    """Stands in front of a value, which is to be taken by exactly one of `members`, `items` and `value`.

    All of them raise ValueError for what is no JSON, and for a larger value or more of them than are read;
    RecursionError for depth.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = len(_BOM) if raw.startswith(_BOM) else 0
        self._cut = _SMALLEST_CUT
        self._taken = 0

    def members(self) -> Iterator[str]:
        """The keys of an object; with each, its value is what comes next."""
        self._expect(b"{")
        ended = self._passes(b"}")
        while not ended:
            key = self._key()
            self._expect(b":")
            yield key
            ended = self._passes(b"}")
            if not ended:
                self._expect(b",")

    def items(self) -> Iterator[int]:
        """The numbers of the items of an array, from 0; with each, it is what comes next."""
        self._expect(b"[")
        ended, number = self._passes(b"]"), 0
        while not ended:
            yield number
            ended, number = self._passes(b"]"), number + 1
            if not ended:
                self._expect(b",")

    def value(self) -> Any:
        """The value, decoded."""
        self._space()
        self._taken += 1
        if self._taken > MOST_VALUES:
            raise ValueError(f"it has more than {MOST_VALUES:,} values")
        cut = self._cut
        while True:
            whole = self._at + cut >= len(self._raw)
            try:
                value, length = self._decoded(cut)
            except ValueError:
                length = cut
                if whole:
                    raise
            # What ends with the cut may go on behind it, as a number does.
            if whole or length < cut:
                self._at += length
                self._cut = min(max(_SMALLEST_CUT, 2 * length), _USUAL_CUT)
                return value
            if cut == LARGEST_VALUE:
                raise ValueError(f"a value in it has more than {LARGEST_VALUE:,} bytes")
            cut = min(8 * cut, LARGEST_VALUE)

    def begins(self, mark: bytes) -> bool:
        """Whether the value begins with this byte: `{` for an object, `[` for an array."""
        self._space()
        return self._raw.startswith(mark, self._at)

    def end(self) -> None:
        """Raises ValueError when anything follows the document."""
        self._space()
        if self._at < len(self._raw):
            raise ValueError(f"something follows it at byte {self._at:,}")

    def _decoded(self, cut: int) -> tuple[Any, int]:
        """The value within that many bytes, and how many it has."""
        # The cut may go through a character; one that is broken within the value does not survive `encode`.
        text = self._raw[self._at : self._at + cut].decode("utf-8", "surrogateescape")
        value, end = _DECODER.raw_decode(text)
        return value, end if text.isascii() else len(text[:end].encode())

    def _key(self) -> str:
        self._space()
        plain = _PLAIN.match(self._raw, self._at)
        if plain is not None:
            self._at = plain.end()
            return plain[1].decode("ascii")
        if not self.begins(b'"'):
            raise ValueError(f"a key is missing at byte {self._at:,}")
        return str(self.value())

    def _space(self) -> None:
        found = _SPACE.match(self._raw, self._at)
        self._at = found.end() if found else self._at

    def _passes(self, mark: bytes) -> bool:
        found = self.begins(mark)
        self._at += found
        return found

    def _expect(self, mark: bytes) -> None:
        if not self._passes(mark):
            raise ValueError(f"{mark.decode()} is missing at byte {self._at:,}")
