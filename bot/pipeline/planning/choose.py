"""Which version a package should move to, and why a newer one is held back. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from remediators.api import Versions
from state.model import Dependency, Obstacle, Reason, Release

Hits = Callable[[str], frozenset[str]]
"""The advisory clusters that affect a version of the package at hand."""

Fits = Callable[[str], bool]
"""Whether a version is one of those that are asked for."""


# What a held back release is told for where there are several: what passes by itself or can be decided comes first.
HOPE = (
    Obstacle.COOLDOWN,
    Obstacle.NEEDS_MAJOR,
    Obstacle.HELD_BY_POLICY,
    Obstacle.PLATFORM,
    Obstacle.DEPRECATED,
    Obstacle.YANKED,
    Obstacle.MALICIOUS,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the releases of one package besides its versions.

    `cooldown` is the age that a release must have, by the step that it is; `steps` are those that may be taken.
    `ranges` are the allowed versions, in the ecosystem's own words. `malicious` is whether a version is known to be.
    """

    cooldown: Mapping[str, timedelta]
    steps: frozenset[str]
    ranges: tuple[str, ...] = ()
    malicious: Callable[[str], bool] = lambda version: False


@dataclass(frozen=True, slots=True)
class Held:
    """A release that is newer but not taken, and why."""

    version: str
    why: Reason


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
    rules: Rules,
    now: datetime,
) -> Options:
    """Every release newer than `current`, sorted out."""
    order = functools.cmp_to_key(versions.compare)
    published = tuple(releases)
    newer = sorted(
        (r for r in published if versions.valid(r.version) and versions.compare(r.version, current) > 0),
        key=lambda release: order(release.version),
    )
    # Where what is installed is deprecated itself, as a whole package may be, a newer release is no worse.
    sunk = any(r.deprecated and r.version == current for r in published)
    allowed: list[str] = []
    held: list[Held] = []
    on_prerelease = versions.prerelease(current)
    for release in newer:
        if versions.prerelease(release.version) and not on_prerelease:
            continue
        why = _bad(release, rules, sunk) or _unfit(dependency, current, release, versions, rules)
        why = why or _young(release, rules.cooldown[versions.step(current, release.version) or "patch"], now)
        if why is None:
            allowed.append(release.version)
        else:
            held.append(Held(release.version, why))
    return Options(tuple(allowed), tuple(held))


def _bad(release: Release, rules: Rules, sunk: bool) -> Reason | None:
    """Why nobody should take a release."""
    if rules.malicious(release.version):
        return Reason(Obstacle.MALICIOUS, f"{release.version} is known to be malicious")
    if release.yanked:
        return Reason(Obstacle.YANKED, f"{release.version} was yanked")
    if release.deprecated and not sunk:
        return Reason(Obstacle.DEPRECATED, f"{release.version} is deprecated: {release.deprecated}")
    return None


def _unfit(dependency: Dependency, current: str, release: Release, versions: Versions, rules: Rules) -> Reason | None:
    """Why a release is not for this project."""
    version = release.version
    if not versions.platform_allows(release.requires, dependency.platform):
        needed = f"{versions.runs_on} {release.requires}"
        words = f"{version} needs {needed}; {dependency.manifest} promises {dependency.platform}"
        return Reason(Obstacle.PLATFORM, words)
    for wanted in rules.ranges:
        try:
            fits = versions.satisfies(version, wanted)
        except ValueError:
            words = f"the policy's range {wanted!r} for {dependency.package} cannot be read: mend it"
            return Reason(Obstacle.HELD_BY_POLICY, words)
        if not fits:
            return Reason(Obstacle.HELD_BY_POLICY, f"{version} is outside of what the policy allows: {wanted}")
    step = versions.step(current, version)
    if step and step not in rules.steps:
        kind = Obstacle.NEEDS_MAJOR if step == "major" else Obstacle.HELD_BY_POLICY
        return Reason(kind, f"{version} is a {step} step from {current}, which the policy does not take")
    return None


def _young(release: Release, cooldown: timedelta, now: datetime) -> Reason | None:
    since = release.published or release.first_seen
    if since is None or now - since >= cooldown:
        return None
    age, until = _days((now - since).days), since + cooldown
    words = f"{release.version} is {age} old; the cooldown is {_days(cooldown.days)}"
    return Reason(Obstacle.COOLDOWN, words, until)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def newest(choice: Options, hits: Hits, fits: Fits) -> str | None:
    """The newest allowed version that no advisory hits and that `fits`; None when there is none."""
    return next((v for v in reversed(choice.allowed) if fits(v) and not hits(v)), None)


@dataclass(frozen=True, slots=True)
class Fix:
    """The version to move to, and the clusters that it leaves open (a partial fix).

    `asks` is why a person should approve it: it is younger than the cooldown, and could not wait. `held` is why what
    would fix a cluster that it leaves open is not taken, where there is such a release.
    """

    version: str
    remaining: frozenset[str]
    asks: str = ""
    held: Mapping[str, Reason] = field(default_factory=dict)


def lowest_fix(current: str, choice: Options, hits: Hits, urgent: frozenset[str] = frozenset()) -> Fix | Reason:
    """The lowest allowed version with the fewest vulnerabilities left and none new; a reason when nothing helps.

    Ascending order makes it the one with the fewest major, then minor steps as well. A release within its cooldown
    is taken only for `urgent` clusters that no older one fixes.
    """
    present = hits(current)
    best = _best(choice.allowed, hits, present)
    waiting = urgent & (present if best is None else best.remaining)
    if waiting:
        young = {h.version: h.why for h in choice.held if h.why.kind is Obstacle.COOLDOWN}
        sooner = _best([version for version in young if waiting - hits(version)], hits, present)
        if sooner is not None:
            asks = f"{young[sooner.version].words}; what it fixes cannot wait"
            return replace(sooner, asks=asks, held=_held(sooner.remaining, choice, hits, present))
    if best is None:
        return _no_fix(current, choice, hits, present)
    return replace(best, held=_held(best.remaining, choice, hits, present))


def _best(candidates: Iterable[str], hits: Hits, present: frozenset[str]) -> Fix | None:
    best: Fix | None = None
    for version in candidates:
        left = hits(version)
        if left - present or len(left) >= len(present):
            continue
        if best is None or len(left) < len(best.remaining):
            best = Fix(version, left)
        if not left:
            break
    return best


def _held(left: Iterable[str], choice: Options, hits: Hits, present: frozenset[str]) -> Mapping[str, Reason]:
    """Why what fixes each of these clusters, and brings no other, is held back; without those that nothing fixes."""
    found = {}
    for cluster in left:
        helping = [h.why for h in choice.held if cluster not in (hit := hits(h.version)) and hit <= present]
        if helping:
            found[cluster] = _held_back(helping)
    return found


def _held_back(helping: Iterable[Reason]) -> Reason:
    why = min(helping, key=lambda each: HOPE.index(each.kind))
    return Reason(why.kind, f"a fix exists but is held back: {why.words}", why.until, why.blockers)


def _no_fix(current: str, choice: Options, hits: Hits, present: frozenset[str]) -> Reason:
    helping = [h.why for h in choice.held if _best((h.version,), hits, present)]
    if helping:
        return _held_back(helping)
    if not choice.allowed and not choice.held:
        return Reason(Obstacle.NO_FIXED_VERSION, f"no release newer than {current} exists")
    newest_known = (choice.allowed or tuple(h.version for h in choice.held))[-1]
    words = f"no fixed version: every release after {current} up to {newest_known} is affected as well"
    return Reason(Obstacle.NO_FIXED_VERSION, words)
