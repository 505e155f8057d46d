"""What a merge request tells of the releases that it brings: asked for once it is to be written, and not before."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline import release_notes
from bot.pipeline.release_notes import PackageNews
from bot.ports import Published, Toolbox
from state.model import Change, Dependency, Release, Remediation

MOST_PACKAGES = 40


@dataclass(frozen=True, slots=True)
class News:
    """`packages` are those that the change set is about."""

    packages: tuple[PackageNews, ...] = ()


NO_NEWS = News()


@dataclass(frozen=True, slots=True)
class Newsroom:
    """One project's. `dependencies` tell which index a package comes from."""

    toolbox: Toolbox
    dependencies: Sequence[Dependency]
    now: Callable[[], datetime]

    def about(self, remediation: Remediation) -> News:
        """What is new in what a change set moves on purpose. Never raises for what cannot be looked up."""
        moves = tuple(itertools.islice(_once(c for c in remediation.changes if c.after), MOST_PACKAGES))
        indexes = {(d.ecosystem, d.package, d.manifest): d.index for d in self.dependencies}
        goals = {c: Published(c.ecosystem, c.package, c.after, indexes.get(_place(c))) for c in moves}
        releases = self._releases(goals.values())
        details = self.toolbox.release_notes.lookup(goals.values(), goals.values())
        told = (
            release_notes.news(
                change,
                releases.get((change.ecosystem, change.package), ()),
                details.get(goals[change]),
                self.toolbox.ecosystems.versions(change.ecosystem),
                self.now(),
            )
            for change in moves
        )
        return News(tuple(release_notes.within_limit(told)))

    def _releases(self, goals: Iterable[Published]) -> Mapping[tuple[str, str], Sequence[Release]]:
        return self.toolbox.releases.lookup({(g.ecosystem, g.package, g.index) for g in goals}).releases


def _place(change: Change) -> tuple[str, str, str]:
    return change.ecosystem, change.package, change.manifest


def _once(changes: Iterable[Change]) -> Iterator[Change]:
    """Each package once, however many manifests name it."""
    seen: set[tuple[str, str, str]] = set()
    for change in changes:
        key = change.ecosystem, change.package, change.after
        if key not in seen:
            seen.add(key)
            yield change
