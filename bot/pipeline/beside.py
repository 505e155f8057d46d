"""What routine updates leave to the fixes beside them, as two merge requests for one move conflict. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.pipeline.bonds import ExcludedError
from bot.pipeline.targets import Spot, package_of, spot
from remediators.api import Requirer
from state.model import Change, Remediation


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

    def wait(self, update: Remediation) -> str:
        """Why an update of which nothing is left waits."""
        package, fix = next((c.package, self.moves[spot(c)]) for c in update.changes if spot(c) in self.moves)
        return f"waits for the fix of {package_of(fix)}, which moves {package} as well"

    def refusal(self, moved: Iterable[Change]) -> ExcludedError | None:
        """Why an update that moves all this is not offered: a package comes along that a fix is about."""
        along = {change.package: self.about[spot(change)] for change in moved if spot(change) in self.about}
        if not along:
            return None
        blockers = [Requirer(c.package, c.after, "", c.direct) for fix in along.values() for c in fix.changes]
        return ExcludedError(f"moves {' and '.join(along)} as well, whose fix comes first", blockers)
