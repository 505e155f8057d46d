"""Telling the hooks of a push."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.git import diffs
from bot.sandbox.git.objects import ABSENT, Commit
from bot.sandbox.git.repository import HEADS, Move, Repository
from bot.sandbox.represent.user import avatar_url
from bot.sandbox.rules import protections
from bot.sandbox.webhooks import delivery, parts
from bot.sandbox.world import Project, User, World

MOST_COMMITS = 20


def repository_update(world: World, actor: User, project: Project, move: Move) -> None:
    """What system hooks hear of any move of any ref."""
    hooks = [
        hook for hook in delivery.listeners(world, project, "repository_update_events") if hook.source_type == "System"
    ]
    if not hooks:
        return
    whole = payload(world, actor, project, move)
    sent = {
        "event_name": "repository_update",
        **{
            name: whole[name] for name in ("user_id", "user_name", "user_email", "user_avatar", "project_id", "project")
        },
        "changes": [{"before": move.before, "after": move.after, "ref": move.ref}],
        "refs": [move.ref],
    }
    for hook in hooks:
        delivery.send(world, hook, "repository_update_events", sent)


async def push(world: World, actor: User, project: Project, move: Move, commits: Sequence[Commit]) -> None:
    """`Push Hook` or `Tag Push Hook`: the newest twenty commits with their files, and how many there are."""
    tag = not move.ref.startswith(HEADS)
    trigger = "tag_push_events" if tag else "push_events"
    branch = None if tag else move.ref.removeprefix(HEADS)
    hooks = delivery.listeners(world, project, trigger, branch)
    if not hooks:
        return
    repository = repositories.opened(world, project)
    shown = list(commits[-MOST_COMMITS:])
    files = await asyncio.to_thread(_files, repository, shown)
    sent = payload(world, actor, project, move)
    sent["commits"] = [{**parts.commit(world, project, one), **files[one.sha]} for one in shown]
    sent["total_commits_count"] = len(commits)
    for hook in hooks:
        delivery.send(world, hook, trigger, sent)


def payload(world: World, actor: User, project: Project, move: Move) -> dict[str, Any]:
    """The payload without its commits."""
    kind = "push" if move.ref.startswith(HEADS) else "tag_push"
    whole = parts.project(world, project)
    return {
        "object_kind": kind,
        "event_name": kind,
        "before": move.before,
        "after": move.after,
        "ref": move.ref,
        "ref_protected": bool(protections.of_branch(world, project, move.ref.removeprefix(HEADS))),
        "checkout_sha": None if move.after == ABSENT else move.after,
        "message": None,
        "user_id": actor.id,
        "user_name": actor.name,
        "user_username": actor.username,
        "user_email": actor.public_email,
        "user_avatar": avatar_url(actor),
        "project_id": project.id,
        "project": whole,
        "commits": [],
        "total_commits_count": 0,
        "push_options": {},
        "repository": {
            **parts.repository(world, project),
            "git_http_url": whole["git_http_url"],
            "git_ssh_url": whole["git_ssh_url"],
            "visibility_level": whole["visibility_level"],
        },
    }


def _files(repository: Repository, commits: Sequence[Commit]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for commit in commits:
        changed = diffs.of_commit(repository, commit)
        found[commit.sha] = {
            "added": [one.new_path for one in changed if one.added],
            "modified": [one.new_path for one in changed if not one.added and not one.deleted],
            "removed": [one.old_path for one in changed if one.deleted],
        }
    return found
