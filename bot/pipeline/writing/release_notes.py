"""What is new in the versions that a merge request moves to: how far, how old, and what their makers say. Pure."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.changelog.sections import Section, sections
from bot.pipeline.writing.foreign_markdown import harmless
from remediators.api import Versions
from state.model import Change, Release, ReleaseDetails

PER_RELEASE = 3_000
PER_PACKAGE = 8_000
MOST_RELEASES = 15
IN_TOTAL = 40_000
"""Characters. GitLab takes a million; people read less."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is said of one version, as Markdown that can do nothing."""

    version: str
    said: str


@dataclass(frozen=True, slots=True)
class PackageNews:
    """One package. `distance` is such as "2 minor releases", `age` such as "12 days", each "" where it is not known.

    `source` and `compare` are web addresses, "" for none. `cut` is whether something was left out.
    """

    package: str
    before: str
    after: str
    distance: str
    published: datetime | None
    age: str
    source: str
    compare: str
    noted: tuple[Noted, ...] = ()
    cut: bool = False

    @property
    def host(self) -> str:
        """Where its links lead."""
        return urlsplit(self.source).hostname or ""


def news(
    change: Change, releases: Sequence[Release], details: ReleaseDetails | None, versions: Versions, now: datetime
) -> PackageNews:
    """What is known of a move from one version to another; `details` are those of the version that it goes to."""
    known = details or ReleaseDetails()
    release = release_of(change.after, releases, versions)
    published = release.published if release is not None else None
    noted, cut = _noted(known.changelog or "", change, versions)
    return PackageNews(
        package=change.package,
        before=change.before,
        after=change.after,
        distance=distance(change, releases, versions),
        published=published,
        age="" if published is None else age(now - published),
        source=known.source,
        compare=compare(known, change),
        noted=noted,
        cut=cut,
    )


def release_of(version: str, releases: Iterable[Release], versions: Versions) -> Release | None:
    """The release of a version, however that is written."""
    return next((r for r in releases if _same(r.version, version, versions)), None)


def within_limit(told: Iterable[PackageNews]) -> Iterator[PackageNews]:
    """The same, without the notes that there is no room for any more."""
    room = IN_TOTAL
    for each in told:
        room -= sum(len(note.said) for note in each.noted)
        yield (
            each
            if room >= 0
            else PackageNews(
                each.package,
                each.before,
                each.after,
                each.distance,
                each.published,
                each.age,
                each.source,
                each.compare,
            )
        )


def distance(change: Change, releases: Iterable[Release], versions: Versions) -> str:
    """How many releases of the largest step lie between: "1 major release", "3 patch releases"; "" if unknown."""
    if not (versions.valid(change.before) and versions.valid(change.after)):
        return ""
    largest = versions.step(change.before, change.after)
    if not largest:
        return ""
    between = {r.version for r in releases if _between(r.version, change, versions) and not r.yanked}
    passed = [v for v in between if not versions.prerelease(v)] + [change.before, change.after]
    ordered = sorted(passed, key=functools.cmp_to_key(versions.compare))
    steps = [versions.step(one, next_) for one, next_ in itertools.pairwise(ordered)]
    # Below 1.0 a minor step is called major: what was asked for and what is counted are the same.
    count = max(steps.count(largest), 1)
    return f"{count} {largest} release{'' if count == 1 else 's'}"


def age(elapsed: timedelta) -> str:
    """In days, months or years, as people say it; less than a day in hours."""
    for unit, length in (("year", 365), ("month", 30), ("day", 1)):
        if (count := elapsed.days // length) >= (1 if unit != "month" else 3):
            return f"{count} {unit}{'' if count == 1 else 's'}"
    hours = max(int(elapsed.total_seconds() // 3600), 0)
    return f"{hours} hour{'' if hours == 1 else 's'}"


def compare(details: ReleaseDetails, change: Change) -> str:
    """The page that compares two versions, where the forge's form and the names of the tags are known; else ""."""
    host = urlsplit(details.source).hostname or ""
    form = "/-/compare/" if "gitlab" in host else "/compare/" if "github" in host else ""
    if not form or not all(re.fullmatch(r"[\w.+-]{1,60}", v) for v in (change.before, change.after)):
        return ""
    prefix = _tag_prefix(details.changelog or "", change)
    return "" if prefix is None else f"{details.source}{form}{prefix}{change.before}...{prefix}{change.after}"


def _tag_prefix(changelog: str, change: Change) -> str | None:
    """What stands before a version in a tag: as the changelog's own links have it, else as npm makes it."""
    linked = re.search(
        rf"(?:compare/[^\s)]{{0,100}}\.\.\.|tag/|tree/)(v?){re.escape(change.after)}(?![\w.])", changelog
    )
    if linked is not None:
        return linked[1]
    return "v" if change.ecosystem == "npm" and not change.package.startswith("@") else None


def _noted(changelog: str, change: Change, versions: Versions) -> tuple[tuple[Noted, ...], bool]:
    inside = [s for s in sections(changelog, change.package) if _between(s.version, change, versions)]
    order = functools.cmp_to_key(versions.compare)
    ordered = sorted(inside, key=lambda section: order(section.version), reverse=True)
    noted: list[Noted] = []
    room, cut = PER_PACKAGE, len(ordered) > MOST_RELEASES
    for section in ordered[:MOST_RELEASES]:
        said, shortened = _said(section, min(room, PER_RELEASE))
        cut |= shortened
        room -= len(said)
        if said:
            noted.append(Noted(section.version, said))
    return tuple(noted), cut


def _said(section: Section, room: int) -> tuple[str, bool]:
    return harmless(section.body, room) if room > 0 else ("", bool(section.body.strip()))


def _between(version: str, change: Change, versions: Versions) -> bool:
    if not all(versions.valid(v) for v in (version, change.before, change.after)):
        return False
    return versions.compare(change.before, version) < 0 <= versions.compare(change.after, version)


def _same(left: str, right: str, versions: Versions) -> bool:
    return left == right or (versions.valid(left) and versions.valid(right) and versions.compare(left, right) == 0)
