"""What routine updates leave to the fixes beside them, as two merge requests for one move conflict. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.pipeline.making.bonds import ExcludedError
from bot.pipeline.planning.targets import Spot, package_of, spot
from remediators.errors import Requirer
from state.model import Change, Remediation


@dataclass(frozen=True, slots=True)
class Crossed:
    """A fix that is offered, and a package for which an update is in its way."""

    fix: Remediation
    package: str

    @property
    def reason(self) -> str:
        """Why the update waits."""
        own = package_of(self.fix)
        return f"waits for the fix of {own}" + ("" if self.package == own else f", which moves {self.package} as well")


@dataclass(frozen=True, slots=True)
class Fixes:
    """The fixes that are offered: which is `about` a package and which `moves` one, each by where that stands."""

    about: Mapping[Spot, Remediation]
    moves: Mapping[Spot, Remediation]

    @classmethod
    def offered(cls, fixes: Iterable[tuple[Remediation, Collection[Change]]]) -> Fixes:
        """Of these plans, with all that each moves."""
        about: dict[Spot, Remediation] = {}
        moves: dict[Spot, Remediation] = {}
        for planned, moved in fixes:
            about.update((spot(change), planned) for change in planned.changes)
            moves.update((spot(change), planned) for change in (*planned.changes, *moved))
        return cls(about, moves)

    def crossed(self, update: Remediation, along: Iterable[Change] = ()) -> Crossed | None:
        """What an update moves, or moves `along`, that a fix moves or is about."""
        planned = (Crossed(self.moves[spot(c)], c.package) for c in update.changes if spot(c) in self.moves)
        carried = (Crossed(self.about[spot(c)], c.package) for c in along if spot(c) in self.about)
        return next(itertools.chain(planned, carried), None)

    def refusal(self, moved: Iterable[Change]) -> ExcludedError | None:
        """Why an update that moves all this is not offered: a package comes along that a fix is about."""
        along = {change.package: self.about[spot(change)] for change in moved if spot(change) in self.about}
        if not along:
            return None
        blockers = [Requirer(c.package, c.after, "", c.direct) for fix in along.values() for c in fix.changes]
        return ExcludedError(f"moves {' and '.join(along)} as well, whose fix comes first", blockers)
