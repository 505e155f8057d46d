"""Statuses of commits, set by outside systems."""

from __future__ import annotations

import asyncio

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import forbidden, not_found
from bot.sandbox.git import history
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import commit_status as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, commit_statuses
from bot.sandbox.rules.commit_statuses import STATES, Report
from bot.sandbox.world import Access


@routes.get("/projects/:id/repository/commits/:sha/statuses")
async def of_commit(call: Call) -> Answer:
    """The statuses of a commit."""
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    repository = repositories.opened(call.world, project)
    sha = await asyncio.to_thread(repository.resolve, call.path["sha"])
    if sha is None:
        raise not_found("Commit")
    ref, name = call.params.text("ref"), call.params.text("name")
    found = [
        one
        for one in commit_statuses.of_commit(call.world, project, sha, every=bool(call.params.boolean("all")))
        if ref in (None, one.ref) and name in (None, one.name)
    ]
    found.sort(key=lambda one: one.id, reverse=call.params.text("sort") == "desc")
    return paginate(call, found, lambda one: represent.whole(call.world, one))


@routes.post("/projects/:id/statuses/:sha")
async def report(call: Call) -> Answer:
    """Set a status of a commit."""
    project = call.project(Access.DEVELOPER)
    call.params.need("state")
    state = call.params.choice("state", STATES) or ""
    repository = repositories.opened(call.world, project)
    commit = await asyncio.to_thread(repository.commit, call.path["sha"])
    if commit is None:
        raise not_found("Commit")
    ref = call.params.text("ref")
    if ref is None:
        holding = await asyncio.to_thread(history.refs_containing, repository, commit.sha)
        branches = [name for kind, name in holding if kind == "branch"]
        if not branches:
            raise not_found("References for commit")
        ref = project.default_branch if project.default_branch in branches else branches[0]
    said = Report(
        sha=commit.sha,
        ref=ref or "",
        name=call.params.text("name") or call.params.text("context") or "default",
        state=state,
        description=call.params.text("description"),
        target_url=call.params.text("target_url"),
        coverage=call.params.number("coverage"),
    )
    return Answer(represent.whole(call.world, commit_statuses.report(call.world, call.user, project, said)), 201)
