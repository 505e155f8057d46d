"""Simulated pipelines: each project has a switch for how they go."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from bot.sandbox.rules import todos
from bot.sandbox.rules.mergeability import RUNNING
from bot.sandbox.rules.pipeline_status import composite
from bot.sandbox.webhooks import events
from bot.sandbox.world import CommitStatus, Job, MergeRequest, Pipeline, Project, User, World

NONE, SUCCESS, FAILED, ENDLESS = "none", "success", "failed", "running"
CANCELED = "canceled"
OUTCOMES = (NONE, SUCCESS, FAILED, ENDLESS)
"""What `Project.pipeline_outcome` can be: no pipelines, how they end, or that they do not end by themselves."""

Finished = Callable[[World, Pipeline], Coroutine[Any, Any, None]]
_STAGE, _JOB = "test", "test"
_finished: list[Finished] = []


def after_finish(react: Finished) -> Finished:
    """Register what happens when a pipeline has finished."""
    _finished.append(react)
    return react


def create(
    world: World,
    project: Project,
    actor: User,
    ref: str,
    sha: str,
    source: str = "push",
    *,
    before_sha: str = "0" * 40,
    tag: bool = False,
    about: MergeRequest | None = None,
) -> Pipeline:
    """A new pipeline with one job, which runs as the project's switch says."""
    now = world.now()
    project.last_pipeline_iid += 1
    pipeline = world.pipelines.add(
        Pipeline(
            project_id=project.id,
            iid=project.last_pipeline_iid,
            sha=sha,
            ref=ref,
            source=source,
            user_id=actor.id,
            created_at=now,
            updated_at=now,
            status="pending",
            before_sha=before_sha,
            tag=tag,
            merge_request_id=about.id if about else None,
        )
    )
    _add_job(world, pipeline)
    attach(world, pipeline)
    events.pipeline(world, pipeline)
    run(world, pipeline)
    return pipeline


def run(world: World, pipeline: Pipeline) -> None:
    """Let a pipeline go its way: it starts soon, and ends when its project's time is over."""
    project = world.projects[pipeline.project_id]
    world.loop.later(0, lambda: _start(world, pipeline))
    if project.pipeline_outcome in (SUCCESS, FAILED):
        outcome = project.pipeline_outcome
        world.loop.later(project.pipeline_seconds, lambda: finish(world, pipeline, outcome))


def resume(world: World) -> None:
    """Let pipelines that a restart interrupted go on."""
    for pipeline in world.pipelines:
        if pipeline.status in RUNNING and not pipeline.external:
            run(world, pipeline)


def attach(world: World, pipeline: Pipeline) -> None:
    """Make a pipeline the head pipeline of the merge requests that it is about."""
    found = world.merge_requests.where(source_project_id=pipeline.project_id, source_branch=pipeline.ref)
    for subject in found:
        if subject.state == "opened" and subject.sha == pipeline.sha:
            subject.head_pipeline_id = pipeline.id
    about = world.merge_requests.get(pipeline.merge_request_id)
    if about is not None and about.sha == pipeline.sha:
        about.head_pipeline_id = pipeline.id


def finish(world: World, pipeline: Pipeline, status: str) -> None:
    """End the jobs of a pipeline that run; it ends with them unless an outside status is still under way."""
    now = world.now()
    for job in world.jobs.where(pipeline_id=pipeline.id):
        _end_job(job, status, now)
    settle(world, pipeline)


def cancel(world: World, pipeline: Pipeline) -> None:
    """Stop a pipeline that runs."""
    now = world.now()
    for status in world.commit_statuses.where(pipeline_id=pipeline.id):
        if status.status in RUNNING:
            status.status, status.finished_at = CANCELED, now
    finish(world, pipeline, CANCELED)


