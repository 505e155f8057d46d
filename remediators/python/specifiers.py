"""How a version specifier of PEP 440 is rewritten, in its author's style, so that it admits a fix.

| written   | moved from 1.5.0 to 2.4.1 | why                                                             |
|-----------|---------------------------|-----------------------------------------------------------------|
| `==1.5.0` | `==2.4.1`                 | a pin follows; `===` does too                                   |
| `==1.*`   | `==2.*`                   | as many parts as before                                         |
| `~=1.5`   | `~=2.4`                   | as many parts as before                                         |
| `>=1.2`   | `>=2.4.1`                 | it still admits 1.5.0                                           |
| `>1.2`    | `>=2.4.1`                 | a `>` cannot say "from here on"                                 |
| `<2`      | `<3,>=2.4.1`              | the next bound of the same precision (`<2.0` becomes `<3.0`)    |
| `<=1.9`   | `<=2.4.1,>=2.4.1`         | only known to work up to there                                  |
| `!=2.4.1` | refused                   | a person excluded that version                                  |
| (nothing) | `>=2.4.1`                 | it still admits 1.5.0                                           |

First every clause that refuses the new version moves; then, if the whole still admits the old one, its
floor is raised, and added where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from remediators.versions.pypi import PypiVersions

_CLAUSE = re.compile(r"(?P<operator>===|~=|==|!=|<=|>=|<|>)(?P<gap>\s*)(?P<version>[^\s,]+)")
_RELEASE = re.compile(r"v?(?:\d+!)?\d+(?:\.\d+)*")
_VERSIONS = PypiVersions()


@dataclass(frozen=True, slots=True)
class _Clause:
    operator: str
    gap: str
    version: str

    def __str__(self) -> str:
        return f"{self.operator}{self.gap}{self.version}"


def pinned(specifier: str) -> str | None:
    """The one version that `specifier` allows by `==` or `===`, as written; None for a range."""
    for match in _CLAUSE.finditer(specifier):
        if match["operator"] in {"==", "==="} and not match["version"].endswith(".*"):
            return match["version"]
    return None


def rewritten(specifiers: Sequence[str], before: str, after: str, *, locked: bool) -> Mapping[int, str]:
    """The specifiers of one package that must change, by their place in `specifiers`.

    Those that admit `before` are where it came from; when none does, every range is. Of these, the ones
    that refuse `after` change, and without a lockfile also the ones that would still admit `before`.
    Raises ValueError, with the reason, for one that cannot be moved.
    """
    from_here = [place for place, text in enumerate(specifiers) if _admits(text, before)]
    ranges = [place for place, text in enumerate(specifiers) if pinned(text) is None]
    return {
        place: raised(specifiers[place], before, after)
        for place in from_here or ranges
        if not _VERSIONS.satisfies(after, specifiers[place]) or (from_here and not locked)
    }


def raised(specifier: str, before: str, after: str) -> str:
    """`specifier` changed as little as possible to admit `after` and to refuse `before`.

    Spaces and the order of clauses stay. Raises ValueError, with the reason, when that is impossible.
    """
    new = Version(after)
    moved = _each_clause(specifier, lambda clause: _moved(clause, new))
    if _admits(moved, before):
        moved = _each_clause(moved, lambda clause: _FLOORS.get(clause.operator, _same)(clause, new))
    if _admits(moved, before):
        moved = _with_floor(moved, new)
    if _admits(moved, before) or not _VERSIONS.satisfies(after, moved):
        raise ValueError(f'"{specifier}" cannot be rewritten to admit {after} and refuse {before}')
    return moved


def _admits(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _each_clause(specifier: str, change: Callable[[_Clause], _Clause]) -> str:
    return _CLAUSE.sub(lambda match: str(change(_Clause(match["operator"], match["gap"], match["version"]))), specifier)


def _moved(clause: _Clause, new: Version) -> _Clause:
    if _admits(str(clause), str(new)):
        return clause
    return _MOVES.get(clause.operator, _same)(clause, new)


def _same(clause: _Clause, new: Version) -> _Clause:
    return clause


def _equal(clause: _Clause, new: Version) -> _Clause:
    if not clause.version.endswith(".*"):
        return replace(clause, version=str(new))
    parts = len(Version(clause.version.removesuffix(".*")).release)
    return replace(clause, version=f"{_release(new, parts)}.*")


def _compatible(clause: _Clause, new: Version) -> _Clause:
    parts = len(Version(clause.version).release)
    floor = _release(new, parts)
    return replace(clause, version=new.public if Version(floor) > new else floor)


def _at_least(clause: _Clause, new: Version) -> _Clause:
    """A floor never comes down: one that is above the new version stays, and the whole is refused."""
    if Version(clause.version) > new:
        return clause
    return replace(clause, operator=">=", version=new.public)


def _at_most(clause: _Clause, new: Version) -> _Clause:
    return replace(clause, version=new.public)


def _below(clause: _Clause, new: Version) -> _Clause:
    """The next bound of the same precision; what follows the numbers (`<2.0.dev0`) stays."""
    bound = Version(clause.version)
    significant = max((place for place, part in enumerate(bound.release) if part), default=0)
    *kept, last = _numbers(new, significant + 1)
    padding = [0] * (len(bound.release) - significant - 1)
    suffix = _RELEASE.sub("", clause.version, count=1)
    return replace(clause, version=_written(new.epoch, (*kept, last + 1, *padding)) + suffix)


def _with_floor(specifier: str, new: Version) -> str:
    clauses = list(_CLAUSE.finditer(specifier))
    if not clauses:
        return f">={new.public}"
    between = specifier[clauses[0].end() : clauses[1].start()] if len(clauses) > 1 else ","
    return f"{specifier[: clauses[-1].end()]}{between}>={clauses[0]['gap']}{new.public}"


def _release(version: Version, parts: int) -> str:
    return _written(version.epoch, _numbers(version, parts))


def _numbers(version: Version, parts: int) -> tuple[int, ...]:
    return (*version.release, *[0] * parts)[:parts]


def _written(epoch: int, numbers: Iterable[int]) -> str:
    return (f"{epoch}!" if epoch else "") + ".".join(map(str, numbers))


_MOVES: Mapping[str, Callable[[_Clause, Version], _Clause]] = {
    "==": _equal,
    "===": _equal,
    "~=": _compatible,
    ">": _at_least,
    "<": _below,
    "<=": _at_most,
}
_FLOORS: Mapping[str, Callable[[_Clause, Version], _Clause]] = {">=": _at_least, ">": _at_least, "~=": _compatible}
