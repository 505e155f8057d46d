"""Many projects in one run: found, sorted out, observed in one go, then each on its own in a few threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.errors import ForgeError
from bot.pipeline import discover, sight
from bot.pipeline.outcome import ProjectOutcome, Status
from bot.pipeline.run import run_project
from bot.pipeline.sight import Sighting
from bot.pipeline.workplace import Run
from state.model import Project


def run_named(paths: Sequence[str], run: Run, workers: int) -> tuple[ProjectOutcome, ...]:
    """Run these projects; one that cannot be found or used is a failed outcome."""
    refused: list[ProjectOutcome] = []
    found: dict[int, tuple[Project, Sighting]] = {}
    for path in paths:
        try:
            project, sighting = _find(path, run)
        except ForgeError as error:
            refused.append(ProjectOutcome(path, Status.FAILED, str(error)))
            continue
        skipped = discover.skip_reason(project) or discover.unusable(project)
        if skipped is None:
            found[project.id] = (project, sighting)
        else:
            refused.append(ProjectOutcome(project.path, Status.FAILED, skipped.reason))
    projects = [project for project, _ in found.values()]
    asked = replace(run, again=True)
    done = _each(projects, run, workers, lambda project: _run_seen(project, found[project.id][1], asked))
    return (*done, *refused)


def run_all(run: Run, workers: int) -> tuple[ProjectOutcome, ...]:
    """Run every project that the token reaches. Raises ForgeError when the fleet itself cannot be listed."""
    # Before the heads are read: what is seen merged is then in them.
    sighting = Sighting() if run.dry else sight.look(run, None)
    due, skipped, unlisted = discover.sort_out(run.adapters.forge.sweep())
    unread = sight.unread(run)

    def one(project: Project) -> ProjectOutcome:
        return _run_again(project, run) if project.id in unread else run_project(project, sighting.of(project), run)

    outcomes = _each(due, run, workers, one)
    if not run.dry:
        followed = {project.id for project, outcome in zip(due, outcomes, strict=True) if outcome.followed}
        sight.leave_unread(run, (unread | sighting.seen.keys()) - followed)
        sight.taken_in(run, sighting)
    left_out = (ProjectOutcome(s.project.path, Status.FAILED if s.fault else Status.SKIPPED, s.reason) for s in skipped)
    untold = (ProjectOutcome(each.path, Status.FAILED, each.reason) for each in unlisted)
    return (*outcomes, *left_out, *untold)


def _find(path: str, run: Run) -> tuple[Project, Sighting]:
    """A project, and what was seen of it before its head was read."""
    known = run.adapters.store.project(path)
    sighting = _look(known, run)
    project = run.adapters.forge.project(path)
    return project, sighting if known is not None and known.id == project.id else _look(project, run)


def _look(project: Project | None, run: Run) -> Sighting:
    if project is None or run.dry or not sight.concerns(run, project.id):
        return Sighting()
    return sight.look(run, project)


def _each(
    projects: Sequence[Project], run: Run, workers: int, one: Callable[[Project], ProjectOutcome]
) -> tuple[ProjectOutcome, ...]:
    if not run.dry:
        run.adapters.store.save_projects(projects, run.now())
    if len(projects) == 1:
        return (one(projects[0]),)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="project") as pool:
        return tuple(pool.map(one, projects))


def _run_again(project: Project, run: Run) -> ProjectOutcome:
    try:
        sighting = _look(project, run)
    except ForgeError as error:
        return ProjectOutcome(project.path, Status.FAILED, str(error))
    return _run_seen(project, sighting, run)


def _run_seen(project: Project, sighting: Sighting, run: Run) -> ProjectOutcome:
    outcome = run_project(project, sighting.of(project), run)
    if outcome.followed:
        sight.taken_in(run, sighting)
    return outcome
