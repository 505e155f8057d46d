"""Commits as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.git.diffs import Stats
from bot.sandbox.git.history import trailers
from bot.sandbox.git.objects import Commit
from bot.sandbox.represent import pipeline as pipelines
from bot.sandbox.world import Pipeline, Project, World


def basic(world: World, project: Project, commit: Commit, *, with_trailers: bool = True) -> dict[str, Any]:
    """API::Entities::Commit. Lists leave the trailers empty unless asked for them."""
    found = trailers(commit.message) if with_trailers else {}
    return {
        "id": commit.sha,
        "short_id": commit.sha[:8],
        "created_at": moment(commit.committer.at),
        "parent_ids": list(commit.parents),
        "title": commit.title,
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "authored_date": moment(commit.author.at),
        "committer_name": commit.committer.name,
        "committer_email": commit.committer.email,
        "committed_date": moment(commit.committer.at),
        "trailers": {key: values[-1] for key, values in found.items()},
        "extended_trailers": {key: list(values) for key, values in found.items()},
        "web_url": f"{world.url}/{project.full_path}/-/commit/{commit.sha}",
    }


def detail(world: World, project: Project, commit: Commit, stats: Stats | None) -> dict[str, Any]:
    """API::Entities::CommitDetail; without `stats` that key is left out."""
    last = last_pipeline(world, project, commit.sha)
    return {
        **basic(world, project, commit),
        **({} if stats is None else {"stats": shown_stats(stats)}),
        "status": None if last is None else last.status,
        "project_id": project.id,
        "last_pipeline": None if last is None else pipelines.basic(world, last),
    }


def blamed(world: World, project: Project, commit: Commit) -> dict[str, Any]:
    """API::Entities::BlameRangeCommit."""
    left_out = {"short_id", "created_at", "title", "trailers", "extended_trailers", "web_url"}
    return {key: value for key, value in basic(world, project, commit).items() if key not in left_out}


def shown_stats(stats: Stats) -> dict[str, int]:
    """API::Entities::CommitStats."""
    return {
        "additions": stats.additions,
        "deletions": stats.deletions,
        "total": stats.additions + stats.deletions,
    }


def last_pipeline(world: World, project: Project, sha: str) -> Pipeline | None:
    """The newest pipeline of a commit."""
    found = world.pipelines.where(project_id=project.id, sha=sha)
    return found[-1] if found else None


def moment(at: datetime) -> str:
    """`2021-04-27T09:13:06.000+02:00`, the offset as recorded."""
    return at.isoformat(timespec="milliseconds")
