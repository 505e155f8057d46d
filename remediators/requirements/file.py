"""What a requirements file says and where: its requirements, and what else its lines say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from remediators.bounds import REQUIREMENTS
from remediators.documents.text_edits import decoded
from remediators.errors import ManifestError
from remediators.python.requirement import Span, read_requirement
from remediators.requirements.lines import (
    Include,
    Index,
    Line,
    Problem,
    Setting,
    broken,
    left_out,
    logical_lines,
    names_variable,
)
from remediators.requirements.options import read_options


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement. `line` is 1-based; `rest` is its extras and marker; `via` is what pip-compile noted of it.

    The spans are places in the file's text: of the specifier, and of each `--hash`. They do not count in
    comparisons, so that a file can be compared with its edited self.
    """

    line: int
    name: str
    specifier: str
    rest: str
    hashes: tuple[str, ...]
    specifier_span: Span = field(compare=False)
    hash_spans: tuple[Span, ...] = field(compare=False)
    via: tuple[str, ...] = ()


Item = Entry | Include | Index | Setting | Problem

_MOST_LINES = 4_000
_LONGEST = 500_000
"""Characters of all requirements together: a marker can be as long as a file."""
_FREE = re.compile(r"\s*+(?:#|--hash|\\?$)")
_WORD_VIA = re.compile(r"^via\b")
_OPTIONS_START = re.compile(r"\s-")
_HASH = re.compile(r"--hash(?:\s*=\s*|\s+)(?P<hash>[a-z0-9]+:[0-9a-fA-F]+)(?=\s|$)")
_LEFT_OUT = (
    (re.compile(r"(?:^|@\s*)(?:git|hg|svn|bzr)\+"), "a VCS requirement has no released version; depend on a release"),
    (re.compile(r"://|^file:"), "a URL requirement has no version to look up; depend on a release of an index"),
    (
        re.compile(r"^[.~]|[\\/]|\.(?:whl|zip|tar|tgz|tbz|tar\.\w+)$"),
        "a local path has no version to look up; depend on a release of an index",
    ),
)
"""What a line is when it is no requirement of an index; the first that matches tells the reason."""


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=4)
def read_file(path: str, raw: bytes) -> tuple[Item, ...]:
    """What the file `path` says. Raises ManifestError for one that is no text, or too much of it."""
    REQUIREMENTS.check(path, raw)
    text = decoded(path, raw).content
    written = [line.partition(" --hash")[0] for line in text.splitlines() if not _FREE.match(line)]
    length = sum(map(len, written))
    if len(written) > _MOST_LINES or length > _LONGEST:
        raise ManifestError(
            f"{path} has {len(written):,} lines of {length:,} characters, comments and hashes aside, "
            f"and at most {_MOST_LINES:,} of {_LONGEST:,} are read: make it smaller, or look after it by hand"
        )
    return read_items(text)


def read_items(text: str) -> tuple[Item, ...]:
    """Everything that a requirements file says, in order. A line that cannot be read is a Problem; the rest goes on."""
    said: list[tuple[Item, list[str]]] = []
    notes: list[str] | None = None
    for line in logical_lines(text):
        if line.code.strip():
            notes = [line.comment]
            said.extend((item, notes) for item in _items(line))
        elif line.comment and notes is not None:
            notes.append(line.comment)
        else:
            notes = None
    return tuple(
        replace(item, via=via) if isinstance(item, Entry) and (via := _via(notes)) else item for item, notes in said
    )


def _items(line: Line) -> tuple[Item, ...]:
    if line.code.lstrip().startswith("-"):
        return tuple(read_options(line))
    return (_requirement(line),)


def _requirement(line: Line) -> Entry | Problem:
    options = _OPTIONS_START.search(line.code)
    statement = line.code[: options.start()] if options else line.code
    if names_variable(statement):
        return left_out(line, "it depends on an environment variable; write the requirement out")
    for pattern, reason in _LEFT_OUT:
        if pattern.search(statement.partition(";")[0].strip()):
            return left_out(line, reason)
    try:
        requirement = read_requirement(statement)
    except ValueError as error:
        return broken(line, str(error))
    hashes = tuple(_HASH.finditer(line.code))
    if len(hashes) != line.code.count("--hash"):
        return broken(line, "a --hash cannot be read; write it as --hash=sha256:DIGEST")
    return Entry(
        line=line.number,
        name=requirement.name,
        specifier=requirement.specifier,
        rest=requirement.rest,
        hashes=tuple(match["hash"] for match in hashes),
        specifier_span=_moved(requirement.span, line.start),
        hash_spans=tuple(_moved(match.span(), line.start) for match in hashes),
    )


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def _via(notes: Sequence[str]) -> tuple[str, ...]:
    """Who asked for a requirement, as pip-compile and uv note it: `via a, b`, or `via` and one a line."""
    names: list[str] = []
    said_via = False
    for note in notes:
        said_via = said_via or _WORD_VIA.match(note) is not None
        if said_via:
            names.extend(_WORD_VIA.sub("", note).strip().split(", "))
    return tuple(filter(None, names))
