"""Every story."""

from __future__ import annotations

from tests.sandbox.conformity.stories import (
    accounts,
    groups,
    hooks,
    issues,
    merge_requests,
    noteables,
    projects,
    refusals,
    repository,
)

STORIES = (
    *accounts.STORIES,
    *groups.STORIES,
    *projects.STORIES,
    *hooks.STORIES,
    *repository.STORIES,
    *noteables.STORIES,
    *issues.STORIES,
    *merge_requests.STORIES,
    *refusals.STORIES,
)
