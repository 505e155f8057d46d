"""What a merge request tells of the releases that it brings: asked for once it is to be written, and not before."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline.writing import release_notes
from bot.pipeline.writing.release_notes import PackageNews
from bot.pipeline.writing.remarks import Arrival, remarks
from bot.policy.model import Cooldown
from bot.ports import Published, Toolbox
from remediators.api import Versions
from state.model import Change, Dependency, Kind, Release, ReleaseDetails, Remediation

MOST_PACKAGES = 40
MOST_CARRIED = 60
"""Packages that are looked up for one merge request; lockfiles that move more are told of without."""


@dataclass(frozen=True, slots=True)
class News:
    """`packages` are those that the change set is about; `remarks` are about all that it brings in.

    `whole` is whether everything that was asked for could be had.
    """

    packages: tuple[PackageNews, ...] = ()
    remarks: tuple[str, ...] = ()
    whole: bool = True


NO_NEWS = News()


@dataclass(frozen=True, slots=True)
class _Known:
    releases: Mapping[tuple[str, str], Sequence[Release]]
    details: Mapping[Published, ReleaseDetails]


@dataclass(frozen=True, slots=True)
class Newsroom:
    """One project's. `dependencies` tell which index a package comes from."""

    toolbox: Toolbox
    dependencies: Sequence[Dependency]
    cooldown: Cooldown
    now: Callable[[], datetime]

    def about(self, remediation: Remediation, carried: Sequence[Change]) -> News:
        """What is new in what a change set moves on purpose, and what is to be said of the rest that it moves.

        Never raises for what cannot be looked up.
        """
        planned = tuple(itertools.islice(_once(c for c in remediation.changes if c.after), MOST_PACKAGES))
        along = tuple(itertools.islice(_once(carried), MOST_CARRIED))
        known = self._known(planned, along)
        told = (self._news(change, known) for change in planned)
        arrivals = itertools.chain(self._arrivals(planned, False, known), self._arrivals(along, True, known))
        kind = "security" if remediation.kind is Kind.VULNERABLE else "minor"
        said = remarks(arrivals, self.cooldown.of(kind), self.now())
        goals = (published for change in planned for published in self._came(change))
        whole = all((details := known.details.get(goal)) and details.changelog is not None for goal in goals)
        return News(tuple(release_notes.within_limit(told)), said, whole)

    def _known(self, planned: Iterable[Change], along: Iterable[Change]) -> _Known:
        goals = {published for change in planned for published in self._came(change)}
        others = {published for change in along for published in self._came(change)}
        before = {published for change in (*planned, *along) for published in self._went(change)}
        asked = {(p.ecosystem, p.package, p.index) for p in goals | others}
        releases = self.toolbox.releases.lookup(asked).releases
        return _Known(releases, self.toolbox.release_notes.lookup(goals | others | before, goals))

    def _news(self, change: Change, known: _Known) -> PackageNews:
        goal = next(self._came(change), None)
        return release_notes.news(
            change,
            known.releases.get((change.ecosystem, change.package), ()),
            None if goal is None else known.details.get(goal),
            self._versions(change),
            self.now(),
        )

    def _arrivals(self, changes: Iterable[Change], carried: bool, known: _Known) -> Iterator[Arrival]:
        for change in changes:
            releases = known.releases.get((change.ecosystem, change.package), ())
            before = next(self._went(change), None)
            old = None if before is None else known.details.get(before)
            for came in self._came(change):
                release = release_notes.release_of(came.version, releases, self._versions(change))
                yield Arrival(change, came.version, carried, release, old, known.details.get(came))

    def _came(self, change: Change) -> Iterator[Published]:
        """Several versions where copies differ; none where a package goes."""
        return self._published(change, change.after.split())

    def _went(self, change: Change) -> Iterator[Published]:
        """The one version to compare with, where there is just one."""
        versions = change.before.split()
        return self._published(change, versions if len(versions) == 1 else ())

    def _published(self, change: Change, versions: Iterable[str]) -> Iterator[Published]:
        places = ((d.index for d in self.dependencies if _place(d) == _place(change)), (None,))
        index = next(itertools.chain(*places))
        return (Published(change.ecosystem, change.package, version, index) for version in versions)

    def _versions(self, change: Change) -> Versions:
        return self.toolbox.ecosystems.versions(change.ecosystem)


def _place(it: Change | Dependency) -> tuple[str, str, str]:
    return it.ecosystem, it.package, it.manifest


def _once(changes: Iterable[Change]) -> Iterator[Change]:
    """Each move once, however many manifests have it."""
    seen: set[tuple[str, str, str, str]] = set()
    for change in changes:
        key = change.ecosystem, change.package, change.before, change.after
        if key not in seen:
            seen.add(key)
            yield change
