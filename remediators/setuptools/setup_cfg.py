"""The requirements that a setup.cfg names for setuptools, with their places."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediators.bounds import SETUP_CFG, check_requirements
from remediators.documents.text_edits import Edit, Text, decoded
from remediators.errors import ManifestError
from remediators.index_urls import redacted
from remediators.python.requirement import PythonRequirement, Span, read_requirement
from state.model import Failure, Scope

_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_KEY = re.compile(r"(?P<key>[^\s=:#;\[][^=:]*+)(?P<delimiter>[=:])[ \t]*+")
_COMMENT = re.compile(r"[#;]")
_DEV_EXTRAS = frozenset(("dev", "develop", "development", "doc", "docs", "lint", "test", "tests", "testing"))
_ELSEWHERE = ("file:", "attr:")
"""How setuptools is told to look for a value in another place."""

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Named:
    """A requirement as a setup.cfg names it. `start` is where its text begins in the file."""

    line: int
    start: int
    requirement: PythonRequirement
    scope: Scope

    @property
    def span(self) -> Span:
        """Where its specifier stands in the file."""
        return self.start + self.requirement.span[0], self.start + self.requirement.span[1]


@dataclass(frozen=True, slots=True)
class SetupCfg:
    """A setup.cfg: its text, its requirements, its Requires-Python ("" for none), and what of it is not handled."""

    text: Text
    named: tuple[Named, ...]
    python: str
    problems: tuple[Failure, ...]


def read_setup_cfg(path: str, raw: bytes) -> SetupCfg:
    """What a setup.cfg says. Raises ManifestError for one that setuptools could not read."""
    SETUP_CFG.check(path, raw)
    text = decoded(path, raw)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text.content)
    except configparser.Error as error:
        reason = str(error).partition("\n")[0].replace("'<string>'", path)
        raise ManifestError(f"{path} cannot be read ({reason}); correct it") from error
    named: list[Named] = []
    problems: list[Failure] = []
    required = [
        (line, start, statement, scope)
        for section, key, line, start, statement in _values(text.content)
        if (scope := _scope(section, key)) is not None
    ]
    check_requirements(path, len(required))
    for line, start, statement, scope in required:
        if statement.startswith(_ELSEWHERE):
            reason = "what it names is not followed; write the requirements out"
            problems.append(_problem(path, line, reason, statement, fault=False))
            continue
        try:
            requirement = read_requirement(statement)
        except ValueError as error:
            problems.append(_problem(path, line, str(error), statement, fault=True))
            continue
        if requirement.url:
            reason = "a URL requirement has no version to look up; depend on a release of an index"
            problems.append(_problem(path, line, reason, statement, fault=False))
        else:
            named.append(Named(line, start, requirement, scope))
    python = parser.get("options", "python_requires", fallback="").strip()
    return SetupCfg(text, tuple(named), python, tuple(problems))


def spliced(path: str, found: SetupCfg, specifiers: Sequence[tuple[Named, str]]) -> bytes:
    """The file with these specifiers; every other byte stays. Raises ManifestError where that cannot be."""
    raw = found.text.spliced(Edit(*named.span, new) for named, new in specifiers)
    wanted = {named.line: new for named, new in specifiers}
    after = read_setup_cfg(path, raw)
    expected = [
        (one.line, one.requirement.name, wanted.get(one.line, one.requirement.specifier), one.requirement.rest)
        for one in found.named
    ]
    if expected != [
        (one.line, one.requirement.name, one.requirement.specifier, one.requirement.rest) for one in after.named
    ]:
        names = ", ".join(sorted({named.requirement.name for named, _ in specifiers}))
        raise ManifestError(f"{path}: {names} cannot be edited without touching anything else; change it by hand")
    return raw


def _scope(section: str, key: str) -> Scope | None:
    """What a value is for; None for one that is no requirement. Build requirements are of no release."""
    if section == "options" and key == "install_requires":
        return Scope.RUNTIME
    if section == "options" and key == "tests_require":
        return Scope.DEV
    if section == "options.extras_require":
        return Scope.DEV if key in _DEV_EXTRAS else Scope.OPTIONAL
    return None


def _values(content: str) -> Iterator[tuple[str, str, int, int, str]]:
    """Every statement of every list: section, key, 1-based line, place, text. Lines that continue are indented."""
    section = key = ""
    offset = 0
    for number, raw in enumerate(content.splitlines(keepends=True), start=1):
        line = raw.rstrip("\r\n")
        indented = line[:1] in {" ", "\t"}
        start = len(line) - len(line.lstrip())
        header, pair = _SECTION.match(line), _KEY.match(line)
        if not line.strip() or _COMMENT.match(line, start):
            pass
        elif indented and key:
            yield from _statements(section, key, number, offset + start, line[start:])
        elif header:
            section, key = header["name"].strip(), ""
        elif pair:
            key = pair["key"].strip().lower()
            yield from _statements(section, key, number, offset + pair.end(), line[pair.end() :])
        offset += len(raw)


def _statements(section: str, key: str, line: int, start: int, text: str) -> Iterator[tuple[str, str, int, int, str]]:
    if text.strip():
        yield section, key, line, start, text.rstrip()


def _problem(path: str, line: int, reason: str, statement: str, *, fault: bool) -> Failure:
    shown = redacted(statement)
    cut = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    return Failure(path, f"line {line} of {path}: {reason}: {cut}", fault)
