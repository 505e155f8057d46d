"""A repository as a whole: trees, blobs, archives, comparisons, contributors."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.git import archives, history, trees
from bot.sandbox.git.objects import FULL_SHA
from bot.sandbox.git.plumbing import GitError
from bot.sandbox.git.repository import Repository
from bot.sandbox.git.trees import Entry
from bot.sandbox.pagination import paginate, paginate_by_token
from bot.sandbox.represent import commit as represent
from bot.sandbox.routes.files import raw_answer
from bot.sandbox.routes.repository_reading import in_thread, readable
from bot.sandbox.routing import routes

_CONTRIBUTOR_DEFAULTS = {"order_by": "commits", "sort": "asc"}


@routes.get("/projects/:id/repository/tree")
async def tree(call: Call) -> Answer:
    """The files and directories at a ref."""
    project, repository = readable(call)
    ref = call.params.text("ref") or repositories.default_branch(project)
    path, recursive = call.params.text("path") or "", bool(call.params.boolean("recursive"))
    method = call.params.choice("pagination", ("legacy", "keyset", "none")) or "legacy"
    if method == "none" and not recursive:
        raise ApiError(400, {"error": 'pagination cannot be "none" unless "recursive" is true'})

    def look_up() -> list[Entry] | None:
        commit = repository.resolve(ref)
        return trees.listing(repository, commit, path, recursive) if commit else None

    found = await in_thread(look_up)
    if found is None:
        raise not_found(
            "Tree" if await in_thread(lambda: repository.resolve(ref)) is None else "invalid revision or path"
        )
    if method == "none":
        return Answer([_entry(entry) for entry in found])
    if method == "keyset":
        return paginate_by_token(call, found, lambda entry: entry.sha, _entry)
    return paginate(call, found, _entry, {"pagination": "legacy", "recursive": "false"})


@routes.get("/projects/:id/repository/blobs/:sha")
async def blob(call: Call) -> Answer:
    """A blob by its own name."""
    content = await _blob(call)
    sha = call.path["sha"]
    encoded = base64.b64encode(content).decode()
    return Answer({"size": len(content), "encoding": "base64", "content": encoded, "sha": sha})


@routes.get("/projects/:id/repository/blobs/:sha/raw")
async def raw_blob(call: Call) -> Answer:
    """The bytes of a blob."""
    return raw_answer(await _blob(call), call.path["sha"], {})


def _archive(extension: str) -> Callable[[Call], Awaitable[Answer]]:
    async def archive(call: Call) -> Answer:
        """All files of a commit in one."""
        project, repository = readable(call)
        ref = call.params.text("sha") or repositories.default_branch(project)
        path = call.params.text("path") or ""
        format_, kind = archives.FORMATS[call.params.choice("format", archives.FORMATS) or extension]

        def look_up() -> tuple[str, bytes]:
            sha = repository.resolve(ref)
            if sha is None:
                raise not_found("File")
            below = f"-{path.strip('/').replace('/', '-')}" if path else ""
            name = f"{project.path}-{ref.replace('/', '-')}-{sha}{below}"
            return name, archives.archive(repository, sha, format_, name, path)

        try:
            name, content = await in_thread(look_up)
        except GitError:
            raise not_found("File") from None
        disposition = f'attachment; filename="{name}.{format_}"'
        return Answer(content, headers={"Content-Disposition": disposition}, content_type=kind)

    return archive


routes.get("/projects/:id/repository/archive")(_archive("tar.gz"))
for _extension in archives.FORMATS:
    routes.get(f"/projects/:id/repository/archive.{_extension}")(_archive(_extension))


@routes.get("/projects/:id/repository/contributors")
async def contributors(call: Call) -> Answer:
    """Who committed how often."""
    project, repository = readable(call)
    ref = call.params.text("ref") or repositories.default_branch(project)
    order = call.params.choice("order_by", ("email", "name", "commits")) or "commits"
    falling = call.params.choice("sort", ("asc", "desc")) == "desc"

    def look_up() -> dict[tuple[str, str], int]:
        sha = repository.resolve(ref)
        if sha is None:
            raise not_found()
        return history.contributors(repository, sha)

    counted = await in_thread(look_up)
    found: list[dict[str, Any]] = [
        {"name": name, "email": email, "commits": commits, "additions": 0, "deletions": 0}
        for (name, email), commits in counted.items()
    ]
    return paginate(call, sorted(found, key=lambda person: person[order], reverse=falling), dict, _CONTRIBUTOR_DEFAULTS)


@routes.get("/projects/:id/repository/merge_base")
async def merge_base(call: Call) -> Answer:
    """The best common ancestor of two or more refs."""
    project, repository = readable(call)
    call.params.need("refs")
    refs = call.params.strings("refs") or ()
    if len(refs) < 2:
        raise ApiError(400, {"message": "Provide at least 2 refs"})

    def look_up() -> dict[str, str | None]:
        return {ref: repository.resolve(ref) for ref in refs}

    names = await in_thread(look_up)
    if unknown := [ref for ref, sha in names.items() if sha is None]:
        plural = "s" if len(unknown) > 1 else ""
        raise ApiError(400, {"message": f"Could not find ref{plural}: {', '.join(unknown)}"})
    base = await in_thread(lambda: _merge_base(repository, [sha for sha in names.values() if sha]))
    commit = repository.commit(base) if base else None
    if commit is None:
        raise not_found("Merge Base")
    return Answer(represent.basic(call.world, project, commit))


def _merge_base(repository: Repository, names: list[str]) -> str | None:
    return history.merge_base(repository, *names)


async def _blob(call: Call) -> bytes:
    _, repository = readable(call)
    sha = call.path["sha"]
    found = await in_thread(lambda: repository.object(sha)) if FULL_SHA.fullmatch(sha) else None
    if found is None or found[0] != "blob":
        raise not_found("Blob")
    return found[1]


def _entry(entry: Entry) -> dict[str, str]:
    return {"id": entry.sha, "name": entry.name, "type": entry.type, "path": entry.path, "mode": entry.mode}
