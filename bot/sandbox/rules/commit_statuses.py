"""Statuses of a commit: its jobs, and what outside systems say of it.

Source: app/services/ci/create_commit_status_service.rb, app/models/commit_status.rb.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.rules import pipelines, protections
from bot.sandbox.rules.mergeability import RUNNING
from bot.sandbox.world import CommitStatus, Job, Pipeline, Project, User, World

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
EXTERNAL_STAGE = "external"
# What a state that an outside system reports does to its status, and from which states that cannot be done.
_EVENTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "pending": ("enqueue", frozenset({"pending", "running"})),
    "running": ("run", frozenset({"running"})),
    "skipped": ("skip", frozenset({"running"})),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What an outside system says. `ref` is None when it does not say which branch or tag it is about.

    `details` are those of description, target_url and coverage that it gives.
    """

    sha: str
    ref: str | None
    name: str
    state: str
    pipeline_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def of_commit(world: World, project: Project, sha: str, *, every: bool) -> list[Job | CommitStatus]:
    """What its pipelines consist of, oldest first; without `every` the latest of each name in each pipeline only."""
    found = []
    for pipeline in world.pipelines.where(project_id=project.id, sha=sha):
        parts = pipelines.parts(world, pipeline)
        found += parts if every else pipelines.latest_runs(parts)
    return sorted(found, key=lambda one: one.id)


def pipeline_of(world: World, project: Project, said: Report) -> Pipeline | None:
    """The newest pipeline that a report can belong to. ApiError 404 when it names one and there is none."""
    found = world.pipelines.where(project_id=project.id, sha=said.sha)
    fitting = [
        one for one in found if said.ref in (None, one.ref) and (said.pipeline_id is None or one.id == said.pipeline_id)
    ]
    if not fitting and said.pipeline_id is not None:
        raise not_found("Pipeline for pipeline_id, sha and ref")
    return fitting[-1] if fitting else None


def report(world: World, actor: User, project: Project, said: Report, ref: str) -> CommitStatus:
    """Set the status `said.name` of a commit on `ref`: an own one that is under way, else a new one.

    Like GitLab this makes a pipeline of its own when the commit has none.
    ApiError 400 for a transition that GitLab refuses, 403 on a branch that the actor may not change.
    """
    if not (protections.can_push(world, actor, project, ref) or protections.can_merge(world, actor, project, ref)):
        raise forbidden()
    pipeline = pipeline_of(world, project, said)
    status = None if pipeline is None else _under_way(world, actor, pipeline, said.name)
    if status is not None:
        _check_transition(status.status, said.state)
    elif pipeline is not None and any(job.name == said.name for job in world.jobs.where(pipeline_id=pipeline.id)):
        raise ApiError(400, {"message": {"name": ["has already been taken"]}})
    pipeline = pipeline or _external(world, actor, project, said.sha, ref)
    status = status or _new(world, actor, pipeline, said.name)
    _apply(world, status, said)
    pipelines.settle(world, pipeline)
    return status


def _under_way(world: World, actor: User, pipeline: Pipeline, name: str) -> CommitStatus | None:
    found = world.commit_statuses.where(pipeline_id=pipeline.id)
    mine = [one for one in found if (one.name, one.author_id) == (name, actor.id) and one.status in RUNNING]
    return mine[-1] if mine else None


def _check_transition(before: str, after: str) -> None:
    event, refusing = _EVENTS.get(after, ("", frozenset()))
    if before in refusing:
        text = (
            f'Cannot transition status via :{event} from :{before} (Reason(s): Status cannot transition via "{event}")'
        )
        raise ApiError(400, {"message": text})


def _external(world: World, actor: User, project: Project, sha: str, ref: str) -> Pipeline:
    now = world.now()
    project.last_pipeline_iid += 1
    made = world.pipelines.add(
        Pipeline(
            project_id=project.id,
            iid=project.last_pipeline_iid,
            sha=sha,
            ref=ref,
            source="external",
            user_id=actor.id,
            created_at=now,
            updated_at=now,
            external=True,
        )
    )
    pipelines.attach(world, made)
    return made


def _new(world: World, actor: User, pipeline: Pipeline, name: str) -> CommitStatus:
    return world.commit_statuses.add(
        CommitStatus(
            id=pipelines.next_id(world),
            project_id=pipeline.project_id,
            ref=pipeline.ref,
            name=name,
            status="created",
            author_id=actor.id,
            created_at=world.now(),
            pipeline_id=pipeline.id,
        )
    )


def _apply(world: World, status: CommitStatus, said: Report) -> None:
    now = world.now()
    status.status = said.state
    for name, value in said.details.items():
        setattr(status, name, value)
    if said.state == "running":
        status.started_at = now
    if said.state in ("success", "failed", "canceled"):
        status.finished_at = now
