"""Commits of a repository: lists, one, what it changes, where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.git import diffs, history
from bot.sandbox.git.diffs import FileDiff, Stats
from bot.sandbox.git.history import Asked
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.pagination import paginate, paginate_uncounted, per_page
from bot.sandbox.represent import commit as represent
from bot.sandbox.represent import diff as represent_diff
from bot.sandbox.routes.repository_reading import in_thread, readable
from bot.sandbox.routing import routes


@routes.get("/projects/:id/repository/commits")
async def index(call: Call) -> Answer:
    """Commits of a ref, newest first."""
    project, repository = readable(call)
    ref = call.params.text("ref_name") or repositories.default_branch(project)
    if ref.startswith("-"):
        raise ApiError(400, {"message": "ref_name is invalid"})
    asked = _asked(call)

    def look_up() -> list[Commit]:
        if call.params.boolean("all"):
            return history.log(repository, asked)
        revision = _revision(repository, ref)
        return history.log(repository, replace(asked, revisions=(revision,))) if revision else []

    commits = await in_thread(look_up)
    stats = await in_thread(lambda: diffs.stats(repository, commits)) if call.params.boolean("with_stats") else {}

    def show(commit: Commit) -> dict[str, Any]:
        shown = represent.basic(call.world, project, commit, with_trailers=bool(call.params.boolean("trailers")))
        return shown | ({"stats": represent.shown_stats(stats[commit.sha])} if commit.sha in stats else {})

    return paginate_uncounted(call, commits, show, {"order": "default", "trailers": "false"})


@routes.get("/projects/:id/repository/commits/:sha")
async def show(call: Call) -> Answer:
    """One commit by name."""
    project, repository = readable(call)
    wants_stats = call.params.boolean("stats") is not False

    def look_up() -> tuple[Commit, Stats | None]:
        commit = _commit(repository, call.path["sha"])
        return commit, diffs.stats(repository, [commit])[commit.sha] if wants_stats else None

    commit, stats = await in_thread(look_up)
    return Answer(represent.detail(call.world, project, commit, stats))


@routes.get("/projects/:id/repository/commits/:sha/diff")
async def diff(call: Call) -> Answer:
    """What a commit changes."""
    _, repository = readable(call)
    found = await in_thread(lambda: diffs.of_commit(repository, _commit(repository, call.path["sha"])))
    return paginate(call, found, shown_diff(call), {"unidiff": "false"})


@routes.get("/projects/:id/repository/commits/:sha/refs")
async def refs(call: Call) -> Answer:
    """The branches and tags that contain a commit."""
    _, repository = readable(call)
    kind = call.params.choice("type", ("branch", "tag", "all")) or "all"
    found = await in_thread(lambda: history.refs_containing(repository, _commit(repository, call.path["sha"]).sha))
    chosen = [(k, name) for k, name in found if kind in {"all", k}]
    return paginate(call, chosen, lambda ref: {"type": ref[0], "name": ref[1]}, {"type": "all"})


@routes.get("/projects/:id/repository/commits/:sha/sequence")
async def sequence(call: Call) -> Answer:
    """How many commits lead up to a commit."""
    _, repository = readable(call)
    first_parent = bool(call.params.boolean("first_parent"))

    def look_up() -> int:
        sha = _commit(repository, call.path["sha"]).sha
        return history.count(repository, Asked((sha,), first_parent=first_parent))

    return Answer({"count": await in_thread(look_up)})


@routes.get("/projects/:id/repository/commits/:sha/signature")
async def signature(call: Call) -> Answer:
    """Commits here are never signed by a key that GitLab knows."""
    _, repository = readable(call)
    await in_thread(lambda: _commit(repository, call.path["sha"]))
    raise not_found("Signature")


def shown_diff(call: Call) -> Callable[[FileDiff], dict[str, Any]]:
    """How the call wants its diffs: GitLab's short form, or unified ones."""
    unified = bool(call.params.boolean("unidiff"))
    return lambda found: represent_diff.whole(found, unified=unified)


def _commit(repository: Repository, name: str) -> Commit:
    commit = repository.commit(name)
    if commit is None:
        raise not_found("Commit")
    return commit


def _asked(call: Call) -> Asked:
    params, size = call.params, per_page(call)
    return Asked(
        None,
        path=params.text("path"),
        since=params.time("since"),
        until=params.time("until"),
        author=params.text("author"),
        first_parent=bool(params.boolean("first_parent")),
        topological=params.choice("order", ("default", "topo")) == "topo",
        skip=(max(params.integer("page") or 1, 1) - 1) * size,
        limit=size + 1,
    )


def _revision(repository: Repository, ref: str) -> str | None:
    # A range ("v1..main") is allowed here; what names nothing lists nothing.
    names = [repository.resolve(end) for end in ref.split("..") if end]
    known = [name for name in names if name is not None]
    return "..".join(known) if known and len(known) == len(names) else None
