"""What the lines of a requirements file lead a compiler to: nothing outside the repository, and nothing unknown."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator

from remediators.documents.text_edits import decoded
from remediators.errors import ToolError
from remediators.index_urls import without_credentials
from remediators.inside import check_inside
from remediators.python.references import place_of
from remediators.requirements.lines import Line, logical_lines
from remediators.requirements.options import INCLUDES, INDEXES, from_the_environment, options_of


def check_places(path: str, raw: bytes, folder: str) -> None:
    """Raise ToolError for the first line of a source that leads outside, for who compiles it in `folder`."""
    for line in logical_lines(decoded(path, raw).content):
        for written, option in _written(line):
            if option in INDEXES and (reason := from_the_environment(without_credentials(written))):
                raise ToolError(f"{path}: line {line.number}: {reason}")
            # pip takes all but includes from where it runs.
            for base in (posixpath.dirname(path),) if option in INCLUDES else (posixpath.dirname(path), folder):
                check_inside(path, f"line {line.number}", [place_of(written)], base)


def check_includes(path: str, raw: bytes) -> None:
    """Raise ToolError where a compiled file reads along one outside. What else it names is what was compiled once."""
    for line in logical_lines(decoded(path, raw).content):
        files = [place_of(written) for written, option in _written(line) if option in INCLUDES]
        check_inside(path, f"line {line.number}", files)


def _written(line: Line) -> Iterator[tuple[str, str]]:
    """What may be a place in a line, and the option that it is the value of, "" for a requirement."""
    if not line.code.lstrip().startswith("-"):
        yield line.code.strip(), ""
        return
    try:
        words = shlex.split(line.code)
    except ValueError:
        # No compiler can read it either; the parser has said so.
        return
    for name, value in options_of(words):
        yield value, name
