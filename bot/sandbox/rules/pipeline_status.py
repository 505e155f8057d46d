"""A pipeline's status as it follows from those of its jobs."""

from __future__ import annotations

from collections.abc import Iterable

# lib/gitlab/ci/status/composite.rb: the first that matches. Each is (only these occur, status) …
_ONLY = (
    ({"skipped"}, "skipped"),
    ({"success", "skipped"}, "success"),
    ({"created"}, "created"),
    ({"preparing"}, "preparing"),
    ({"canceled", "success", "skipped"}, "canceled"),
    ({"pending", "created", "skipped"}, "pending"),
)
# … and then (one of these occurs, status).
_ANY = (
    ({"running", "pending"}, "running"),
    ({"waiting_for_resource"}, "waiting_for_resource"),
    ({"manual"}, "manual"),
    ({"scheduled"}, "scheduled"),
    ({"preparing"}, "preparing"),
    ({"created"}, "running"),
)


def composite(statuses: Iterable[str]) -> str:
    """The status of a pipeline whose jobs, each in its latest run, have these statuses; at least one."""
    found = set(statuses)
    only = (status for these, status in _ONLY if found <= these)
    some = (status for these, status in _ANY if found & these)
    return next(only, None) or next(some, "failed")
