"""Something that is made as large as a reader takes it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from remediators.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Shape:
    """A file or an answer: `head`, as many of `piece` (each with its number) as fit, `tail`; never over `pieces`."""

    kind: str
    what: str
    read: Callable[[bytes], object]
    bound: Bounds
    piece: str
    head: str = ""
    tail: str = ""
    pieces: int = sys.maxsize

    def raw(self) -> bytes:
        """The largest file of this shape within the bounds."""
        if self.pieces < sys.maxsize and self._fits(whole := self._of(self.pieces)):
            return whole
        few, many = 1, min(self.bound.largest, self.pieces + 1)
        while many - few > max(few // 1000, 1):
            middle = (few + many) // 2
            few, many = (middle, many) if self._fits(self._of(middle)) else (few, middle)
        return self._of(few)

    def _of(self, number: int) -> bytes:
        # No more than can fit is ever built.
        number = min(number, self.pieces, self.bound.largest // len(self.piece) + 1)
        return (self.head + "".join(self.piece.replace("%d", str(n)) for n in range(number)) + self.tail).encode()

    def _fits(self, raw: bytes) -> bool:
        pieces = sum(raw.count(mark) for mark in self.bound.marks)
        return len(raw) <= self.bound.largest and pieces <= self.bound.most
