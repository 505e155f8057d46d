"""Take back routine updates that are in the way of a fix which has its merge request: the fix comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.pipeline import follow
from bot.pipeline.outcome import Did, Notes
from bot.pipeline.planning.beside import Crossed, Fixes
from bot.pipeline.planning.targets import package_of
from bot.pipeline.publishing.conclude import Conclusion
from bot.pipeline.publishing.offer import Alone
from bot.pipeline.publishing.publish import SOMEONE_ELSE
from bot.pipeline.workplace import Workplace
from bot.pipeline.writing import wording
from state.model import Change, Kind, Remediation, RemediationState, TrackedRemediation


@dataclass(frozen=True, slots=True)
class GiveWay:
    """One project's, once its change sets are published. An update that is still due later is then made anew."""

    place: Workplace
    notes: Notes
    alone: Alone

    def all(self) -> None:
        """Close what is in the way, and say which fix took its place; what someone else committed to stays theirs."""
        stored = self.place.run.adapters.store.remediations(self.place.project.id)
        updates = [t for t in stored if _ours_and_open(t) and t.remediation.kind is not Kind.VULNERABLE]
        if not updates:
            return
        fixes = [t for t in stored if follow.has_open(t) and t.remediation.kind is Kind.VULNERABLE]
        offered = Fixes.offered(self._offers(fixes))
        numbers = {t.remediation.key: t.merge_request for t in fixes}
        for update in updates:
            crossed = offered.crossed(update.remediation, self._moved(update))
            if crossed is not None:
                with self.alone(update.remediation):
                    self._make_way(update, crossed, numbers[crossed.fix.key])

    def _offers(self, fixes: Sequence[TrackedRemediation]) -> Iterator[tuple[Remediation, Sequence[Change]]]:
        yield from ((fix.remediation, self._moved(fix)) for fix in fixes)

    def _moved(self, known: TrackedRemediation) -> Sequence[Change]:
        proof = self.place.run.adapters.store.proof(self.place.project.id, known.remediation.key)
        return () if proof is None else proof.changes

    def _make_way(self, update: TrackedRemediation, crossed: Crossed, number: int | None) -> None:
        run, project = self.place.run, self.place.project
        tip = self.place.tip(update.remediation.branch)
        if tip is not None and not tip.ours:
            run.adapters.store.save_remediation(project.id, replace(update, reason=SOMEONE_ELSE))
            return
        fix = f"The fix of {wording.code(package_of(crossed.fix))} (!{number}) takes its place"
        moves = f"as it moves {wording.code(crossed.package)} as well"
        why = f"{fix}, {moves}. This update comes back after it, if it is still due."
        Conclusion(run.adapters.forge, project, self.place.tip).take_back(update, why)
        moved = replace(update, state=RemediationState.PROPOSED, reason=crossed.reason, updated_at=run.now())
        run.adapters.store.save_remediation(project.id, follow.anew(moved))
        self.notes.add(moved, Did.WAITING)


def _ours_and_open(known: TrackedRemediation) -> bool:
    return follow.has_open(known) and known.reason != SOMEONE_ELSE
