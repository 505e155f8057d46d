"""Commit statuses as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.represent.user import basic_by_id
from bot.sandbox.world import CommitStatus, World


def whole(world: World, status: CommitStatus) -> dict[str, Any]:
    """API::Entities::CommitStatus."""
    return {
        "id": status.id,
        "sha": status.sha,
        "ref": status.ref,
        "status": status.status,
        "name": status.name,
        "target_url": status.target_url,
        "description": status.description,
        "created_at": timestamp(status.created_at),
        "started_at": timestamp(status.started_at),
        "finished_at": timestamp(status.finished_at),
        "allow_failure": status.allow_failure,
        "coverage": status.coverage,
        "pipeline_id": status.pipeline_id,
        "author": basic_by_id(world, status.author_id),
    }
