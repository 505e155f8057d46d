"""Text files edited by splicing: decoded without loss, changed only where told, encoded as they came."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from remediators.errors import ManifestError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks that editors leave; PowerShell's `pip freeze > requirements.txt` writes UTF-16."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` up to `end` with `new`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file, and how to write it back."""

    content: str
    codec: str
    mark: bytes

    def spliced(self, edits: Iterable[Edit]) -> bytes:
        """The file's bytes with these (disjoint) edits; every other byte stays."""
        content = spliced(self.content, (((edit.start, edit.end), edit.new) for edit in edits))
        return self.mark + content.encode(self.codec)


def spliced(text: str, edits: Iterable[tuple[tuple[int, int], str]]) -> str:
    """The text with other words in these (disjoint) places, each from its first character up to the second."""
    pieces: list[str] = []
    done = 0
    for (start, end), new in sorted(edits):
        pieces += (text[done:start], new)
        done = end
    return "".join((*pieces, text[done:]))


def decoded(path: str, raw: bytes) -> Text:
    """A file as text: UTF-8, or what its byte order mark says. Raises ManifestError for anything else."""
    mark, codec = next((known for known in _MARKS if raw.startswith(known[0])), (b"", "utf-8"))
    try:
        return Text(raw[len(mark) :].decode(codec), codec, mark)
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path} is not {codec.upper()} text (byte {error.start}); save it as UTF-8") from error
