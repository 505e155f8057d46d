"""How an npm range is rewritten, in its author's style, so that it admits a new version and no longer the old one.

| written               | moved from 1.5.0 to 2.4.1 | why                                                        |
|-----------------------|---------------------------|------------------------------------------------------------|
| `1.5.0`, `=1.5.0`     | `2.4.1`, `=2.4.1`         | a pin follows                                              |
| `^1.2.3`, `~1.5.0`    | `^2.4.1`, `~2.4.1`        | the operator stays                                         |
| `^1.2`, `~1`          | `^2.4`, `~2`              | as many parts as before                                    |
| `1.x`, `1.5.x`, `1`   | `2.x`, `2.4.x`, `2`       | as many parts as before                                    |
| `>=1.2`, `>1.2`       | `>=2.4.1`                 | a floor is raised; a `>` cannot say "from here on"         |
| `>=1.2 <2`            | `>=2.4.1 <3`              | and the next ceiling of the same precision                 |
| `<2`, `<=1.9`         | `>=2.4.1 <3`, `… <=2.4`   | a floor is added                                           |
| `1.2.3 - 1.9.0`       | `2.4.1 - 2.4.1`           | only known to work up to there                             |
| `*`, empty            | `>=2.4.1`                 | when it has to change at all                               |
| `^0.9.0 || ^1.0.0`    | `^2.4.1`                  | what lies below is dropped, what lies above stays          |
| `^1.2` (to 1.2.4)     | `^1.2.4`                  | as many parts as it takes to refuse the old version        |
| `1.x` (to 1.5.4)      | `^1.5.4`                  | the same, in the operator that means it (`1.5.x`: `~`)     |

A peer requirement is a promise to others, so it is widened instead: `^1.0.0` becomes `^1.0.0 || ^2.4.1`.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable

from remediators.versions.npm import LONGEST_RANGE, NpmVersions, bounds, numbers

_COMPARATOR = re.compile(r"(?P<operator>\^|~>?|[<>]=?|=)?(?P<gap>\s*)(?P<v>v?)(?P<version>[\dxX*][^\s]*)")
_HYPHEN = re.compile(r"(?P<before>\s*)(?P<low>\S+)(?P<between>\s+-\s+)(?P<high>\S+)(?P<after>\s*)")
_OR = re.compile(r"\s*\|\|\s*")
_FLOORS = frozenset({">", ">="})
_CEILINGS = frozenset({"<", "<="})
_SAME_AS_PARTS = {0: ">=", 1: "^", 2: "~"}
"""The operator with a whole version that means what that many parts mean (`1.x` is `^1.0.0`)."""
_VERSIONS = NpmVersions()


def rewritten(written: str, before: str, after: str) -> str:
    """The range in the style of `written` that admits `after` and refuses `before`.

    Raises ValueError when there is none, or when `written` cannot be read.
    """
    alternatives = _alternatives(written)
    above = {a for a in alternatives if _lies_above(a, after)}
    below = [a for a in alternatives if a not in above] or alternatives
    here = {a for a in alternatives if _VERSIONS.satisfies(after, a)} or {below[-1]}
    kept = [a for a in alternatives if a in here | above]
    for move in _MOVES:
        text = _separator(written).join(move(a, after) if a in here else a for a in kept)
        if _VERSIONS.satisfies(after, text) and not _VERSIONS.satisfies(before, text):
            return text
    raise ValueError(f"{written!r} cannot be rewritten to take {after} and not {before}")


def widened(written: str, after: str) -> str:
    """The range `written`, and `after` in the style of its last alternative. Raises ValueError for one too long."""
    last = _alternatives(written)[-1].strip()
    added = next(text for move in _MOVES if _VERSIONS.satisfies(after, text := move(last, after)))
    return f"{written.rstrip()}{_separator(written)}{added}"


def _alternatives(written: str) -> list[str]:
    if len(written) > LONGEST_RANGE:
        raise ValueError(f"{written[:80]!r} goes on for {len(written):,} characters, which no range does")
    return _OR.split(written)


def _separator(written: str) -> str:
    found = _OR.search(written)
    return found[0] if found else " || "


def _lies_above(alternative: str, version: str) -> bool:
    edges = bounds(alternative)
    starts_above = bool(edges) and all(_VERSIONS.compare(edge, version) > 0 for edge in edges)
    return starts_above and not _VERSIONS.satisfies(version, alternative)


def _moved(alternative: str, after: str, *, as_written: bool) -> str:
    hyphen = _HYPHEN.fullmatch(alternative)
    if hyphen is not None:
        admits = _VERSIONS.satisfies(after, f"<={hyphen['high']}")
        high = hyphen["high"] if admits else _with_parts(hyphen["high"], after)
        return f"{hyphen['before']}{after}{hyphen['between']}{high}{hyphen['after']}"
    text = _COMPARATOR.sub(lambda found: _comparator(found, after, as_written=as_written), alternative)
    operators = {found["operator"] for found in _COMPARATOR.finditer(alternative)}
    return text if operators - _CEILINGS else f">={after} {text}".rstrip()


def _comparator(found: re.Match[str], after: str, *, as_written: bool) -> str:
    operator, gap, version = found["operator"] or "", found["gap"], found["version"]
    if operator in _FLOORS:
        return f">={gap}{after}"
    if operator in _CEILINGS:
        if _VERSIONS.satisfies(after, found[0]):
            return found[0]
        return operator + gap + (_with_parts(version, after) if operator == "<=" else _ceiling(version, after))
    if as_written:
        return operator + gap + found["v"] + _with_parts(version, after)
    if operator in {"", "="}:
        operator = _SAME_AS_PARTS.get(_parts(version), operator)
    return operator + gap + found["v"] + after


_MOVES: tuple[Callable[[str, str], str], ...] = (
    functools.partial(_moved, as_written=True),
    functools.partial(_moved, as_written=False),
    lambda _, after: f"^{after}",
)
"""From an alternative and the new version to the alternative that takes it, the closest in style first."""


def _parts(version: str) -> int:
    """How many numbers a (partial) version names: 1 in `1.x`."""
    return sum(part.isdigit() for part in version.partition("-")[0].partition("+")[0].split("."))


def _with_parts(version: str, after: str) -> str:
    """The numbers of `after` in place of those in `version`; a whole version becomes `after` itself."""
    if _parts(version) == len(numbers(after)):
        return after
    pairs = zip(version.split("."), numbers(after), strict=False)
    return ".".join(str(number) if part.isdigit() else part for part, number in pairs)


def _ceiling(version: str, after: str) -> str:
    """The next bound above `after` of the same precision: `2.0.0` counts majors, `1.5.0` minors."""
    release, dash, prerelease = version.partition("-")
    written = [int(part) for part in itertools.takewhile(str.isdigit, release.split("."))]
    precision = max((place for place, number in enumerate(written) if number), default=0)
    raised = [*numbers(after)[:precision], numbers(after)[precision] + 1]
    padded = [*raised, *([0] * (len(written) - len(raised)))]
    return ".".join(map(str, padded)) + dash + prerelease
