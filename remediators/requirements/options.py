"""The option lines of a requirements file: includes, the index, editable requirements; the rest changes no version."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator

from remediators.documents.text_edits import decoded
from remediators.errors import ToolError
from remediators.index_urls import without_credentials
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
    variable_in,
)

_OPTIONS = re.compile(r"(?<!\S)-")
_CONSTRAINTS = ("-c", "--constraint")
INCLUDES = ("-r", "--requirement", *_CONSTRAINTS)
_INDEXES = ("-i", "--index-url", "--pypi-url")
_EDITABLES = ("-e", "--editable")
_OTHERS_WITH_VALUE = (
    "--all-releases",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--no-binary",
    "--only-final",
    "--only-binary",
    "--trusted-host",
    "--use-feature",
)
INDEXES = frozenset((*_INDEXES, "--extra-index-url", "-f", "--find-links"))
"""The options whose value is where pip looks."""
_WITH_VALUE = frozenset((*INCLUDES, *_INDEXES, *_EDITABLES, *_OTHERS_WITH_VALUE))
_FLAGS = frozenset(("--no-index", "--no-require-hashes", "--prefer-binary", "--require-hashes", "--pre"))
# pip 26.3 and, for --global-option, those before it: pip/_internal/req/req_file.py.
_OF_A_REQUIREMENT = frozenset(("-C", "--config-settings", "--global-option", "--hash"))
_TAKE_VALUE = _WITH_VALUE | _OF_A_REQUIREMENT
_KNOWN = _TAKE_VALUE | _FLAGS
_SETTINGS = {
    "--extra-index-url": "--extra-index-url",
    "-f": "--find-links",
    "--find-links": "--find-links",
    "--no-index": "--no-index",
    "--pre": "--pre",
}
"""The options that decide where pip looks and what it takes, by their long names."""


def read_options(line: Line) -> Iterator[Include | Index | Setting | Problem]:
    """What a line that starts with an option says."""
    try:
        words = shlex.split(line.code)
    except ValueError as error:
        yield broken(line, f"its quotes cannot be read ({error})")
        return
    for name, value in options_of(words):
        if name in _WITH_VALUE and not value:
            yield broken(line, f"the option {name} needs a value")
        elif name in INCLUDES:
            yield _include(line, name, value)
        elif name in _INDEXES:
            yield _index(line, value)
        elif name in _EDITABLES:
            yield left_out(line, "an editable requirement has no released version; depend on a release of an index")
        elif name not in _WITH_VALUE and name not in _FLAGS:
            yield left_out(line, f"the option {name} is not known; remove it")
            return
        elif name in _SETTINGS:
            yield Setting(line.number, _SETTINGS[name], without_credentials(value))
            if reason := from_the_environment(without_credentials(value)):
                yield left_out(line, reason)


def check_options(path: str, raw: bytes) -> None:
    """Raise ToolError for the first option of a file that pip does not know: it ends in a traceback over it."""
    for line in logical_lines(decoded(path, raw).content):
        begin = _OPTIONS.search(line.code)
        for name in _options_from(line.code[begin.start() :] if begin else ""):
            # As optparse does, pip takes what a long option begins with.
            if name not in _KNOWN and not any(name.startswith("--") and known.startswith(name) for known in _KNOWN):
                raise ToolError(f"{path}: line {line.number}: pip knows no option {name[:80]}: correct or remove it")


def _options_from(text: str) -> Iterator[str]:
    with contextlib.suppress(ValueError):  # quotes that cannot be read: the parser has said so
        yield from (name for name, _ in options_of(shlex.split(text)) if name.startswith("-"))


def options_of(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option of a line with its value, "" for a flag."""
    while words:
        yield _option(words)


def _option(words: list[str]) -> tuple[str, str]:
    """Takes one option and its value ("" for a flag) off `words`: `-rFILE`, `-r FILE`, `--requirement=FILE`."""
    word = words.pop(0)
    if word.startswith("--"):
        name, given, value = word.partition("=")
    else:
        name, given, value = word[:2], word[2:], word[2:].removeprefix("=")
    if name in _TAKE_VALUE and not given and words:
        return name, words.pop(0)
    return name, value


def from_the_environment(address: str) -> str:
    """Why an index at this address cannot be asked, "" where no variable decides where it is."""
    name = variable_in(address)
    return (
        f"the index comes from the environment variable {name}, which the bot does not have: write its address out, "
        "with credentials in `credentials` of the bot's configuration, or take the line out and name the index there "
        "as `registries.PyPI`"
        if name
        else ""
    )


def _include(line: Line, option: str, path: str) -> Include | Problem:
    if names_variable(path):
        return left_out(line, "the include depends on an environment variable; write its path out")
    return Include(line.number, path, constrains=option in _CONSTRAINTS)


def _index(line: Line, url: str) -> Index | Problem:
    address = without_credentials(url)
    if reason := from_the_environment(address):
        return left_out(line, reason)
    return Index(line.number, address)
