"""What people tied to a commit: the merge requests that brought it, and comments."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.git import history
from bot.sandbox.git.repository import Repository
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import merge_request as represent_merge_request
from bot.sandbox.represent import user as users
from bot.sandbox.represent.times import timestamp
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routes.repository_reading import in_thread, readable
from bot.sandbox.routing import routes
from bot.sandbox.world import MergeRequest, Note, World


@routes.get("/projects/:id/repository/commits/:sha/merge_requests")
async def merge_requests(call: Call) -> Answer:
    """The merge requests that have this commit, the newest first."""
    project, repository = readable(call)
    issuable_lookup.may_read(call, project)
    state = call.params.text("state")
    sha = await _sha(call, repository)
    candidates = [
        request
        for request in reversed(call.world.merge_requests.where(project_id=project.id))
        if state in {None, "all", request.state}
    ]
    found = await in_thread(lambda: [request for request in candidates if _has(repository, request, sha)])
    return paginate(call, found, lambda request: represent_merge_request.basic(call.world, request, project))


@routes.get("/projects/:id/repository/commits/:sha/comments")
async def comments(call: Call) -> Answer:
    """Comments on a commit, oldest first."""
    project, repository = readable(call)
    sha = await _sha(call, repository)
    notes = call.world.notes.where(project_id=project.id, commit_id=sha)
    found = [note for note in notes if note.noteable_type == "Commit"]
    return paginate(call, found, lambda note: _shown(call.world, note))


@routes.post("/projects/:id/repository/commits/:sha/comments")
async def comment(call: Call) -> Answer:
    """Comment on a commit, or on a line of it."""
    project, repository = readable(call)
    call.params.need("note", *(("line", "line_type") if call.params.text("path") else ()))
    body = call.params.text("note") or ""
    if not body.strip():
        raise ApiError(400, {"message": {"note": ["can't be blank"]}})
    sha, now = await _sha(call, repository), call.world.now()
    position = {
        "path": call.params.text("path"),
        "line": call.params.integer("line"),
        "line_type": call.params.choice("line_type", ("new", "old")),
    }
    note = call.world.notes.add(
        Note(
            project_id=project.id,
            noteable_type="Commit",
            noteable_id=None,
            commit_id=sha,
            author_id=call.user.id,
            body=body,
            created_at=now,
            updated_at=now,
            discussion_id=secrets.token_hex(20),
            position=position if position["path"] else None,
        )
    )
    return Answer(_shown(call.world, note), 201)


def _shown(world: World, note: Note) -> dict[str, Any]:
    """API::Entities::CommitNote."""
    position = note.position or {}
    return {
        "note": note.body,
        "path": position.get("path"),
        "line": position.get("line"),
        "line_type": position.get("line_type"),
        "author": users.basic_by_id(world, note.author_id),
        "created_at": timestamp(note.created_at),
    }


async def _sha(call: Call, repository: Repository) -> str:
    sha = await in_thread(lambda: repository.resolve(call.path["sha"]))
    if sha is None:
        raise not_found("Commit")
    return sha


def _has(repository: Repository, request: MergeRequest, sha: str) -> bool:
    if sha in {request.sha, request.merge_commit_sha, request.squash_commit_sha}:
        return True
    if request.sha is None or request.base_sha is None:
        return False
    inside = history.is_ancestor(repository, sha, request.sha)
    return inside and not history.is_ancestor(repository, sha, request.base_sha)