def settle(world: World, pipeline: Pipeline) -> None:
    """Let a pipeline's status follow from its jobs and the outside statuses in it."""
    if pipeline.id not in world.pipelines:
        return
    status = composite(_counted(one) for one in latest_runs(parts(world, pipeline)))
    if status == pipeline.status:
        return
    now = world.now()
    pipeline.status, pipeline.updated_at = status, now
    if status == "running" or status not in RUNNING:
        pipeline.started_at = pipeline.started_at or now
    pipeline.finished_at = None if status in RUNNING else now
    if status == FAILED:
        _tell_of_failure(world, pipeline)
    events.pipeline(world, pipeline)
    if status not in RUNNING:
        for react in _finished:
            world.loop.spawn(react(world, pipeline))


def parts(world: World, pipeline: Pipeline) -> list[Job | CommitStatus]:
    """The jobs of a pipeline and the outside statuses in it, oldest first."""
    jobs, statuses = world.jobs.where(pipeline_id=pipeline.id), world.commit_statuses.where(pipeline_id=pipeline.id)
    return sorted([*jobs, *statuses], key=lambda one: one.id)


def latest_runs(of: list[Job | CommitStatus]) -> list[Job | CommitStatus]:
    """The last of each name."""
    return list({one.name: one for one in of}.values())


def next_id(world: World) -> int:
    """The id of the next job or outside status: GitLab keeps both in one table."""
    return max(world.jobs.last_id, world.commit_statuses.last_id) + 1


def retry(world: World, pipeline: Pipeline) -> None:
    """Run the jobs that failed or were canceled again."""
    failed = [job for job in world.jobs.where(pipeline_id=pipeline.id) if job.status in (FAILED, CANCELED)]
    if not failed:
        return
    for job in failed:
        job.status, job.started_at, job.finished_at, job.failure_reason = "pending", None, None, None
    settle(world, pipeline)
    run(world, pipeline)


def delete(world: World, pipeline: Pipeline) -> None:
    """Remove a pipeline and its jobs."""
    for job in world.jobs.where(pipeline_id=pipeline.id):
        world.jobs.remove(job)
    for status in world.commit_statuses.where(pipeline_id=pipeline.id):
        world.commit_statuses.remove(status)
    for subject in world.merge_requests.where(source_project_id=pipeline.project_id):
        if subject.head_pipeline_id == pipeline.id:
            subject.head_pipeline_id = None
    world.pipelines.remove(pipeline)


def latest(world: World, project: Project, ref: str, sha: str | None = None) -> Pipeline | None:
    """The newest pipeline of a ref (at `sha`)."""
    found = [p for p in world.pipelines.where(project_id=project.id, ref=ref) if sha is None or p.sha == sha]
    return found[-1] if found else None


def _add_job(world: World, pipeline: Pipeline) -> None:
    world.jobs.add(
        Job(
            id=next_id(world),
            project_id=pipeline.project_id,
            pipeline_id=pipeline.id,
            name=_JOB,
            stage=_STAGE,
            created_at=pipeline.created_at,
            user_id=pipeline.user_id,
            status="pending",
            ref=pipeline.ref,
            tag=pipeline.tag,
        )
    )


def _start(world: World, pipeline: Pipeline) -> None:
    now = world.now()
    for job in world.jobs.where(pipeline_id=pipeline.id):
        if job.status == "pending":
            job.status, job.started_at = "running", now
    settle(world, pipeline)


def _counted(one: Job | CommitStatus) -> str:
    return SUCCESS if one.allow_failure and one.status in (FAILED, CANCELED) else one.status


def _end_job(job: Job, status: str, now: datetime) -> None:
    if job.status in RUNNING:
        job.status, job.finished_at, job.started_at = status, now, job.started_at or now
        job.failure_reason = "script_failure" if status == FAILED else None
        job.trace = f"$ make test\nJob {'failed' if status == FAILED else 'succeeded'}\n"


def _tell_of_failure(world: World, pipeline: Pipeline) -> None:
    for subject in world.merge_requests.where(source_project_id=pipeline.project_id, source_branch=pipeline.ref):
        author, actor = world.users.get(subject.author_id), world.users.get(pipeline.user_id)
        if subject.state == "opened" and author and actor:
            todos.add(world, author, actor, "build_failed", subject)
