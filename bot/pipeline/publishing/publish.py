"""Make GitLab show a remediation: issue, branch and merge request, each found before it is created."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import marks
from bot.pipeline import follow
from bot.pipeline.planning import targets
from bot.pipeline.planning.targets import unique
from bot.pipeline.publishing.conclude import Conclusion, Tip, disown
from bot.pipeline.publishing.shown import shown
from bot.pipeline.publishing.standing import Standing
from bot.pipeline.writing import render, wording
from bot.pipeline.writing.news import News
from bot.pipeline.writing.render import Subject
from bot.policy.model import Policy
from bot.ports import Adapters, Checkout, Commit
from state.model import (
    Change,
    Finding,
    Issue,
    IssueState,
    MergeRequest,
    Project,
    Remediation,
    RemediationState,
    TrackedRemediation,
)

SOMEONE_ELSE = "someone else committed to its branch"
"""Why the bot leaves an open merge request alone."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes one project's remediations to GitLab and to the store, step by step: a crash after any step is mended."""

    adapters: Adapters
    project: Project
    policy: Policy
    now: Callable[[], datetime]
    approvals: Mapping[str, str]
    news: Callable[[Remediation, Sequence[Change]], News]
    tip: Tip

    @property
    def conclusion(self) -> Conclusion:
        """What ends remediations of the project."""
        return Conclusion(self.adapters.forge, self.project, self.tip)

    def shown(self, remediation: Remediation, findings: Sequence[Finding]) -> str:
        """A digest of what its issue and merge request show besides the changes."""
        wants_issue = self.project.issues_enabled and self._wants_issue(Subject(remediation, tuple(findings)))
        return shown(findings, remediation.key in self.approvals, wants_issue)

    def look(self, tracked: TrackedRemediation, remediation: Remediation, checkout: Checkout) -> Standing:
        """What GitLab has of a remediation. Reads only, so several may be looked up side by side."""
        requests = self.adapters.forge.merge_requests(self.project, remediation.branch)
        issue = self._find_issue(tracked, remediation.key)
        return Standing(requests, issue, checkout.branch(remediation.branch))

    def refuse(self, tracked: TrackedRemediation, refused: MergeRequest) -> TrackedRemediation:
        """A change set as it stands once a person said no to just these changes by closing that merge request."""
        return self._save(tracked, RemediationState.REJECTED, f"!{refused.iid} was closed without merging", refused)

    def open(
        self,
        tracked: TrackedRemediation,
        subject: Subject,
        standing: Standing,
        checkout: Checkout,
        commit: Commit,
        news: Callable[[], News],
    ) -> tuple[TrackedRemediation, bool]:
        """Branch and merge request of a change set that has its issue; a branch that others took over is left alone.

        Second is whether either of them was written. `news` is asked where a merge request is written.
        """
        if standing.taken_over:
            return self._leave(tracked, subject, standing.opened), False
        tip, behind = commit, standing.lacks(commit)
        if behind:
            checkout.push(commit, subject.remediation.branch, None if standing.tip is None else standing.tip.sha)
        elif standing.tip is not None:
            tip = standing.tip
        tracked = replace(tracked, commit=tip.sha, base=checkout.head)
        merge_request, whole = self._ensure_merge_request(standing.opened, subject, tracked, news)
        later = follow.notes_later(tracked, whole, self.now())
        written = behind or merge_request is not standing.opened
        return self._save(later, RemediationState.MR_OPEN, "", merge_request), written

    def join(self, tracked: TrackedRemediation, standing: Standing, leader: TrackedRemediation) -> TrackedRemediation:
        """A fix that is in the merge request of another, as that stands; an open one of its own is closed."""
        number = leader.merge_request
        if number is not None and standing.opened is not None and standing.opened.iid != number:
            why = f"This fix is part of !{number} now, as it cannot stand apart from what that fixes."
            self.conclusion.take_back(tracked, why)
        reason = leader.reason or targets.joined_to(leader.remediation)
        joined = replace(tracked, commit=leader.commit, base=leader.base, state=leader.state, reason=reason)
        joined = replace(joined, retry_at=leader.retry_at, tries=leader.tries)
        linked = replace(
            joined, merge_request=number, merge_request_url=leader.merge_request_url, updated_at=self.now()
        )
        self.adapters.store.save_remediation(self.project.id, linked)
        return linked

    def part(self, merge_request: int | None, keys: Collection[str]) -> None:
        """Have a merge request stand for these change sets only; others that were in it are on their own again."""
        store = self.adapters.store
        for tracked in store.remediations(self.project.id) if merge_request is not None else ():
            if tracked.merge_request == merge_request and tracked.remediation.key not in keys:
                store.save_remediation(self.project.id, follow.parted(tracked, self.now()))

    def block(self, tracked: TrackedRemediation, subject: Subject, state: RemediationState) -> TrackedRemediation:
        """A change set that cannot be made now: what offered it is taken back, and the issue says why.

        What only failed may still be made: its merge request stays. No routine update gets an issue for this alone.
        """
        if state is RemediationState.BLOCKED:
            tracked = self._taken_back(tracked, subject.reason)
        if any(f.advisories for f in subject.findings) or tracked.issue is not None:
            issue = self._find_issue(tracked, subject.remediation.key)
            tracked = self.ensure_issue(tracked, subject, issue)
        return self._save(tracked, state, subject.reason, None)

    def _taken_back(self, tracked: TrackedRemediation, reason: str) -> TrackedRemediation:
        """It without its merge request, unless that holds someone else's work and so stays open, told why once."""
        told = tracked.state is RemediationState.BLOCKED and tracked.reason == reason
        if told or (tracked.state is RemediationState.BLOCKED and tracked.merge_request is None):
            return tracked
        why = f"This change is not offered any more: {wording.plain(reason.rstrip('.'))}."
        # By its branch: a crash, or a lost database, may have kept us from knowing its number.
        if not self.conclusion.take_back(tracked, why):
            return tracked
        return replace(tracked, merge_request=None, merge_request_url=None)

    def ensure_issue(self, tracked: TrackedRemediation, subject: Subject, issue: Issue | None) -> TrackedRemediation:
        """The tracked issue, the one that was found or a new one, showing what is known now. Saved with its link."""
        if not (self.project.issues_enabled and self._wants_issue(subject)):
            return tracked
        forge = self.adapters.forge
        draft = render.issue(subject, self.policy.labels)
        if issue is None:
            issue = forge.create_issue(self.project, draft)
        elif issue.title != draft.title or not render.same(issue.description, draft.description):
            issue = forge.update_issue(self.project, issue.iid, draft)
        if issue.state is IssueState.CLOSED and tracked.issue_closes == 0:
            head = self.project.head or ""
            marker = f"{marks.key(subject.remediation.key)}-again-{head}"
            body = render.note("there_again", marker, head=head, findings=subject.findings)
            forge.comment_issue(self.project, issue.iid, body, marker)
            issue = forge.set_issue_open(self.project, issue.iid, opened=True)
        linked = replace(tracked, issue=issue.iid, issue_url=issue.web_url)
        self.adapters.store.save_remediation(self.project.id, linked)
        return linked

    def _wants_issue(self, subject: Subject) -> bool:
        security = any(f.advisories for f in subject.findings)
        return self.policy.issues == "always" or (self.policy.issues == "vulnerable" and security)

    def _find_issue(self, tracked: TrackedRemediation, key: str) -> Issue | None:
        if not self.project.issues_enabled:
            return None
        if tracked.issue is not None and (issue := self.adapters.forge.issue(self.project, tracked.issue)) is not None:
            return issue
        return next(iter(self.adapters.forge.issues(self.project, marks.key(key))), None)

    def _leave(
        self, tracked: TrackedRemediation, subject: Subject, existing: MergeRequest | None
    ) -> TrackedRemediation:
        branch = subject.remediation.branch
        if existing is None:
            reason = f"the branch {branch} holds someone else's commit; delete it to have the fix made"
            return self._save(tracked, RemediationState.BLOCKED, reason, None)
        marker = f"{marks.key(subject.remediation.key)}-foreign"
        body = render.note("foreign_commit", marker, branch=branch)
        disown(self.adapters.forge, self.project, existing)
        self.adapters.forge.comment_merge_request(self.project, existing.iid, body, marker)
        return self._save(tracked, RemediationState.MR_OPEN, SOMEONE_ELSE, existing)

    def _ensure_merge_request(
        self, existing: MergeRequest | None, subject: Subject, tracked: TrackedRemediation, news: Callable[[], News]
    ) -> tuple[MergeRequest, bool]:
        """The merge request, and whether it has all that is to be told of its releases."""
        keys = (subject.remediation.key, *(joined.remediation.key for joined in subject.joined))
        asking = replace(subject, asks="; ".join(unique(self.approvals[key] for key in keys if key in self.approvals)))
        drawn = render.merge_request(asking, tracked.issue, self.policy.labels)
        draft = replace(drawn, title=_gated(drawn.title, asking, existing), reviewers=self.policy.reviewers)
        same = (
            existing is not None
            and (existing.title, existing.target_branch) == (draft.title, draft.target_branch)
            and render.same(existing.description, draft.description)
        )
        if existing is not None and same and tracked.retry_at is None:
            return existing, True
        said = news()
        if existing is not None and same and not said.whole:
            return existing, False
        told = render.merge_request(asking, tracked.issue, self.policy.labels, said)
        draft = replace(draft, description=told.description)
        if existing is None:
            return self.adapters.forge.create_merge_request(self.project, draft), said.whole
        return self.adapters.forge.update_merge_request(self.project, existing.iid, draft), said.whole

    def _save(
        self, tracked: TrackedRemediation, state: RemediationState, reason: str, merge_request: MergeRequest | None
    ) -> TrackedRemediation:
        saved = replace(tracked, state=state, reason=reason, updated_at=self.now())
        if merge_request is not None:
            saved = replace(saved, merge_request=merge_request.iid, merge_request_url=merge_request.web_url)
        self.adapters.store.save_remediation(self.project.id, saved)
        return saved


def _gated(title: str, subject: Subject, existing: MergeRequest | None) -> str:
    """The title: that of a draft where a person is to approve, until one has marked just these changes as ready."""
    planned = (subject.remediation, *(joined.remediation for joined in subject.joined))
    approved = (
        existing is not None
        and marks.ASKING in marks.of(existing.description)
        and all(render.offers(existing, remediation) for remediation in planned)
        and not wording.is_draft(existing.title)
    )
    return wording.as_draft(title) if subject.asks and not approved else title
