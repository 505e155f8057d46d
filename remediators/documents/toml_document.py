"""A TOML file: its values, the lines of its strings, and edits of strings that change nothing else."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from remediators.bounds import TOML_LOCKFILE, Bounds
from remediators.documents.replaced_strings import with_strings
from remediators.documents.text_edits import Edit, Text, decoded
from remediators.documents.toml_spans import Path, StringSpan, string_spans
from remediators.errors import ManifestError

Table = Mapping[str, object]

# tomllib takes 13 s for a key of 50,000 parts, and four times as much for twice as many.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+{_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{100}}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A TOML file at `name`, read."""

    name: str
    text: Text
    root: Table

    def table(self, *keys: str) -> Table:
        """The table at these keys; an empty one when it is missing or something else."""
        found: object = self.root
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def spans(self) -> Mapping[Path, StringSpan]:
        """Every string of the document by its path. Raises ManifestError."""
        try:
            return {span.path: span for span in string_spans(self.text.content)}
        except RecursionError as error:
            raise _too_deep(self.name) from error

    def line(self, span: StringSpan) -> int:
        """The 1-based line that a string starts in."""
        return bisect_left(_line_ends(self.text.content), span.start) + 1

    def lines_of(self, array: str, key: str) -> Mapping[int, int]:
        """The 1-based line of the string `key` in each table of an array of tables, by the table's place.

        Told by the headers alone where each of them is one: a lockfile has ten times as much else in it.
        """
        tables = self.root.get(array)
        if not tables:
            return {}
        opened = list(re.finditer(rf"^\[\[{re.escape(array)}\]\][ \t]*+\r?$", self.text.content, re.MULTILINE))
        if not isinstance(tables, list) or len(opened) != len(tables):
            spans = (span for span in self.spans().values() if len(span.path) == 3)
            return {int(s.path[1]): self.line(s) for s in spans if (s.path[0], s.path[2]) == (array, key)}
        pair = re.compile(rf"^[ \t]*+{re.escape(key)}[ \t]*+=", re.MULTILINE)
        ends = [*(header.start() for header in opened[1:]), len(self.text.content)]
        pairs = (pair.search(self.text.content, header.end(), end) for header, end in zip(opened, ends, strict=True))
        lines = _line_ends(self.text.content)
        return {place: bisect_left(lines, found.start()) + 1 for place, found in enumerate(pairs) if found}

    def spliced(self, edits: Mapping[Path, Edit]) -> bytes:
        """The file with an edit made inside each of these strings; places count from the string's first character.

        Raises ManifestError where that would change anything else, or a string is written with escapes.
        """
        if not edits:
            # There is nothing to compare: a value that is not a number (`nan`) differs from itself.
            return self.text.spliced(())
        spans = self.spans()
        edited = self.text.spliced(self._placed(spans[path], edit) for path, edit in edits.items())
        strings = {path: self.string(path) for path in edits}
        wanted = {
            path: old[: edits[path].start] + edits[path].new + old[edits[path].end :] for path, old in strings.items()
        }
        if read_toml(self.name, edited).root != with_strings(self.root, wanted):
            raise ManifestError(f"{self.name}: {_dotted(next(iter(edits)))} cannot be edited alone; change it by hand")
        return edited

    def string(self, path: Path) -> str:
        """The string at `path`. Raises KeyError when there is none."""
        found: object = self.root
        for step in path:
            found = _step(found, step)
        if not isinstance(found, str):
            raise KeyError(path)
        return found

    def _placed(self, span: StringSpan, edit: Edit) -> Edit:
        written = self.text.content[span.start : span.end]
        # What stands before the end of the change must be written as it reads; escapes behind it do no harm.
        if written[: edit.end] != self.string(span.path)[: edit.end]:
            raise ManifestError(
                f"{self.name} line {self.line(span)}: {_dotted(span.path)} is written with escapes; write it without"
            )
        return Edit(span.start + edit.start, span.start + edit.end, edit.new)


def read_toml(name: str, raw: bytes, bounds: Bounds = TOML_LOCKFILE) -> TomlDocument:
    """The TOML file `name`. Raises ManifestError when it is none, or more than `bounds`."""
    bounds.check(name, raw)
    text = decoded(name, raw)
    if _DEEP_KEY.search(text.content):
        raise _too_deep(name)
    try:
        return TomlDocument(name, text, tomllib.loads(text.content))
    except ValueError as error:
        # A number of over 4,300 digits is refused by Python itself, not by its TOML reader.
        raise ManifestError(f"{name} is not valid TOML: {error}; correct it") from error
    except RecursionError as error:
        raise _too_deep(name) from error


@lru_cache(maxsize=2)
def _line_ends(text: str) -> Sequence[int]:
    """Where each line ends. Asked for every requirement of a file: counted once."""
    return [found.start() for found in re.finditer("\n", text)]


def _too_deep(name: str) -> ManifestError:
    return ManifestError(f"{name} is not valid TOML: its values nest too deeply; correct it")


def _step(value: object, step: str | int) -> object:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value[step]
    if isinstance(value, Sequence) and isinstance(step, int):
        return value[step]
    raise KeyError(step)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
