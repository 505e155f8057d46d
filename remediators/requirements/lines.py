"""The logical lines of a requirements file, joined and cut as pip does it, and what they say besides requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from remediators.index_urls import redacted

_COMMENT = re.compile(r"(?<!\S)#(?P<text>.*)", re.DOTALL)
_PACKAGE = re.compile(r"^\s*+([A-Za-z0-9._-]++)\s*+(?:\[[^\]]*+\]\s*+)?@|[#&]egg=([A-Za-z0-9._-]++)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line. `code` starts at `start` and keeps every place: a place in it is one in the file."""

    number: int
    start: int
    code: str
    comment: str


@dataclass(frozen=True, slots=True)
class Include:
    """A `-r` or `-c` line: the path as written, relative to the file; `constrains` is whether it is a `-c`."""

    line: int
    path: str
    constrains: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An `--index-url` line: the URL without credentials."""

    line: int
    url: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Another option that has a say in what pip finds; `value` is "" for a flag, and without credentials for a URL."""

    line: int
    option: str
    value: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is not handled, and why. `fault` is False for what is left out by design.

    `package` is what the line installs, "" where it does not tell; it does not count in comparisons.
    """

    line: int
    reason: str
    fault: bool
    package: str = field(default="", compare=False)


def logical_lines(text: str) -> Iterator[Line]:
    """Lines with continuations joined: backslash and line ending become spaces. A comment line ends one."""
    code, first, start, offset = "", 1, 0, 0
    for number, raw in enumerate(text.splitlines(keepends=True), start=1):
        if not code:
            first, start = number, offset
        offset += len(raw)
        body = raw.splitlines()[0]
        if body.endswith("\\") and not body.lstrip().startswith("#"):
            code += body[:-1].ljust(len(raw))
            continue
        yield _line(first, start, code + body)
        code = ""
    if code:
        yield _line(first, start, code)


def _line(number: int, start: int, code: str) -> Line:
    comment = _COMMENT.search(code)
    if comment is None:
        return Line(number, start, code, "")
    return Line(number, start, code[: comment.start()], comment["text"].strip())


def left_out(line: Line, reason: str) -> Problem:
    """A line that is not handled by design."""
    package = _PACKAGE.search(line.code)
    name = canonicalize_name(package[1] or package[2]) if package else ""
    return Problem(line.number, _said(line, reason), fault=False, package=name)


def broken(line: Line, reason: str) -> Problem:
    """A line that pip would refuse."""
    return Problem(line.number, _said(line, reason), fault=True)


def names_variable(text: str) -> bool:
    """Whether pip would replace a part of `text` by an environment variable, which only the installer knows."""
    return _VARIABLE.search(text) is not None


def variable_in(text: str) -> str:
    """The first such variable, "" for none."""
    found = _VARIABLE.search(text)
    return found[1] if found is not None else ""


def _said(line: Line, reason: str) -> str:
    shown = redacted(" ".join(line.code.split()))
    return f"{reason}: {shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + '…'}"
