"""Commit statuses as the API shows them, jobs among them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.world import CommitStatus, Job, World


def whole(world: World, subject: Job | CommitStatus) -> dict[str, Any]:
    """API::Entities::CommitStatus."""
    return {
        "id": subject.id,
        "sha": world.pipelines[subject.pipeline_id].sha,
        "ref": subject.ref,
        "status": subject.status,
        "name": subject.name,
        "created_at": timestamp(subject.created_at),
        "started_at": timestamp(subject.started_at),
        "finished_at": timestamp(subject.finished_at),
        "allow_failure": subject.allow_failure,
        "pipeline_id": subject.pipeline_id,
        **(_of_job(world, subject) if isinstance(subject, Job) else _from_outside(world, subject)),
    }


def _of_job(world: World, job: Job) -> dict[str, Any]:
    project = world.projects[job.project_id]
    return {
        "target_url": f"{world.url}/{project.full_path}/-/jobs/{job.id}",
        "description": None,
        "coverage": None,
        "author": basic_by_id(world, job.user_id),
    }


def _from_outside(world: World, status: CommitStatus) -> dict[str, Any]:
    return {
        "target_url": status.target_url,
        "description": status.description,
        "coverage": status.coverage,
        "author": basic_by_id(world, status.author_id),
    }
