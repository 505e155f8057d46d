"""Say why change sets are not offered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.pipeline import follow
from bot.pipeline.making import reasons
from bot.pipeline.making.bonds import ExcludedError
from bot.pipeline.making.commits import Making
from bot.pipeline.outcome import Did, Notes
from bot.pipeline.planning.plan import NoWay
from bot.pipeline.planning.targets import package_of
from bot.pipeline.publishing.offer import Offering
from bot.pipeline.publishing.publish import Publisher
from bot.pipeline.writing.render import Subject
from remediators.errors import RemediationError
from state.model import Kind, Rejected, RemediationState, TrackedRemediation


@dataclass(frozen=True, slots=True)
class Refusals:
    """One project's."""

    publisher: Publisher
    making: Making
    offering: Offering
    notes: Notes

    def refuse(self, known: TrackedRemediation, error: RemediationError) -> None:
        """Have the issue say why a change set could not be made."""
        remediation, why = known.remediation, reasons.of(error)
        self.notes.rejected.extend(Rejected(key, why) for key in remediation.findings)
        excluded = isinstance(error, ExcludedError)
        left_out = (package_of(remediation),) if excluded and remediation.kind is Kind.VULNERABLE else ()
        state = RemediationState.FAILED if reasons.passing(error) else RemediationState.BLOCKED
        subject = Subject(remediation, self.making.concerned(remediation), reason=why.words, left_out=left_out)
        self.offering.refuse(known, subject, state)

    def hold(self, no_way: NoWay, tracked: TrackedRemediation | None) -> None:
        """Have an issue say why a vulnerable package cannot be fixed."""
        remediation = no_way.remediation
        known = follow.taken_up(remediation, tracked, self.publisher.now())
        if known.state is RemediationState.MERGED:
            self.notes.add(known, Did.MERGED)
            return
        concerned = self.making.concerned(remediation)
        shown = self.publisher.shown(remediation, concerned)
        said = known.state is RemediationState.BLOCKED and known.reason == no_way.reason and known.shown == shown
        if not (said and known.remediation == remediation):
            subject = Subject(remediation, concerned, reason=no_way.reason)
            known = replace(known, remediation=remediation, shown=shown)
            known = self.publisher.block(known, subject, RemediationState.BLOCKED)
        self.notes.add(known, Did.BLOCKED)
