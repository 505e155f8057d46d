"""Conclude a remediation in GitLab: close its merge request and its issue, or reopen an issue, and say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot import marks
from bot.pipeline.follow import Action
from bot.pipeline.writing import render, wording
from bot.pipeline.writing.render import Subject
from bot.ports import Commit, Forge, MergeRequestDraft
from state.model import IssueState, MergeRequest, MergeRequestState, Project, TrackedRemediation

Tip = Callable[[str], Commit | None]
"""The tip of a branch in GitLab as it is now, None when there is none. Raises CheckoutError."""

# An exception's reason has this many characters.
LONGEST = 1_100
THEIRS = "Someone else committed to its branch, so it stays open."


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Concludes remediations of one project after a scan of its head; what a crash left half done is done once."""

    forge: Forge
    project: Project
    tip: Tip

    @property
    def head(self) -> str:
        """The commit that was scanned."""
        return self.project.head or ""

    def act(self, tracked: TrackedRemediation, action: Action, subject: Subject) -> None:
        """Do what following asks for, and do nothing where it was done before a crash."""
        match action:
            case Action.REOPEN_ISSUE:
                self._reopen_issue(tracked, subject)
            case Action.CLOSE_ISSUE:
                self._close_issue(tracked)
            case Action.CLOSE_BOTH:
                self.take_back(tracked, _sentence(tracked.reason))
                self._close_issue(tracked)

    def take_back(self, tracked: TrackedRemediation, why: str) -> bool:
        """Close what is open from the branch, also what a crash kept us from noting; others' work stays open.

        Whether nothing is open any more.
        """
        left = False
        for merge_request in self.forge.merge_requests(self.project, tracked.remediation.branch):
            if merge_request.state is not MergeRequestState.OPENED:
                continue
            theirs = self._taken_over(tracked, merge_request)
            left = left or theirs
            marker = self._marker(tracked, "gone")
            body = render.note("gone", marker, head=self.head, what=f"{why} {THEIRS}" if theirs else why)
            self.forge.comment_merge_request(self.project, merge_request.iid, body, marker)
            disown(self.forge, self.project, merge_request)
            if not theirs:
                self.forge.close_merge_request(self.project, merge_request.iid)
        return not left

    def _taken_over(self, tracked: TrackedRemediation, merge_request: MergeRequest) -> bool:
        """Whether the branch holds someone else's work. Where it moved, its tip tells: GitLab may have rebased it."""
        if tracked.commit and merge_request.sha == tracked.commit:
            return False
        tip = self.tip(merge_request.source_branch)
        return tip is not None and not tip.ours

    def _reopen_issue(self, tracked: TrackedRemediation, subject: Subject) -> None:
        if tracked.issue is not None:
            marker = self._marker(tracked, "reopened")
            body = render.note("still_there", marker, head=self.head, findings=subject.findings)
            self.forge.comment_issue(self.project, tracked.issue, body, marker)
            self.forge.set_issue_open(self.project, tracked.issue, opened=True)

    def _close_issue(self, tracked: TrackedRemediation) -> None:
        issue = None if tracked.issue is None else self.forge.issue(self.project, tracked.issue)
        if issue is None or issue.state is IssueState.CLOSED:
            return
        marker = self._marker(tracked, "gone")
        body = render.note("gone", marker, head=self.head, what=_sentence(tracked.reason))
        self.forge.comment_issue(self.project, issue.iid, body, marker)
        self.forge.set_issue_open(self.project, issue.iid, opened=False)

    def _marker(self, tracked: TrackedRemediation, what: str) -> str:
        return f"{marks.key(tracked.remediation.key)}-{what}-{self.head}"


def _sentence(reason: str) -> str:
    return f"{wording.plain(f'{reason[:1].upper()}{reason[1:]}'.rstrip('.'), LONGEST)}."


def disown(forge: Forge, project: Project, merge_request: MergeRequest) -> None:
    """Have the closing of a merge request from now on say nothing about its changes: it is no refusal."""
    description = marks.without_changes(merge_request.description)
    if description == merge_request.description:
        return
    draft = MergeRequestDraft(
        merge_request.title,
        description,
        merge_request.labels,
        merge_request.source_branch,
        merge_request.target_branch,
    )
    forge.update_merge_request(project, merge_request.iid, draft)
