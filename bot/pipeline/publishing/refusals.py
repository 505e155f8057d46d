"""Say why change sets are not offered, and take back what was offered in their place before."""

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
from bot.pipeline.writing import wording
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
        if excluded and follow.has_open(known):
            known = self._taken_back(known, why.words)
        state = RemediationState.FAILED if reasons.passing(error) else RemediationState.BLOCKED
        subject = Subject(remediation, self.making.concerned(remediation), reason=why.words, left_out=left_out)
        self.offering.refuse(known, subject, state)

    def hold(self, no_way: NoWay, tracked: TrackedRemediation | None) -> None:
        """Have an issue say why a vulnerable package cannot be fixed, and take back what was offered as its fix."""
        remediation = no_way.remediation
        known = follow.taken_up(remediation, tracked, self.publisher.now())
        if known.state is RemediationState.MERGED:
            self.notes.add(known, Did.MERGED)
            return
        said = known.state is RemediationState.BLOCKED and known.reason == no_way.reason
        if not (said and known.remediation == remediation):
            known = self._taken_back(known, no_way.reason)
            subject = Subject(remediation, self.making.concerned(remediation), reason=no_way.reason)
            known = self.publisher.block(replace(known, remediation=remediation), subject, RemediationState.BLOCKED)
        self.notes.add(known, Did.BLOCKED)

    def _taken_back(self, known: TrackedRemediation, reason: str) -> TrackedRemediation:
        """It without its merge request, unless that holds someone else's work and so stays open."""
        why = f"This change does not help any more: {wording.plain(reason)}."
        if known.merge_request is None or not self.publisher.conclusion.take_back(known, why):
            return known
        return replace(known, merge_request=None, merge_request_url=None)
