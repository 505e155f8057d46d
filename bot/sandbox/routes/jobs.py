"""Jobs of pipelines: list, read, log, retry, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import forbidden, not_found, record_not_found
from bot.sandbox.git.objects import Commit
from bot.sandbox.pagination import page_start, paginate, paginate_uncounted, per_page
from bot.sandbox.represent import job as represent
from bot.sandbox.routes import pipelines as pipeline_routes
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, pipelines
from bot.sandbox.world import Access, Job, Project

JOB = "/projects/:id/jobs/:job_id"


@routes.get("/projects/:id/jobs", public=False)
async def of_project(call: Call) -> Answer:
    """The project's jobs, newest first."""
    project = _readable(call)
    return await _listed(call, project, call.world.jobs.where(project_id=project.id)[::-1], counted=False)


@routes.get(pipeline_routes.PIPELINE + "/jobs")
async def of_pipeline(call: Call) -> Answer:
    """The jobs of a pipeline."""
    pipeline = pipeline_routes.found(call)
    return await _listed(call, call.project(), call.world.jobs.where(pipeline_id=pipeline.id)[::-1])


@routes.get(JOB, public=False)
async def get(call: Call) -> Answer:
    """One job."""
    return await _shown(call, _found(call))


@routes.get(JOB + "/trace", public=False)
def trace(call: Call) -> Answer:
    """A job's log."""
    job = _found(call)
    headers = {"Content-Disposition": f'infile; filename="{job.id}.log"'}
    return Answer(job.trace.encode(), headers=headers, content_type="text/plain")


@routes.post(JOB + "/retry")
async def retry(call: Call) -> Answer:
    """Run a job again, with its pipeline."""
    job = _changeable(call)
    if job.status not in ("failed", "canceled", "success"):
        raise forbidden("Job is not retryable")
    job.status = "failed"
    pipelines.retry(call.world, call.world.pipelines[job.pipeline_id])
    return await _shown(call, job, 201)


@routes.post(JOB + "/cancel")
async def cancel(call: Call) -> Answer:
    """Stop a job, with its pipeline."""
    job = _changeable(call)
    pipelines.cancel(call.world, call.world.pipelines[job.pipeline_id])
    return await _shown(call, job, 201)


@routes.post(JOB + "/erase")
async def erase(call: Call) -> Answer:
    """Delete a job's log."""
    job = _changeable(call)
    if job.finished_at is None:
        raise forbidden("Job is not erasable!")
    job.trace, job.erased_at = "", call.world.now()
    return await _shown(call, job, 201)


@routes.get("/projects/:id/jobs/artifacts/:ref_name/raw/*artifact_path")
def artifact(call: Call) -> Answer:
    """A file of the last successful pipeline's artefacts, of which simulated jobs leave none."""
    _readable(call)
    raise not_found()


async def _listed(call: Call, project: Project, jobs: Sequence[Job], *, counted: bool = True) -> Answer:
    scope = call.params.strings("scope")
    wanted = [job for job in jobs if not scope or job.status in scope]
    shas = {call.world.pipelines[job.pipeline_id].sha for job in wanted}
    commits = await _commits(call, project, shas)

    def show(job: Job) -> object:
        return represent.whole(call.world, job, commits.get(call.world.pipelines[job.pipeline_id].sha))

    if counted:
        return paginate(call, wanted, show, {"include_retried": "false"})
    start = page_start(call)
    return paginate_uncounted(call, wanted[start : start + per_page(call) + 1], show)


async def _shown(call: Call, job: Job, status: int = 200) -> Answer:
    sha = call.world.pipelines[job.pipeline_id].sha
    commits = await _commits(call, call.project(), {sha})
    return Answer(represent.whole(call.world, job, commits.get(sha)), status)


async def _commits(call: Call, project: Project, shas: set[str]) -> dict[str, Commit]:
    repository = repositories.opened(call.world, project)

    def read() -> dict[str, Commit]:
        return {sha: commit for sha in shas if (commit := repository.commit(sha)) is not None}

    return await asyncio.to_thread(read)


def _readable(call: Call) -> Project:
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    return project


def _found(call: Call) -> Job:
    project = _readable(call)
    job = call.world.jobs.get(call.number("job_id"))
    if job is None or job.project_id != project.id:
        raise record_not_found()
    return job


def _changeable(call: Call) -> Job:
    call.project(Access.DEVELOPER)
    return _found(call)
