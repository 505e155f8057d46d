"""What GitLab has of one remediation, as it was looked up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bot.pipeline.writing import render
from bot.ports import Commit
from state.model import Issue, MergeRequest, MergeRequestState, Remediation


@dataclass(frozen=True, slots=True)
class Standing:
    """What GitLab has of a remediation: the merge requests from its branch, newest first, its issue, its branch."""

    merge_requests: tuple[MergeRequest, ...]
    issue: Issue | None
    tip: Commit | None

    @property
    def opened(self) -> MergeRequest | None:
        """The open merge request."""
        return next((m for m in self.merge_requests if m.state is MergeRequestState.OPENED), None)

    @property
    def taken_over(self) -> bool:
        """Whether the branch holds someone else's work."""
        return self.tip is not None and not self.tip.ours

    def lacks(self, commit: Commit) -> bool:
        """Whether the branch is not at that tree on that base."""
        return self.tip is None or (self.tip.tree, self.tip.parents) != (commit.tree, commit.parents)

    def refused(self, remediations: Sequence[Remediation]) -> MergeRequest | None:
        """The merge request that was closed over all these changes, unless one was opened or merged after it."""
        closed = itertools.takewhile(lambda m: m.state is MergeRequestState.CLOSED, self.merge_requests)
        return next((m for m in closed if all(render.offers(m, remediation) for remediation in remediations)), None)
