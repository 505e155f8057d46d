"""Pipelines as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.world import Job, Pipeline, Project, World

_ICONS = {"success": "passed", "canceled": "canceled"}


def basic(world: World, pipeline: Pipeline) -> dict[str, Any]:
    """API::Entities::Ci::PipelineBasic."""
    return {
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": pipeline.project_id,
        "sha": pipeline.sha,
        "ref": pipeline.ref,
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": timestamp(pipeline.created_at),
        "updated_at": timestamp(pipeline.updated_at),
        "web_url": _url(world, pipeline),
    }


def whole(world: World, pipeline: Pipeline) -> dict[str, Any]:
    """API::Entities::Ci::Pipeline."""
    return {
        **basic(world, pipeline),
        "before_sha": pipeline.before_sha,
        "tag": pipeline.tag,
        "yaml_errors": pipeline.yaml_errors,
        "user": basic_by_id(world, pipeline.user_id),
        "started_at": timestamp(pipeline.started_at),
        "finished_at": timestamp(pipeline.finished_at),
        "committed_at": timestamp(pipeline.committed_at),
        "duration": duration(pipeline),
        "queued_duration": queued(pipeline),
        "coverage": pipeline.coverage,
        "detailed_status": _detailed_status(world, pipeline),
    }


def with_metadata(world: World, pipeline: Pipeline) -> dict[str, Any]:
    """API::Entities::Ci::PipelineWithMetadata."""
    return {**whole(world, pipeline), "name": pipeline.name}


def _url(world: World, pipeline: Pipeline) -> str:
    return f"{world.url}/{world.projects[pipeline.project_id].full_path}/-/pipelines/{pipeline.id}"


def duration(subject: Pipeline | Job) -> int | None:
    """How long it ran, in seconds; None until it is over."""
    if subject.started_at is None or subject.finished_at is None:
        return None
    return int((subject.finished_at - subject.started_at).total_seconds())


def queued(subject: Pipeline | Job) -> int | None:
    """How long it waited to start, in seconds; None until it did."""
    return None if subject.started_at is None else int((subject.started_at - subject.created_at).total_seconds())


def _detailed_status(world: World, pipeline: Pipeline) -> dict[str, Any]:
    project: Project = world.projects[pipeline.project_id]
    word = _ICONS.get(pipeline.status, pipeline.status)
    return {
        "icon": f"status_{pipeline.status}",
        "text": word.capitalize(),
        "label": word,
        "group": pipeline.status,
        "tooltip": word,
        "has_details": True,
        "details_path": f"/{project.full_path}/-/pipelines/{pipeline.id}",
        "illustration": None,
        "favicon": f"/assets/ci_favicons/favicon_status_{pipeline.status}.png",
    }
