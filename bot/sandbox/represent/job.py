"""Jobs as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.git.objects import Commit
from bot.sandbox.represent import commit as represent_commit
from bot.sandbox.represent.pipeline import basic, duration, queued
from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import profile
from bot.sandbox.world import Job, World


def whole(world: World, subject: Job, commit: Commit | None) -> dict[str, Any]:
    """API::Entities::Ci::Job."""
    project, pipeline = world.projects[subject.project_id], world.pipelines[subject.pipeline_id]
    author = world.users.get(subject.user_id)
    shown = {
        "id": subject.id,
        "status": subject.status,
        "stage": subject.stage,
        "name": subject.name,
        "ref": subject.ref,
        "tag": subject.tag,
        "coverage": None,
        "allow_failure": subject.allow_failure,
        "created_at": timestamp(subject.created_at),
        "started_at": timestamp(subject.started_at),
        "finished_at": timestamp(subject.finished_at),
        "erased_at": timestamp(subject.erased_at),
        "duration": duration(subject),
        "queued_duration": queued(subject),
        "user": profile(world, author) if author else None,
        "commit": represent_commit.basic(world, project, commit) if commit else None,
        "pipeline": basic(world, pipeline),
    }
    if subject.failure_reason:
        shown["failure_reason"] = subject.failure_reason
    return shown | {
        "web_url": f"{world.url}/{project.full_path}/-/jobs/{subject.id}",
        "project": {"ci_job_token_scope_enabled": False},
        "artifacts": [],
        "runner": None,
        "runner_manager": None,
        "artifacts_expire_at": None,
        "archived": False,
        "tag_list": [],
    }
