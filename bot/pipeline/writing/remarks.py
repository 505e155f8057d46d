"""What a reviewer should know of the releases that a change set brings in, besides advisories. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.pipeline.writing.release_notes import age
from state.model import Change, Release, ReleaseDetails

_REASON = 160


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release that comes in. `carried` is whether nobody asked for it: others need it.

    `release` and the details are None where they could not be had; `old` are those of the version before.
    """

    change: Change
    version: str
    carried: bool
    release: Release | None
    old: ReleaseDetails | None
    new: ReleaseDetails | None


def remarks(arrivals: Iterable[Arrival], cooldown: timedelta, now: datetime) -> tuple[str, ...]:
    """One sentence each, in words of ours around foreign ones; the same is said once."""
    said = (sentence for arrival in arrivals for sentence in _of_one(arrival, cooldown, now))
    return tuple(dict.fromkeys(said))


def _of_one(arrival: Arrival, cooldown: timedelta, now: datetime) -> Iterator[str]:
    # What was asked for has passed these rules, or asks for approval.
    if arrival.carried and arrival.release is not None:
        yield from _carried(arrival, arrival.release, cooldown, now)
    if arrival.old is not None and arrival.new is not None and arrival.change.before:
        yield from _from_elsewhere(arrival, arrival.old, arrival.new)


def _carried(arrival: Arrival, release: Release, cooldown: timedelta, now: datetime) -> Iterator[str]:
    named = f"carried along: {arrival.change.package} {arrival.version}"
    appeared = release.published or release.first_seen
    if appeared is not None and now - appeared < cooldown:
        days = f"{cooldown / timedelta(days=1):g} day{'' if cooldown == timedelta(days=1) else 's'}"
        yield f"{named} is {age(now - appeared)} old; the cooldown is {days}"
    if release.yanked:
        yield f"{named} was yanked by its makers"
    if release.deprecated:
        yield f"{named} is deprecated: {release.deprecated[:_REASON]}"


def _from_elsewhere(arrival: Arrival, old: ReleaseDetails, new: ReleaseDetails) -> Iterator[str]:
    change = arrival.change
    named = f"{change.package} {arrival.version}"
    if old.attested and new.attested is False:
        yield f"{named} has no proof of where it was built, {change.before} had one"
    known = {*old.maintainers, old.publisher}
    # Where it was built tells more than who pressed the button: a pipeline has an account of its own.
    if new.publisher and old.publisher and new.publisher not in known and not new.attested:
        yield f"{named} was published by {new.publisher}, who had nothing to do with {change.before}"
    if old.maintainers and new.maintainers and not set(old.maintainers) & set(new.maintainers):
        yield f"{named} has none of the maintainers of {change.before}: now {', '.join(new.maintainers[:5])}"
