"""Version constraints as Poetry writes them: what they mean in PEP 440, and how they are rewritten to admit a fix.

| written             | moved from 1.5.0 to 2.4.1 | why                                                        |
|---------------------|---------------------------|------------------------------------------------------------|
| `1.5.0`, `==1.5.0`  | `2.4.1`, `==2.4.1`        | a pin follows                                              |
| `^1.2.3`, `~1.5.0`  | `^2.4.1`, `~2.4.1`        | the operator stays                                         |
| `^1.2`, `~1.5`      | `^2.4`, `~2.4`            | as many parts as before                                    |
| `1.5.*`, `1.*`      | `2.4.*`, `2.*`            | as many parts as before                                    |
| `^1.5` (to 1.5.4)   | `^1.5.4`                  | as many parts as it takes to refuse the old version        |
| `1.5.*` (to 1.5.4)  | `~1.5.4`                  | the same, in the operator that means it (`1.*`: `^`)       |
| `*`                 | `>=2.4.1`                 | when it has to change at all                               |
| `^0.9 || ^1.0`      | `^2.4`                    | what admits the old version goes, what lies above stays    |
| `>=1.2,<2`          | `>=2.4.1,<3`              | as in PEP 440                                              |

Source: Poetry's documentation of dependency specification; poetry-core's patterns of constraints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from remediators.python import specifiers as python_specifiers

_OR = re.compile(r"\s*+\|\|?\s*+")
_CLAUSE = re.compile(r"(?P<operator>\^|===?|~=?|!=|<=?|>=?|=)?(?P<gap>\s*+)(?P<version>[^\s,^~<>=!|]++)")
_BETWEEN = re.compile(r"[\s,]*+")
_WILDCARD = re.compile(r"(?:\.[xX*])++$")
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class _Clause:
    """One comparison. `operator` is "" where none is written; a wildcard has its numbers alone in `version`."""

    operator: str
    version: str
    wildcard: bool
    start: int
    end: int

    @property
    def own(self) -> bool:
        """Whether only Poetry writes it so."""
        return self.operator in {"", "^", "~", "="}


def pep440(written: str) -> tuple[str, ...]:
    """The alternatives of a constraint, each as a specifier of PEP 440. Raises ValueError with the reason."""
    return tuple(",".join(map(_pep440, _clauses(text))).strip(",") for text in _alternatives(written))


def admits(written: str, version: str) -> bool:
    """Whether a constraint lets `version` in, prereleases as well. False for either that cannot be read."""
    try:
        return any(_admits(alternative, version) for alternative in pep440(written))
    except ValueError:
        return False


def pinned(written: str) -> str | None:
    """The one version that a constraint allows, as written; None for a range."""
    try:
        clauses = [clause for text in _alternatives(written) for clause in _clauses(text)]
    except ValueError:
        return None
    if len(clauses) != 1 or clauses[0].wildcard or clauses[0].operator not in {"", "=", "==", "==="}:
        return None
    return clauses[0].version


def raised(written: str, before: str, after: str) -> str:
    """`written` changed as little as possible to admit `after` and to refuse `before`. Raises ValueError."""
    alternatives = _alternatives(written)
    here = next((text for text in alternatives if admits(text, after)), None)
    here = here or next((text for text in reversed(alternatives) if admits(text, before)), alternatives[-1])
    moved = _raised(here, before, after)
    kept = [moved if text is here else text for text in alternatives if text is here or not admits(text, before)]
    kept = [text for text in kept if text is moved or _lies_above(text, after)]
    separator = _OR.search(written)
    new = (separator[0] if separator else "").join(kept)
    if admits(new, before) or not admits(new, after):
        raise ValueError(f'"{written}" cannot be rewritten to admit {after} and refuse {before}')
    return new


def _raised(text: str, before: str, after: str) -> str:
    clauses = _clauses(text)
    if not any(clause.own or clause.wildcard for clause in clauses):
        commas = text if _readable(text) else ",".join(text[clause.start : clause.end] for clause in clauses)
        return python_specifiers.raised(commas, before, after)
    for forms in zip(*(_forms(text, clause, after) for clause in clauses), strict=True):
        new, end = "", 0
        for clause, form in zip(clauses, forms, strict=True):
            new, end = new + text[end : clause.start] + form, clause.end
        new += text[end:]
        if admits(new, after) and not admits(new, before):
            return new
    raise ValueError(f'"{text}" cannot be rewritten to admit {after} and refuse {before}')


def _forms(text: str, clause: _Clause, after: str) -> Sequence[str]:
    """What a clause may become, the nearest first: with as many parts as before, then with all."""
    written = text[clause.start : clause.end]
    if not clause.own and not clause.wildcard:
        return (written, written)
    parts = len(Version(clause.version).release)
    short = after if parts >= len(Version(after).release) else ".".join(map(str, Version(after).release[:parts]))
    before_version = written[: written.index(clause.version)]
    behind = written[written.index(clause.version) + len(clause.version) :]
    if clause.wildcard:
        full = f"^{after}" if parts == 1 and Version(after).major else f"~{after}"
        return (f"{before_version}{short}{behind}", full)
    if clause.operator not in {"^", "~"}:
        return (f"{before_version}{after}", f"{before_version}{after}")
    # `~1` means what `^1` means; with more parts only the caret still does.
    widened = before_version.replace("~", "^") if parts == 1 and Version(after).major else before_version
    return (f"{before_version}{short}", f"{widened}{after}")


def _lies_above(text: str, version: str) -> bool:
    """Whether everything that the alternative admits is newer: what is older is dropped."""
    floors = [clause for clause in _clauses(text) if clause.operator in {"", "^", "~", "=", "==", ">=", ">", "~="}]
    return any(Version(clause.version) > Version(version) for clause in floors if clause.version != "*")


def _alternatives(written: str) -> list[str]:
    if len(written) > _LONGEST:
        raise ValueError("its version constraint is too long to be one")
    return _OR.split(written.strip())


def _clauses(text: str) -> list[_Clause]:
    """The comparisons of one alternative; none for one that admits everything. Raises ValueError."""
    if text in {"", "*"}:
        return []
    return list(_scanned(text))


def _scanned(text: str) -> Iterator[_Clause]:
    place = 0
    while place < len(text):
        match = _CLAUSE.match(text, place)
        if match is None:
            raise ValueError(f'"{text[:80]}" is not a version constraint')
        numbers = _WILDCARD.sub("", match["version"])
        try:
            Version(numbers)
        except InvalidVersion as error:
            raise ValueError(f'"{text[:80]}" is not a version constraint') from error
        yield _Clause(match["operator"] or "", numbers, numbers != match["version"], match.start(), match.end())
        between = _BETWEEN.match(text, match.end())
        place = between.end() if between else len(text)


def _pep440(clause: _Clause) -> str:
    match clause:
        case _Clause(operator="^", version=version):
            return f">={version},<{_next_breaking(Version(version))}"
        case _Clause(operator="~", version=version):
            return f">={version},<{_next(Version(version), min(1, len(Version(version).release) - 1))}"
        case _Clause(operator=operator, version=version, wildcard=True):
            return f"{'!=' if operator == '!=' else '=='}{version}.*"
        case _Clause(operator="" | "=", version=version):
            return f"=={version}"
    return f"{clause.operator}{clause.version}"


def _next_breaking(version: Version) -> str:
    """Above every version that a caret admits: the leftmost part that is not zero counts."""
    significant = next((place for place, part in enumerate(version.release) if part), len(version.release) - 1)
    return _next(version, significant)


def _next(version: Version, place: int) -> str:
    *kept, last = version.release[: place + 1]
    return (f"{version.epoch}!" if version.epoch else "") + ".".join(map(str, (*kept, last + 1)))


def _admits(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidSpecifier as error:
        raise ValueError(f'"{specifier}" is not a version constraint') from error


def _readable(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
