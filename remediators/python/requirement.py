"""One requirement as PEP 508 writes it, and where in its text the version specifier stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

Span = tuple[int, int]

LONGEST_NAME = 200

# Possessive: a hostile text must not make a pattern backtrack.
_BEFORE_SPECIFIER = re.compile(r"\s*+[A-Za-z0-9._-]++\s*+(?:\[[^\]]*+\]\s*+)?\(?\s*+")
_SPECIFIER = re.compile(r"[^;)]*+")


@dataclass(frozen=True, slots=True)
class PythonRequirement:
    """`name` is normalised, `specifier` as written, `rest` the extras and the marker.

    `span` is the place of the specifier; without one, the empty place after name and extras where it goes.
    """

    name: str
    specifier: str
    rest: str
    url: str | None
    span: Span


# A file is read once to be listed, and again before and after an edit.
@lru_cache(maxsize=32_768)
def read_requirement(text: str) -> PythonRequirement:
    """`text` as a requirement. Raises ValueError, with the reason, for one that cannot be read."""
    try:
        requirement = Requirement(text)
        rest = f"[{','.join(sorted(requirement.extras))}];{requirement.marker or ''}"
    except InvalidRequirement as error:
        raise ValueError(f"it is not a valid requirement ({str(error).partition(chr(10))[0]}); correct it") from error
    except RecursionError as error:
        raise ValueError("it is not a valid requirement (its marker is nested too deeply); correct it") from error
    if len(requirement.name) > LONGEST_NAME:
        raise ValueError(f"its name is {len(requirement.name):,} characters long, which no package's is; correct it")
    span = _specifier_span(text)
    specifier = text[slice(*span)]
    if not requirement.url and not _same(specifier, requirement.specifier):
        raise ValueError("its version specifier cannot be told apart; write it as NAME==VERSION")
    return PythonRequirement(canonicalize_name(requirement.name), specifier, rest, requirement.url, span)


def _specifier_span(text: str) -> Span:
    before = _BEFORE_SPECIFIER.match(text)
    start = before.end() if before else len(text)
    found = _SPECIFIER.match(text, start)
    length = len(found[0].rstrip()) if found else 0
    return (start, start + length) if length else (len(text[:start].rstrip()),) * 2


def _same(specifier: str, parsed: SpecifierSet) -> bool:
    try:
        return SpecifierSet(specifier) == parsed
    except ValueError:
        # Not valid, or a number of more digits than Python turns into one.
        return False
