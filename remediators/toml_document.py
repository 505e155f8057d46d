"""A TOML file: its values, the lines of its strings, and edits of strings that change nothing else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remediators.api import ManifestError
from remediators.text_edits import Edit, Text, decoded
from remediators.toml_spans import Path, StringSpan, string_spans

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
        return self.text.content.count("\n", 0, span.start) + 1

    def lines_of(self, array: str, key: str) -> Mapping[int, int]:
        """The 1-based line of the string `key` in each table of an array of tables, by the table's place."""
        starts = {
            span.path[1]: span.start
            for span in self.spans().values()
            if len(span.path) == 3 and (span.path[0], span.path[2]) == (array, key)
        }
        lines: dict[int, int] = {}
        line, counted = 1, 0
        for place, start in sorted(starts.items(), key=lambda item: item[1]):
            line += self.text.content.count("\n", counted, start)
            counted = start
            lines[int(place)] = line
        return lines

    def spliced(self, edits: Mapping[Path, Edit]) -> bytes:
        """The file with an edit made inside each of these strings; places count from the string's first character.

        Raises ManifestError where that would change anything else, or a string is written with escapes.
        """
        if not edits:
            # There is nothing to compare: a value that is not a number (`nan`) differs from itself.
            return self.text.spliced(())
        spans = self.spans()
        edited = self.text.spliced(self._placed(spans[path], edit) for path, edit in edits.items())
        wanted: object = self.root
        for path, edit in edits.items():
            value = self.string(path)
            wanted = _replaced(wanted, path, value[: edit.start] + edit.new + value[edit.end :])
        if read_toml(self.name, edited).root != wanted:
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


def read_toml(name: str, raw: bytes) -> TomlDocument:
    """The TOML file `name`. Raises ManifestError when it is none."""
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


def _too_deep(name: str) -> ManifestError:
    return ManifestError(f"{name} is not valid TOML: its values nest too deeply; correct it")


def _step(value: object, step: str | int) -> object:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value[step]
    if isinstance(value, Sequence) and isinstance(step, int):
        return value[step]
    raise KeyError(step)


def _replaced(value: object, path: Path, new: str) -> object:
    """A copy of `value` with `new` at `path`."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {key: _replaced(held, rest, new) if key == step else held for key, held in value.items()}
    if isinstance(value, list):
        return [_replaced(held, rest, new) if place == step else held for place, held in enumerate(value)]
    raise KeyError(path)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
