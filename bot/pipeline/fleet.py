"""Many projects in one run: found, sorted out, observed in one go, then each on its own in a few threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import ForgeError
from bot.pipeline import discover
from bot.pipeline.outcome import ProjectOutcome, Status
from bot.pipeline.run import run_project
from bot.pipeline.workplace import Run, Seen
from state.model import Issue, MergeRequest, Project


@dataclass(frozen=True, slots=True)
class _Sighting:
    """What was read of our own work, and how far reading got."""

    seen: Mapping[int, Seen] = field(default_factory=dict)
    marks: Mapping[str, datetime] = field(default_factory=dict)


def run_named(paths: Sequence[str], run: Run, workers: int) -> tuple[ProjectOutcome, ...]:
    """Run these projects; one that cannot be found or used is a failed outcome."""
    refused: list[ProjectOutcome] = []
    projects: dict[int, Project] = {}
    for path in paths:
        try:
            project = run.adapters.forge.project(path)
        except ForgeError as error:
            refused.append(ProjectOutcome(path, Status.FAILED, str(error)))
            continue
        skipped = discover.skip_reason(project) or discover.unusable(project)
        if skipped is None:
            projects[project.id] = project
        else:
            refused.append(ProjectOutcome(project.path, Status.FAILED, skipped.reason))
    done = _each(tuple(projects.values()), run, workers, lambda project: _run_named(project, run))
    return (*done, *refused)


def run_all(run: Run, workers: int) -> tuple[ProjectOutcome, ...]:
    """Run every project that the token reaches. Raises ForgeError when the fleet itself cannot be listed."""
    due, skipped = discover.sort_out(run.adapters.forge.sweep())
    sighting = _sight(run, None) if run.adapters.store.all_remediations() else _Sighting()
    outcomes = _each(due, run, workers, lambda p: run_project(p, sighting.seen.get(p.id, Seen()), run))
    # A project that was not run to its end may not have taken in what was seen: then it is read again next time.
    cut_short = {o.path for o in outcomes if o.status is not Status.OK}
    if not any(p.path in cut_short and p.id in sighting.seen for p in due):
        _remember(run, sighting)
    left_out = (ProjectOutcome(s.project.path, Status.FAILED if s.fault else Status.SKIPPED, s.reason) for s in skipped)
    return (*outcomes, *left_out)


def _each(
    projects: Sequence[Project], run: Run, workers: int, one: Callable[[Project], ProjectOutcome]
) -> tuple[ProjectOutcome, ...]:
    if not run.dry:
        run.adapters.store.save_projects(projects, run.now())
    if len(projects) == 1:
        return (one(projects[0]),)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="project") as pool:
        return tuple(pool.map(one, projects))


def _run_named(project: Project, run: Run) -> ProjectOutcome:
    try:
        sighting = _sight(run, project) if run.adapters.store.remediations(project.id) else _Sighting()
    except ForgeError as error:
        return ProjectOutcome(project.path, Status.FAILED, str(error))
    outcome = run_project(project, sighting.seen.get(project.id, Seen()), run)
    if outcome.status is Status.OK:
        _remember(run, sighting)
    return outcome


def _sight(run: Run, project: Project | None) -> _Sighting:
    """What changed of our own issues and merge requests since the last look: two calls for a whole fleet."""
    whose = "fleet" if project is None else str(project.id)
    forge, marks = run.adapters.forge, _Marks(run, whose)
    merge_requests: dict[int, dict[int, MergeRequest]] = {}
    issues: dict[int, dict[int, Issue]] = {}
    for project_id, merge_request in forge.own_merge_requests(marks.since("merge requests"), project):
        merge_requests.setdefault(project_id, {})[merge_request.iid] = merge_request
        marks.saw("merge requests", merge_request.updated_at)
    for project_id, issue in forge.own_issues(marks.since("issues"), project):
        issues.setdefault(project_id, {})[issue.iid] = issue
        marks.saw("issues", issue.updated_at)
    ids = merge_requests.keys() | issues.keys()
    return _Sighting({i: Seen(merge_requests.get(i, {}), issues.get(i, {})) for i in ids}, marks.reached)


@dataclass(slots=True)
class _Marks:
    """How far each kind of list was read, by the `updated_at` of what it gave: GitLab's clock, not ours."""

    run: Run
    whose: str
    reached: dict[str, datetime] = field(default_factory=dict)

    def since(self, kind: str) -> datetime | None:
        said = self.run.adapters.store.mark(self._name(kind))
        return None if said is None else datetime.fromisoformat(said)

    def saw(self, kind: str, updated_at: datetime) -> None:
        name = self._name(kind)
        self.reached[name] = max(updated_at, self.reached.get(name, updated_at))

    def _name(self, kind: str) -> str:
        return f"own {kind} of {self.whose} read until"


def _remember(run: Run, sighting: _Sighting) -> None:
    for name, reached in sighting.marks.items() if not run.dry else ():
        run.adapters.store.set_mark(name, reached.isoformat())
