"""YAML files edited by splicing: strings replaced, members added and taken out; comments, quotes and order stay."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from remediators.documents.replaced_strings import with_strings
from remediators.documents.text_edits import spliced
from remediators.documents.yaml_spans import Document, Member, Path, Span, Yaml, read
from remediators.errors import ManifestError

_PLAIN = re.compile(r"[A-Za-z0-9_.^~/$<](?:[\w.^~/@+$>=<|-]|:(?=\S)| (?=[^\s#]))*", re.ASCII)
"""What pnpm writes without quotes, of what stands in ranges and names."""
_OTHER_TYPE = re.compile(r"[-+.]?\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|0[xob]\w+|true|false|null|yes|no|on|off|~|y|n", re.I)
_BLANK = re.compile(r"[ \t]*\r?\n")
_STEP = 2


def replaced(document: Document, strings: Mapping[Path, str]) -> bytes:
    """The file with these strings in place of the scalars at these paths, quoted as those are.

    Raises ManifestError when a path does not lead to a scalar, or when anything else would change.
    """
    edits: list[tuple[Span, str]] = []
    for path, string in strings.items():
        member = document.members.get(path)
        if member is None or not isinstance(_at(document.value, path), str) or member.style in {"|", ">"}:
            raise _unwritable(document, string)
        edits.append((member.value, _scalar(string, member.style)))
    return _checked(document, spliced(document.text, edits), with_strings(document.value, strings))


def reads_as_text(document: Document, path: Path) -> bool:
    """Whether everyone who reads YAML takes the scalar there for text: it is no number, truth value or null."""
    member, value = document.members.get(path), _at(document.value, path)
    return member is not None and isinstance(value, str) and bool(member.style or not _OTHER_TYPE.fullmatch(value))


def with_string(document: Document, path: Path, string: str) -> bytes:
    """The file with `string` at `path`: in place of the scalar there, else as a new last member.

    Mappings on the way that are missing are made. Raises ManifestError when something else is on the way.
    """
    known = _known(document.value, path)
    if known == len(path):
        return replaced(document, {path: string})
    top, keys = path[:known], [str(key) for key in path[known:]]
    at = _at(document.value, top)
    if at and not isinstance(at, dict):
        raise ManifestError(f"{document.name}: {'.'.join(map(str, top))} is not a mapping: correct it")
    inside = [member for known_path, member in document.members.items() if known_path[:-1] == top]
    text = document.text
    if inside and inside[-1].flow:
        last = max(member.value[1] for member in inside)
        nested = "".join(f"{_scalar(key)}: {{" for key in keys[:-1])
        edits = [((last, last), f", {nested}{_scalar(keys[-1])}: {_scalar(string)}{'}' * (len(keys) - 1)}")]
    elif inside or not top:
        last = max((member.value[1] for member in inside), default=len(text))
        edits = [_new_lines(text, last, keys, string, inside[0].column if inside else 0)]
    else:
        holder = document.members[top]
        colon = text.find(":", holder.key[1]) + 1
        if not colon:
            # A key may stand alone: `{key}`, or behind a question mark.
            raise _unwritable(document, keys[0])
        emptied = [((colon, holder.value[1]), "")] if at == {} else []
        edits = [*emptied, _new_lines(text, max(colon, holder.value[1]), keys, string, holder.column + _STEP)]
    return _checked(document, spliced(text, edits), _with(document.value, path, string))


def without(document: Document, *paths: Path) -> bytes:
    """The file without the lines of these block members; one that is not there is no loss.

    A blank line behind a member of the top goes with it. Raises ManifestError for a member inside a `{…}`.
    """
    found = {path: document.members[path] for path in paths if path in document.members}
    expected = document.value
    for path, member in found.items():
        if member.flow:
            raise _unwritable(document, str(path[-1]))
        expected = _without(expected, path)
    edits = [(_lines(document.text, member, len(path) == 1), "") for path, member in found.items()]
    return _checked(document, spliced(document.text, edits), expected)


def _lines(text: str, member: Member, with_blank: bool) -> Span:
    """The whole lines that a member stands on."""
    start = text.rfind("\n", 0, member.key[0]) + 1
    stop = text.find("\n", max(member.value[1], member.key[1]))
    stop = len(text) if stop < 0 else stop + 1
    blank = _BLANK.match(text, stop) if with_blank else None
    return start, blank.end() if blank else stop


def _new_lines(text: str, after: int, keys: list[str], string: str, column: int) -> tuple[Span, str]:
    """The splice that puts a nested member on lines of its own, behind the line in which `after` lies."""
    end = "\r\n" if "\r\n" in text else "\n"
    at = text.find("\n", after)
    missing = end if at < 0 and text.strip() else ""
    at = len(text) if at < 0 else at + 1
    lines = [" " * (column + _STEP * depth) + _scalar(key) + ":" for depth, key in enumerate(keys)]
    return (at, at), missing + end.join(lines) + f" {_scalar(string)}" + ("" if missing else end)


def _scalar(string: str, style: str = "") -> str:
    if style == '"':
        return json.dumps(string, ensure_ascii=False)
    if style == "" and _PLAIN.fullmatch(string) and not _OTHER_TYPE.fullmatch(string):
        return string
    return "'" + string.replace("'", "''") + "'"


def _checked(document: Document, text: str, expected: object) -> bytes:
    content = text.encode()
    if read(content, document.name).value != expected:
        raise _unwritable(document, "a value")
    return content


def _unwritable(document: Document, what: str) -> ManifestError:
    return ManifestError(f"{document.name}: writing {what!r} would change something else: edit it by hand")


def _known(value: Yaml, path: Path) -> int:
    """How many keys of the path are there."""
    for count, key in enumerate(path):
        if not isinstance(value, dict) or str(key) not in value:
            return count
        value = value[str(key)]
    return len(path)


def _at(value: Yaml, path: Path) -> Yaml | None:
    for key in path:
        if not isinstance(value, dict) or str(key) not in value:
            return None
        value = value[str(key)]
    return value


def _with(value: Yaml, path: Path, string: str) -> Yaml:
    if not path:
        return string
    inner = value if isinstance(value, dict) else {}
    key = str(path[0])
    return {**inner, key: _with(inner.get(key, {}), path[1:], string)}


def _without(value: Yaml, path: Path) -> Yaml:
    """The same value without the member at `path`; a mapping that had only it is an empty scalar, as in the text."""
    if not isinstance(value, dict):
        return value
    key = str(path[0])
    if len(path) == 1:
        return {name: inner for name, inner in value.items() if name != key} or ("" if len(value) == 1 else {})
    return {**value, key: _without(value[key], path[1:])}
