"""One more string in an array or a table of a TOML file, in its own style; array and table are added where missing.

| the file has                       | what is added                                                          |
|------------------------------------|------------------------------------------------------------------------|
| the array, on one line             | `, "new"` behind its last value                                        |
| the array, a value per line        | a line like the last one, with the same indent and closing comma       |
| only the table that it belongs in  | `key = ["new"]` below the table's last line                            |
| none of them                       | the table and the array at the end of the file                         |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.documents.toml_spans import ArraySpan, Layout, layout
from remediators.errors import ManifestError

# Possessive: a hostile document must not make a pattern backtrack.
_COMMA = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+,")
_LINE_END = re.compile(r"[^\n]*+")
_INDENT = re.compile(r"[ \t]*+")


def with_string(document: TomlDocument, table: Sequence[str], key: str, new: str) -> bytes:
    """The file with `new` as the last string of the array `key` of a table.

    Raises ManifestError where that cannot be done without touching anything else.
    """
    edited = document.text.spliced([_edit(document, tuple(table), key, new)])
    refusal = f"{document.name}: {new} cannot be added to [{'.'.join(table)}] {key} alone; add it by hand"
    try:
        root = read_toml(document.name, edited).root
    except ManifestError as error:
        raise ManifestError(refusal) from error
    if root != _with(document.root, (*table, key), new):
        raise ManifestError(refusal)
    return edited


def with_pair(document: TomlDocument, table: Sequence[str], key: str, new: str) -> bytes:
    """The file with `key = "new"` as the last line of a table, which is added where it is missing.

    Raises ManifestError where that cannot be done without touching anything else.
    """
    text = document.text.content
    edited = document.text.spliced([_in_table(text, _places(document), tuple(table), f'{key} = "{new}"')])
    refusal = f"{document.name}: {key} cannot be added to [{'.'.join(table)}] alone; add it by hand"
    try:
        root = read_toml(document.name, edited).root
    except ManifestError as error:
        raise ManifestError(refusal) from error
    if root != _with_value(document.root, (*table, key), new):
        raise ManifestError(refusal)
    return edited


def _places(document: TomlDocument) -> Layout:
    try:
        return layout(document.text.content)
    except RecursionError as error:
        raise ManifestError(f"{document.name}: its values nest too deeply to be edited; correct it") from error


def _edit(document: TomlDocument, table: tuple[str, ...], key: str, new: str) -> Edit:
    text, places = document.text.content, _places(document)
    array = places.arrays.get((*table, key))
    if array is not None:
        return _in_array(text, array, new, _line_break(text))
    return _in_table(text, places, table, f'{key} = ["{new}"]')


def _in_table(text: str, places: Layout, table: tuple[str, ...], line: str) -> Edit:
    line_end = _line_break(text)
    if table in places.tables:
        place = places.tables[table]
        end = _line_end(text, place)
        return Edit(end, end, f"{line_end}{_matched(_INDENT, text, _line_start(text, place))}{line}")
    gap = line_end * (1 if text.endswith("\n") else 2) if text else ""
    return Edit(len(text), len(text), f"{gap}[{'.'.join(table)}]{line_end}{line}{line_end}")


def _in_array(text: str, array: ArraySpan, new: str, line_end: str) -> Edit:
    if array.last is None:
        return Edit(array.start + 1, array.start + 1, f'"{new}"')
    start, end = array.last
    quote = text[start] if text[start] in "\"'" else '"'
    begun = _line_start(text, start)
    indent = _matched(_INDENT, text, begun)
    comma = _COMMA.match(text, end, array.end)
    behind = comma.end() if comma else end
    if begun <= array.start or begun + len(indent) != start:
        return Edit(behind, behind, f" {quote}{new}{quote}," if comma else f", {quote}{new}{quote}")
    line = f"{line_end}{indent}{quote}{new}{quote}"
    # A comment behind the last value stays in its line, unless the array ends in that line.
    below = behind if "\n" not in text[behind : array.end] else _line_end(text, behind)
    return Edit(end, below, f"{text[end:below]}{line}," if comma else f",{text[end:below]}{line}")


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    return place + len(_matched(_LINE_END, text, place).removesuffix("\r"))


def _matched(pattern: re.Pattern[str], text: str, place: int) -> str:
    found = pattern.match(text, place)
    return found[0] if found else ""


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with_value(value: object, path: Sequence[str], new: str) -> object:
    """A copy of `value` with `new` at `path`."""
    if not path:
        return new
    table = value if isinstance(value, Mapping) else {}
    return {**table, path[0]: _with_value(table.get(path[0]), path[1:], new)}


def _with(value: object, path: Sequence[str], new: str) -> object:
    """A copy of `value` with `new` at the end of the array at `path`."""
    if not path:
        return [*value, new] if isinstance(value, list) else [new]
    table = value if isinstance(value, Mapping) else {}
    return {**table, path[0]: _with(table.get(path[0]), path[1:], new)}
