"""Commits through the API: several files at once, or one file."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call, find_project
from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.git import diffs
from bot.sandbox.git.changes import KINDS, Action
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.parameters import File, Parameters
from bot.sandbox.represent import commit as represent
from bot.sandbox.routes.repository_reading import file_path, in_thread, readable, writable
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, collaboration, committing, ref_changes
from bot.sandbox.rules.committing import CommitError, Draft
from bot.sandbox.world import Project

_CHANGED = "You are attempting to {verb} a file that has {what}."
_FILE_CHANGED = {
    "create": "",
    "update": _CHANGED.format(verb="update", what="changed since you started editing it"),
    "delete": _CHANGED.format(verb="delete", what="been previously updated"),
}


@routes.post("/projects/:id/repository/commits")
async def create(call: Call) -> Answer:
    """One commit from many actions."""
    call.params.need("branch", "commit_message", "actions")
    call.params.at_most_one("start_branch", "start_sha")
    draft = _draft(call.params)
    project, repository = readable(call)
    start = _start_repository(call, project) or repository
    if not collaboration.can_push(call.world, call.user, project, draft.branch):
        raise forbidden("You are not allowed to push into this branch")
    sha = await commit(call, project, repository, draft, start)
    wants_stats = call.params.boolean("stats") is not False

    def look_up() -> tuple[Commit | None, diffs.Stats | None]:
        made = repository.commit(sha)
        return made, diffs.stats(repository, [made])[sha] if made and wants_stats else None

    made, stats = await in_thread(look_up)
    if made is None:
        raise not_found("Commit")
    return Answer(represent.detail(call.world, project, made, stats), 201)


async def commit(
    call: Call, project: Project, repository: Repository, draft: Draft, start: Repository | None = None
) -> str:
    """Make the commit with all that follows; its SHA. ApiError 400 when GitLab refuses it."""
    person = committing.identity(call.world, call.user)
    try:
        move = committing.check(call.world, project, call.user, start or repository, repository, draft)
        if start is not None and start.folder != repository.folder:
            await in_thread(lambda: repository.bring(start, move.after, f"refs/keep-around/{move.after}"))
        done = await in_thread(lambda: committing.make(repository, move, draft, person))
    except CommitError as error:
        raise ApiError(400, {"message": str(error)}) from error
    await ref_changes.announce(call.world, project, call.user, (done,))
    return done.after


async def _write_file(call: Call, kind: str, status: int) -> Answer:
    call.params.need("branch", "commit_message", *(() if kind == "delete" else ("content",)))
    branch, message = call.params.needed("branch"), call.params.needed("commit_message")
    project, repository = writable(call)
    path = file_path(call)
    content = None if kind == "delete" else _content(call.params)
    action = Action(kind, path, content, executable=call.params.boolean("execute_filemode"))
    last = call.params.text("last_commit_id")
    draft = Draft(
        branch,
        message,
        (action,),
        start_branch=call.params.text("start_branch"),
        author_name=call.params.text("author_name"),
        author_email=call.params.text("author_email"),
        seen=committing.paths_seen((action,), (last,)),
        changed_text=_FILE_CHANGED[kind],
    )
    await commit(call, project, repository, draft)
    return Answer(None if kind == "delete" else {"file_path": path, "branch": branch}, status)


@routes.post("/projects/:id/repository/files/:file_path")
async def create_file(call: Call) -> Answer:
    """A new file in one commit."""
    return await _write_file(call, "create", 201)


@routes.put("/projects/:id/repository/files/:file_path")
async def update_file(call: Call) -> Answer:
    """Another content in one commit."""
    return await _write_file(call, "update", 200)


@routes.delete("/projects/:id/repository/files/:file_path")
async def delete_file(call: Call) -> Answer:
    """A file less in one commit."""
    return await _write_file(call, "delete", 204)


def _draft(params: Parameters) -> Draft:
    listed = params.raw("actions")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ApiError(400, {"error": "actions is invalid"})
    actions = tuple(_action(position, entry) for position, entry in enumerate(listed))
    return Draft(
        params.needed("branch"),
        params.text("commit_message") or "",
        actions,
        start_branch=params.text("start_branch"),
        start_sha=params.text("start_sha"),
        author_name=params.text("author_name"),
        author_email=params.text("author_email"),
        force=bool(params.boolean("force")),
        seen=committing.paths_seen(actions, [Parameters(entry).text("last_commit_id") for entry in listed]),
    )


# Grape's `given` blocks: what an action needs besides `action` and `file_path`.
_NEEDED = {"move": "previous_path", "update": "content", "chmod": "execute_filemode"}


def _action(position: int, values: Mapping[str, Any]) -> Action:
    entry, place = Parameters(values), f"actions[{position}]"
    kind = entry.text("action")
    needed = ["action", "file_path", *([_NEEDED[kind]] if kind in _NEEDED else [])]
    missing = [f"{place}[{name}] is missing" for name in needed if name not in entry]
    if missing:
        raise ApiError(400, {"error": ", ".join(missing)})
    if kind not in KINDS:
        raise ApiError(400, {"error": f"{place}[action] does not have a valid value"})
    return Action(
        kind,
        entry.text("file_path") or "",
        _content(entry) if "content" in entry else None,
        entry.text("previous_path") or "",
        entry.boolean("execute_filemode"),
    )


def _content(params: Parameters) -> bytes:
    raw = params.raw("content")
    content = raw.content if isinstance(raw, File) else str("" if raw is None else raw).encode()
    if params.choice("encoding", ("text", "base64")) != "base64":
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error as error:
        raise ApiError(400, {"message": "invalid base64"}) from error


def _start_repository(call: Call, project: Project) -> Repository | None:
    asked = call.params.text("start_project")
    if asked is None:
        return None
    source = find_project(call.world, asked)
    if source is None or not call.reads(source):
        raise not_found("Project")
    related = source.id == project.id or project.forked_from_id == source.id
    if not related or not code_access.can_read_code(call.world, call.viewer, source):
        raise forbidden(f"Project is not included in the fork network for {source.name}")
    return repositories.opened(call.world, source)
