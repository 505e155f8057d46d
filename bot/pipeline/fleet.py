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
    until: datetime | None = None


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
    # A project that failed may not have taken in what was seen: then the same is read again next time.
    failed = {o.path for o in outcomes if o.status is Status.FAILED}
    if not any(p.path in failed and p.id in sighting.seen for p in due):
        _remember(run, None, sighting)
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
    if outcome.status is not Status.FAILED:
        _remember(run, project, sighting)
    return outcome


def _mark(project: Project | None) -> str:
    return f"observed until/{'fleet' if project is None else project.id}"


def _sight(run: Run, project: Project | None) -> _Sighting:
    """What changed of our own issues and merge requests since the last look: two calls for a whole fleet."""
    said = run.adapters.store.mark(_mark(project))
    since = None if said is None else datetime.fromisoformat(said)
    merge_requests: dict[int, dict[int, MergeRequest]] = {}
    issues: dict[int, dict[int, Issue]] = {}
    until = since
    for project_id, merge_request in run.adapters.forge.own_merge_requests(since, project):
        merge_requests.setdefault(project_id, {})[merge_request.iid] = merge_request
        until = max(until or merge_request.updated_at, merge_request.updated_at)
    for project_id, issue in run.adapters.forge.own_issues(since, project):
        issues.setdefault(project_id, {})[issue.iid] = issue
        until = max(until or issue.updated_at, issue.updated_at)
    ids = merge_requests.keys() | issues.keys()
    return _Sighting({i: Seen(merge_requests.get(i, {}), issues.get(i, {})) for i in ids}, until)


def _remember(run: Run, project: Project | None, sighting: _Sighting) -> None:
    if sighting.until is not None and not run.dry:
        run.adapters.store.set_mark(_mark(project), sighting.until.isoformat())
