"""Which version a package should move to, and why a newer one is held back. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from remediators.api import Versions
from state.model import Dependency, Release

Hits = Callable[[str], frozenset[str]]
"""The advisory clusters that affect a version of the package at hand."""


@dataclass(frozen=True, slots=True)
class Held:
    """A release that is newer but not taken, and why."""

    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Options:
    """Newer releases, ascending: those that may be taken, and those that are held back."""

    allowed: tuple[str, ...]
    held: tuple[Held, ...]


def current_version(dependency: Dependency, releases: Iterable[Release], versions: Versions) -> str | None:
    """The version that is installed: the locked one, else the newest that its requirement admits today.

    None when nothing published satisfies the requirement, or it cannot be read.
    """
    if dependency.version is not None:
        return dependency.version
    try:
        fitting = [
            r.version
            for r in releases
            if not r.yanked and versions.valid(r.version) and versions.satisfies(r.version, dependency.requirement)
        ]
    except ValueError:
        return None
    return max(fitting, key=functools.cmp_to_key(versions.compare), default=None)


def options(
    dependency: Dependency,
    current: str,
    releases: Iterable[Release],
    versions: Versions,
    cooldown: timedelta,
    now: datetime,
) -> Options:
    """Every release newer than `current`, sorted out."""
    order = functools.cmp_to_key(versions.compare)
    newer = sorted(
        (r for r in releases if versions.valid(r.version) and versions.compare(r.version, current) > 0),
        key=lambda release: order(release.version),
    )
    allowed: list[str] = []
    held: list[Held] = []
    on_prerelease = versions.prerelease(current)
    for release in newer:
        if versions.prerelease(release.version) and not on_prerelease:
            continue
        reason = _held_back(dependency, release, versions, cooldown, now)
        if reason is None:
            allowed.append(release.version)
        else:
            held.append(Held(release.version, reason))
    return Options(tuple(allowed), tuple(held))


def _held_back(
    dependency: Dependency, release: Release, versions: Versions, cooldown: timedelta, now: datetime
) -> str | None:
    if release.yanked:
        return f"{release.version} was yanked"
    if not versions.platform_allows(release.requires, dependency.platform):
        return f"{release.version} needs {release.requires}; {dependency.manifest} promises {dependency.platform}"
    if release.published is not None and now - release.published < cooldown:
        age = (now - release.published).days
        return f"{release.version} is {_days(age)} old; the cooldown is {_days(cooldown.days)}"
    return None


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def newest(choice: Options, hits: Hits, fits: Callable[[str], bool]) -> str | None:
    """The newest allowed version that no advisory hits and that `fits`; None when there is none."""
    return next((v for v in reversed(choice.allowed) if fits(v) and not hits(v)), None)


@dataclass(frozen=True, slots=True)
class Fix:
    """The version to move to, and the clusters that it leaves open (a partial fix)."""

    version: str
    remaining: frozenset[str]


def lowest_fix(current: str, choice: Options, hits: Hits) -> Fix | str:
    """The lowest allowed version with the fewest vulnerabilities left and none new; a reason when nothing helps."""
    present = hits(current)
    best: Fix | None = None
    for version in choice.allowed:
        left = hits(version)
        if left - present or len(left) >= len(present):
            continue
        if best is None or len(left) < len(best.remaining):
            best = Fix(version, left)
        if not left:
            break
    return best or _no_fix(current, choice, hits, present)


def _no_fix(current: str, choice: Options, hits: Hits, present: frozenset[str]) -> str:
    held = next((h for h in choice.held if not hits(h.version) & present), None)
    if held is not None:
        return f"a fix exists but is held back: {held.reason}"
    if not choice.allowed and not choice.held:
        return f"no release newer than {current} exists"
    newest_known = (choice.allowed or tuple(h.version for h in choice.held))[-1]
    return f"no fixed version: every release after {current} up to {newest_known} is affected as well"
