"""Bring what is tracked of a project in line with what people did in GitLab and with what a scan shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import ForgeError
from bot.pipeline import follow
from bot.pipeline.assess import Assessed
from bot.pipeline.coverage import Coverage
from bot.pipeline.follow import Step
from bot.pipeline.outcome import Notes
from bot.pipeline.planning.plan import SWITCHED_OFF
from bot.pipeline.planning.targets import spot
from bot.pipeline.publishing.publish import Publisher
from bot.pipeline.workplace import Seen
from bot.pipeline.writing.render import Subject
from bot.ports import Forge
from state.model import Failure, Finding, Issue, Kind, Remediation, TrackedRemediation

UNWANTED = "what it offers is not to be taken any more: by the policy, as it was withdrawn, or as an advisory names it"
ELSEWHERE = "another merge request has what it offers"


@dataclass(frozen=True, slots=True)
class CatchUp:
    """One project's. `withdrawn` is why findings are there no more though nothing has moved, by their key."""

    publisher: Publisher
    seen: Seen
    assessed: Assessed
    withdrawn: Mapping[str, str]

    @property
    def present(self) -> Mapping[str, Finding]:
        """The findings of the scan that are to be acted on, by any name."""
        return self.assessed.present

    @property
    def coverage(self) -> Coverage:
        """What the scan could judge."""
        return self.assessed.coverage

    def remediations(self, notes: Notes) -> Mapping[str, TrackedRemediation]:
        """Every tracked remediation by key, as it stands now; what that asks for in GitLab is done and stored."""
        project, store = self.publisher.project, self.publisher.adapters.store
        result: dict[str, TrackedRemediation] = {}
        for before in store.remediations(project.id):
            observed, issue = self._observed(before)
            judged = self.coverage.judges(observed.remediation.findings)
            present, head, now = self.present.keys(), project.head or "", self.publisher.now()
            unwanted, ended = self._unwanted(observed.remediation), self._ended(observed.remediation)
            step = follow.settle(observed, issue, present, judged, head, now, unwanted, ended)
            # What GitLab does not let us do now is asked for again by the next scan.
            after = step.tracked if self._acted(step, notes) else observed
            if after != before:
                store.save_remediation(project.id, after)
                notes.follow(before, after)
            result[after.remediation.key] = after
        return result

    def _ended(self, remediation: Remediation) -> str:
        accepted = {key: reason.words for key, reason in self.assessed.judged.accepted.items()}
        whys = {**self.withdrawn, **accepted}
        return "; ".join({whys[key]: "" for key in remediation.findings if key in whys})

    def _unwanted(self, remediation: Remediation) -> str:
        """Why a change is not planned and does not wait for the fix of a vulnerability in one of its packages, either.

        A fix has its key for as long as its package is vulnerable, whatever is planned for it.
        """
        plan = self.assessed.plan
        if remediation.kind is Kind.VULNERABLE:
            return "" if self.publisher.policy.updates.fixes else SWITCHED_OFF.words
        busy = {(f.ecosystem, f.package) for f in self.present.values() if f.kind is Kind.VULNERABLE}
        if remediation.key in plan.keys or any((c.ecosystem, c.package) in busy for c in remediation.changes):
            return ""
        theirs = {spot(c): other.title for other in plan.remediations for c in other.changes}
        named = next((theirs[spot(c)] for c in remediation.changes if spot(c) in theirs), None)
        return UNWANTED if named is None else f"{ELSEWHERE}: {named}"

    def _acted(self, step: Step, notes: Notes) -> bool:
        if step.action is None:
            return True
        remediation = step.tracked.remediation
        concerned = {f.key: f for f in map(self.present.get, remediation.findings) if f}
        try:
            self.publisher.conclusion.act(step.tracked, step.action, Subject(remediation, tuple(concerned.values())))
        except ForgeError as error:
            if not error.about_one:
                raise
            notes.failed.append(Failure(remediation.key, str(error)))
            return False
        return True

    def _observed(self, before: TrackedRemediation) -> tuple[TrackedRemediation, Issue | None]:
        """A remediation after what was seen of its merge request and its issue, and the issue where it was seen."""
        if before.state in follow.ENDED:
            return before, None
        after = self._after_merge_request(before)
        if after.issue is None or not self.publisher.project.issues_enabled:
            return after, None
        issue = self.seen.issues.get(after.issue)
        if issue is None and self.seen.whole:
            issue = self._forge.issue(self.publisher.project, after.issue)
            return (follow.without_issue(after, self.publisher.now()), None) if issue is None else (after, issue)
        return after, issue

    def _after_merge_request(self, before: TrackedRemediation) -> TrackedRemediation:
        iid, now = before.merge_request, self.publisher.now()
        if iid is None:
            return before
        merge_request = self.seen.merge_requests.get(iid)
        # Missing in the list of all, or about to be given up, perhaps merged since: that is worth a call.
        missing = merge_request is None and self.seen.whole
        judged = self.coverage.judges(before.remediation.findings)
        if missing or follow.given_up(before, self.present.keys(), judged):
            merge_request = self._forge.merge_request(self.publisher.project, iid)
            if merge_request is None:
                return follow.without_merge_request(before, now)
        return follow.observe(before, merge_request, now)

    @property
    def _forge(self) -> Forge:
        return self.publisher.adapters.forge
