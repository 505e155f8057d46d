"""What changed in GitLab of our own work since the last look, how far that was read, and who has to be read again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.pipeline.workplace import Run, Seen
from state.model import Issue, MergeRequest, Project

# A change may become visible after a later one: transactions end out of order, and replicas lag.
OVERLAP = timedelta(minutes=5)

# What was deleted, or opened by the user of an earlier token, is in no list: reading everything tells by its absence.
WHOLE_EVERY = timedelta(days=1)

UNREAD = "projects to read again"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was read, by project id, and the marks to set once it is taken in. `whole` is whether that is all of it."""

    seen: Mapping[int, Seen] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False

    def of(self, project: Project) -> Seen:
        """What was seen of one project."""
        return self.seen.get(project.id, Seen(whole=self.whole))


def look(run: Run, project: Project | None) -> Sighting:
    """What changed of our own issues and merge requests since the last look: two calls, for a whole fleet as for one.

    Issues come first: when a merge closes one, the merge request is seen merged. Raises ForgeError.
    """
    marks = _Marks(run, "fleet" if project is None else str(project.id))
    forge = run.adapters.forge
    issues: dict[int, dict[int, Issue]] = {}
    merge_requests: dict[int, dict[int, MergeRequest]] = {}
    for project_id, issue in forge.own_issues(marks.since("issues"), project):
        issues.setdefault(project_id, {})[issue.iid] = issue
        marks.saw("issues", issue.updated_at)
    for project_id, merge_request in forge.own_merge_requests(marks.since("merge requests"), project):
        merge_requests.setdefault(project_id, {})[merge_request.iid] = merge_request
        marks.saw("merge requests", merge_request.updated_at)
    ids = merge_requests.keys() | issues.keys()
    seen = {i: Seen(merge_requests.get(i, {}), issues.get(i, {}), marks.whole) for i in ids}
    return Sighting(seen, marks.reached, marks.whole)


def taken_in(run: Run, sighting: Sighting) -> None:
    """Go on from here the next time."""
    for name, reached in sighting.marks.items():
        run.adapters.store.set_mark(name, reached)


def concerns(run: Run, project_id: int) -> bool:
    """Whether a look at a project's own work can tell something: it has a remediation, or was never scanned.

    Then the database may be a new one, and what we opened before is still there.
    """
    store = run.adapters.store
    return bool(store.remediations(project_id)) or store.last_scan(project_id) is None


def unread(run: Run) -> frozenset[int]:
    """The ids of projects of which something was seen, by a look at the fleet, that they did not take in."""
    return frozenset(json.loads(run.adapters.store.mark(UNREAD) or "[]"))


def leave_unread(run: Run, ids: Collection[int]) -> None:
    """Have these projects read on their own the next time."""
    store = run.adapters.store
    left = json.dumps(sorted(i for i in ids if concerns(run, i)))
    if left != (store.mark(UNREAD) or "[]"):
        store.set_mark(UNREAD, left)


class _Marks:
    """How far each kind of list was read, by the `updated_at` of what it gave: GitLab's clock, not ours."""

    def __init__(self, run: Run, whose: str) -> None:
        self._store, self._whose = run.adapters.store, whose
        self.reached: dict[str, str] = {}
        name, now = f"own work of {whose} read whole at", run.now()
        said = self._store.mark(name)
        self.whole = said is None or now - datetime.fromisoformat(said) >= WHOLE_EVERY
        if self.whole:
            self.reached[name] = now.isoformat()

    def since(self, kind: str) -> datetime | None:
        said = None if self.whole else self._store.mark(self._name(kind))
        return None if said is None else datetime.fromisoformat(said) - OVERLAP

    def saw(self, kind: str, updated_at: datetime) -> None:
        name = self._name(kind)
        known = self.reached.get(name)
        if known is None or datetime.fromisoformat(known) < updated_at:
            self.reached[name] = updated_at.isoformat()

    def _name(self, kind: str) -> str:
        return f"own {kind} of {self._whose} read until"
