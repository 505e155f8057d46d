"""Version order, ranges and Python requirements of the Python ecosystem (PEP 440), as `packaging` reads them."""

from __future__ import annotations

from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_HIGH_PATCH = 99
_MINORS = ((2, 7), *((3, minor) for minor in range(31)))
_PYTHONS = tuple(Version(f"{major}.{minor}.{patch}") for major, minor in _MINORS for patch in (0, _HIGH_PATCH))
"""The Pythons that a platform requirement is tried on: every minor version at its first and a late patch."""


class PypiVersions:
    """`Versions` of PyPI."""

    runs_on = "Python"

    def valid(self, version: str) -> bool:
        """Whether PEP 440 can read `version`."""
        try:
            Version(version)
        except ValueError:
            # InvalidVersion is one; so is what Python says of a number of over 4,300 digits.
            return False
        return True

    def compare(self, left: str, right: str) -> int:
        """-1, 0 or 1. Raises ValueError for a version that is not valid."""
        one, other = Version(left), Version(right)
        return (one > other) - (one < other)

    def satisfies(self, version: str, requirement: str) -> bool:
        """Whether an installer would accept `version` for the specifiers in `requirement` ("" accepts all).

        Raises ValueError for either that cannot be read.
        """
        specifiers = SpecifierSet(requirement)
        named_prerelease = bool(specifiers.prereleases)
        return not len(specifiers) or specifiers.contains(Version(version), prereleases=named_prerelease)

    def readable(self, requirement: str) -> bool:
        """Whether PEP 440 can read all of `requirement`."""
        try:
            SpecifierSet(requirement)
        except ValueError:
            return False
        return True

    def prerelease(self, version: str) -> bool:
        """Whether `version` is an alpha, beta, candidate or development release."""
        return Version(version).is_prerelease

    def step(self, before: str, after: str) -> str:
        """The largest part that differs: "major" (an epoch is one), "minor", "patch", or "" when equal."""
        old, new = Version(before), Version(after)
        if old == new:
            return ""
        if (old.epoch, old.major) != (new.epoch, new.major):
            return "major"
        if old.minor != new.minor:
            return "minor" if old.major else "major"
        return "patch"

    def platform_allows(self, release_requires: str, unit_requires: str) -> bool:
        """Whether a release with this `Requires-Python` runs on every Python that the unit supports.

        A unit without an upper bound promises nothing for Pythons above the release's own: uv and pip
        read it so, and releases that cap (`>=3.9,<3.14`) could never be chosen otherwise. What cannot be
        read constrains nothing, as in pip.
        """
        if not release_requires or not unit_requires:
            return True
        release, unit = pythons(release_requires), pythons(unit_requires)
        if _PYTHONS[-1] in unit:
            newest = max(release, default=_PYTHONS[0])
            unit = frozenset(python for python in unit if python <= newest)
            return bool(unit) and unit <= release
        return unit <= release


@lru_cache(maxsize=1024)
def pythons(requires: str) -> frozenset[Version]:
    """The Pythons, of 2.7 and 3.0 to 3.30, that a `Requires-Python` admits; all for one that cannot be read."""
    try:
        return frozenset(SpecifierSet(requires).filter(_PYTHONS))
    except ValueError:
        return frozenset(_PYTHONS)
