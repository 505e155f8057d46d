"""Commit statuses: what outside systems say of a commit, and the external pipeline that gathers it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.errors import ApiError
from bot.sandbox.rules import pipelines
from bot.sandbox.rules.mergeability import RUNNING
from bot.sandbox.webhooks import events
from bot.sandbox.world import CommitStatus, Pipeline, Project, User, World

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
_WORST_FIRST = ("failed", "canceled", "running", "pending", "success", "skipped")


@dataclass(frozen=True, slots=True)
class Report:
    """What an outside system says."""

    sha: str
    ref: str
    name: str
    state: str
    description: str | None = None
    target_url: str | None = None
    coverage: float | None = None


def report(world: World, actor: User, project: Project, said: Report) -> CommitStatus:
    """Set the status `said.name` of a commit. ApiError 400 for one that is set to that already.

    Like GitLab this makes a pipeline of its own when the commit has none.
    """
    pipeline = _pipeline(world, actor, project, said)
    status = _current(world, project, said)
    if status is not None and status.status == said.state:
        text = f"Cannot transition status via :{_EVENTS[said.state]} from :{said.state}"
        raise ApiError(400, {"message": f'{text} (Reason(s): Status cannot transition via "{_EVENTS[said.state]}")'})
    now = world.now()
    if status is None or status.status not in RUNNING:
        status = world.commit_statuses.add(
            CommitStatus(
                project_id=project.id,
                sha=said.sha,
                ref=said.ref,
                name=said.name,
                status=said.state,
                author_id=actor.id,
                created_at=now,
                pipeline_id=pipeline.id,
            )
        )
    status.status, status.description, status.target_url = said.state, said.description, said.target_url
    status.coverage = said.coverage
    status.started_at = status.started_at or (now if said.state == "running" else None)
    status.finished_at = None if said.state in RUNNING else now
    _settle(world, pipeline)
    return status


def of_commit(world: World, project: Project, sha: str, *, every: bool) -> list[CommitStatus]:
    """The statuses of a commit, oldest first; without `every` the newest of each name only."""
    found = world.commit_statuses.where(project_id=project.id, sha=sha)
    return found if every else list({(one.ref, one.name): one for one in found}.values())


def _pipeline(world: World, actor: User, project: Project, said: Report) -> Pipeline:
    found = pipelines.latest(world, project, said.ref, said.sha)
    if found is not None:
        return found
    now = world.now()
    project.last_pipeline_iid += 1
    made = world.pipelines.add(
        Pipeline(
            project_id=project.id,
            iid=project.last_pipeline_iid,
            sha=said.sha,
            ref=said.ref,
            source="external",
            user_id=actor.id,
            created_at=now,
            updated_at=now,
            external=True,
        )
    )
    pipelines.attach(world, made)
    return made


def _current(world: World, project: Project, said: Report) -> CommitStatus | None:
    found = world.commit_statuses.where(project_id=project.id, sha=said.sha)
    same = [one for one in found if (one.name, one.ref) == (said.name, said.ref)]
    return same[-1] if same else None


def _settle(world: World, pipeline: Pipeline) -> None:
    if not pipeline.external:
        return
    states = {one.status for one in world.commit_statuses.where(pipeline_id=pipeline.id)}
    state = next(one for one in _WORST_FIRST if one in states)
    if state in RUNNING:
        pipeline.status, pipeline.updated_at = state, world.now()
        events.pipeline(world, pipeline)
    else:
        pipeline.status = "running"
        pipelines.finish(world, pipeline, state)


_EVENTS = {
    "pending": "enqueue",
    "running": "run",
    "success": "success",
    "failed": "drop",
    "canceled": "cancel",
    "skipped": "skip",
}
