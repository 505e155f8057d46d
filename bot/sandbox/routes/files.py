"""Files at a commit: with metadata, raw, and line by line."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.git import archives, history, trees
from bot.sandbox.git.objects import EXECUTABLE, Commit, parse_commit
from bot.sandbox.git.plumbing import GitError
from bot.sandbox.git.repository import Repository
from bot.sandbox.represent import commit as represent
from bot.sandbox.routes.repository_reading import file_path, in_thread, readable
from bot.sandbox.routing import routes

SCOPES = ("read_repository",)


@dataclass(frozen=True, slots=True)
class _Found:
    commit: str
    last_commit: str
    file: trees.File


@routes.get("/projects/:id/repository/files/:file_path", scopes=SCOPES)
async def show(call: Call) -> Answer:
    """A file with its content; HEAD gives the same headers without it."""
    _, repository = readable(call)
    ref = call.params.needed("ref")
    found = await _found(call, repository, ref)
    facts = _facts(found, ref)
    if call.request.method == "HEAD":
        return Answer(b"", headers=_headers(facts))
    content = base64.b64encode(found.file.content).decode()
    return Answer({**facts, "content": content}, headers=_headers(facts))


@routes.get("/projects/:id/repository/files/:file_path/raw", scopes=SCOPES)
async def raw(call: Call) -> Answer:
    """The bytes of a file."""
    project, repository = readable(call)
    ref = call.params.text("ref") or repositories.default_branch(project)
    found = await _found(call, repository, ref)
    return raw_answer(found.file.content, found.file.path, _headers(_facts(found, ref)))


@routes.get("/projects/:id/repository/files/:file_path/blame", scopes=SCOPES)
async def blame(call: Call) -> Answer:
    """Which commit wrote which lines."""
    project, repository = readable(call)
    ref = call.params.needed("ref")
    first, last = _range(call)
    found = await _found(call, repository, ref)
    headers = _headers(_facts(found, ref))
    if call.request.method == "HEAD":
        return Answer(b"", headers=headers)

    def look_up() -> tuple[list[archives.Blamed], dict[str, Commit]]:
        runs = archives.blame(repository, found.commit, found.file.path, first, last)
        objects = repository.objects({run.sha for run in runs})
        return runs, {sha: parse_commit(sha, body) for sha, (_, body) in objects.items()}

    try:
        runs, commits = await in_thread(look_up)
    except GitError:
        runs, commits = [], {}
    shown = {sha: represent.blamed(call.world, project, commit) for sha, commit in commits.items()}
    return Answer([{"commit": shown[run.sha], "lines": list(run.lines)} for run in runs], headers=headers)


def raw_answer(content: bytes, path: str, headers: dict[str, str]) -> Answer:
    """Bytes as GitLab sends them: never something that a browser would run."""
    text = b"\0" not in content[:8000]
    kind = "text/plain; charset=utf-8" if text else "application/octet-stream"
    name = path.rpartition("/")[2].replace('"', "")
    disposition = f'inline; filename="{name}"' if name.isascii() else "inline"
    caching = {"Cache-Control": "no-store, no-cache", "Content-Disposition": disposition}
    return Answer(content, headers={**headers, **caching}, content_type=kind)


async def _found(call: Call, repository: Repository, ref: str) -> _Found:
    path = file_path(call)

    def look_up() -> _Found:
        commit = repository.resolve(ref)
        if commit is None:
            raise not_found("Commit")
        file = trees.file(repository, commit, path)
        if file is None:
            raise not_found("File")
        return _Found(commit, history.last_changes(repository, commit, path) or commit, file)

    return await in_thread(look_up)


def _facts(found: _Found, ref: str) -> dict[str, Any]:
    file = found.file
    return {
        "file_name": file.path.rpartition("/")[2],
        "file_path": file.path,
        "size": len(file.content),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(file.content).hexdigest(),
        "ref": ref,
        "blob_id": file.sha,
        "commit_id": found.commit,
        "last_commit_id": found.last_commit,
        "execute_filemode": file.mode == EXECUTABLE,
    }


def _headers(facts: dict[str, Any]) -> dict[str, str]:
    # Header names in the spelling of the recordings: X-Gitlab-Blob-Id.
    words = {name: "-".join(part.capitalize() for part in name.split("_")) for name in facts}
    shown = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in facts.items()}
    return {f"X-Gitlab-{words[name]}": value for name, value in shown.items() if value.isascii()}


def _range(call: Call) -> tuple[int | None, int | None]:
    asked = call.params.raw("range")
    if not isinstance(asked, dict):
        return None, None
    missing = [f"range[{end}] is missing" for end in ("start", "end") if end not in asked]
    if missing:
        raise ApiError(400, {"error": ", ".join(missing)})
    try:
        first, last = int(asked["start"]), int(asked["end"])
    except (TypeError, ValueError):
        raise ApiError(400, {"error": "range[start] is invalid"}) from None
    if first > last:
        raise ApiError(400, {"message": "range[start] must be less than or equal to range[end]"})
    return first, last
