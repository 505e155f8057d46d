"""Version order, ranges and Node.js requirements of the JavaScript ecosystem, as npm's own semver reads them."""

from __future__ import annotations

import re
from functools import lru_cache

import nodesemver

# npm reads ranges and registry versions in semver's loose mode (`=1.2.3`, `1.2.3beta`).
_LOOSE = True
_LONGEST_VERSION = 256
LONGEST_RANGE = 1_000
"""Characters; the longest that are published have some 300."""
_SPACES = str.maketrans("\t\n\r", "   ")
_LARGEST_NUMBER = 2**53 - 1
_PLAIN = re.compile(r"(?:(?:0|[1-9][0-9]{0,14})\.){2}(?:0|[1-9][0-9]{0,14})")
"""Most of what stands in lockfiles; semver takes a hundred times as long to say so."""
_HIGH = 99
_NODES = tuple(f"{major}.{part}.{part}" for major in range(0, 31, 2) for part in (0, _HIGH))
"""The Node.js versions that a requirement is tried on: every even major, at its first and at a late release.

Odd majors never get long-term support, and releases commonly leave them out (`^18 || ^20 || >=22`): a unit
that says `>=18` does not mean 19.
"""

Precedence = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""A version's place in the order: numbers, then whether it is no prerelease, then the prerelease's parts."""


class NpmVersions:
    """`Versions` of npm."""

    runs_on = "Node.js"

    def valid(self, version: str) -> bool:
        """Whether semver can read `version`."""
        if _PLAIN.fullmatch(version):
            return True
        try:
            _read(version)
        except ValueError:
            return False
        return True

    def compare(self, left: str, right: str) -> int:
        """-1, 0 or 1; build metadata does not count. Raises ValueError for a version that is not valid."""
        one, other = _precedence(left), _precedence(right)
        return (one > other) - (one < other)

    def satisfies(self, version: str, requirement: str) -> bool:
        """Whether npm would accept `version` for the range `requirement` ("" accepts all).

        A prerelease counts only where the range names one of the same major.minor.patch.
        Raises ValueError for a version or range that cannot be read; a dist-tag ("latest") is no range.
        """
        return bool(_range(requirement).test(_read(version)))

    def readable(self, requirement: str) -> bool:
        """Whether semver can read all of `requirement`: in its loose mode it passes over words that are no version."""
        try:
            _range(requirement)
            nodesemver.make_range(" ".join(requirement.split()), loose=False)
        except ValueError:
            return False
        return True

    def prerelease(self, version: str) -> bool:
        """Whether `version` is a prerelease. Raises ValueError for a version that is not valid."""
        return bool(_read(version).prerelease)

    def step(self, before: str, after: str) -> str:
        """The largest part that differs: "major", "minor", "patch" (a prerelease too), or "" when equal."""
        old, new = _precedence(before), _precedence(after)
        if old == new:
            return ""
        if old[0] != new[0]:
            return "major"
        if old[1] != new[1]:
            return "minor" if old[0] else "major"
        return "patch"

    def platform_allows(self, release_requires: str, unit_requires: str) -> bool:
        """Whether a release with this `engines.node` runs on every Node.js that the unit supports.

        A unit without an upper bound promises nothing for majors above the release's own newest: releases
        that cap (`^18 || ^20`) could never be chosen otherwise. What cannot be read constrains nothing.
        """
        if not release_requires or not unit_requires:
            return True
        try:
            release, unit = _range(release_requires), _range(unit_requires)
        except ValueError:
            return True
        supported = [node for node in (*_NODES, *filter(self.valid, bounds(unit_requires))) if unit.test(_read(node))]
        runs = frozenset(node for node in (*_NODES, *supported) if release.test(_read(node)))
        if _NODES[-1] in supported:
            newest = max(map(_precedence, runs), default=_precedence(_NODES[0]))
            supported = [node for node in supported if _precedence(node) <= newest]
            return bool(supported) and runs.issuperset(supported)
        return runs.issuperset(supported)


def numbers(version: str) -> tuple[int, int, int]:
    """Major, minor and patch. Raises ValueError for a version that is not valid."""
    return _precedence(version)[:3]


def bounds(requirement: str) -> tuple[str, ...]:
    """The versions at which a range begins or ends. Raises ValueError for a range that cannot be read."""
    named = (comparator.semver for alternative in _range(requirement).set for comparator in alternative)
    return tuple(dict.fromkeys(str(bound) for bound in named if bound != nodesemver.ANY))


@lru_cache(maxsize=16_384)
def _read(version: str) -> nodesemver.SemVer:
    if len(version) > _LONGEST_VERSION or not version.isascii() or not nodesemver.valid(version, _LOOSE):
        raise ValueError(f"not a semantic version: {version[:_LONGEST_VERSION]!r}")
    read = nodesemver.make_semver(version, _LOOSE)
    if max(read.major, read.minor, read.patch) > _LARGEST_NUMBER:
        raise ValueError(f"not a semantic version, a number is too large: {version!r}")
    return read


@lru_cache(maxsize=16_384)
def _precedence(version: str) -> Precedence:
    read = _read(version)
    # Semantic Versioning 11.4: numbers come before words, and sort as numbers.
    parts = tuple((True, 0, p) if isinstance(p, str) else (False, p, "") for p in read.prerelease)
    return (read.major, read.minor, read.patch, not parts, parts)


@lru_cache(maxsize=4_096)
def _range(requirement: str) -> nodesemver.Range:
    # semver takes seconds over a row of control characters.
    plain = requirement.isascii() and requirement.translate(_SPACES).isprintable()
    if len(requirement) > LONGEST_RANGE or not plain:
        raise ValueError(f"not a range of semantic versions: {requirement[:_LONGEST_VERSION]!r}")
    # Over a run of spaces semver's patterns take time by its cube; npm's own joins them as well (semver 7.5.2).
    return nodesemver.make_range(" ".join(requirement.split()), _LOOSE)
