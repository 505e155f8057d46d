"""Statuses of commits: list them, and set one."""

from __future__ import annotations

import asyncio

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import forbidden, not_found
from bot.sandbox.git import history
from bot.sandbox.git.repository import Repository
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import commit_status as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, commit_statuses
from bot.sandbox.rules.commit_statuses import EXTERNAL_STAGE, STATES, Report
from bot.sandbox.world import Access, CommitStatus, Job

_ORDERS = ("id", "pipeline_id")


@routes.get("/projects/:id/repository/commits/:sha/statuses", public=False)
async def of_commit(call: Call) -> Answer:
    """The statuses of a commit, jobs among them."""
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    repository = repositories.opened(call.world, project)
    sha = await asyncio.to_thread(repository.resolve, call.path["sha"])
    if sha is None:
        raise not_found("Commit")
    every = bool(call.params.boolean("all"))
    found = [one for one in commit_statuses.of_commit(call.world, project, sha, every=every) if _wanted(call, one)]
    order = call.params.choice("order_by", _ORDERS) or "id"
    descending = call.params.choice("sort", ("asc", "desc")) == "desc"
    found.sort(key=lambda one: (getattr(one, order), one.id), reverse=descending)
    defaults = {"all": "false", "order_by": "id", "sort": "asc"}
    return paginate(call, found, lambda one: represent.whole(call.world, one), defaults)


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
    said = Report(
        sha=commit.sha,
        ref=call.params.text("ref"),
        name=call.params.text("name") or call.params.text("context") or "default",
        state=state,
        pipeline_id=call.params.integer("pipeline_id"),
        details=_details(call),
    )
    pipeline = commit_statuses.pipeline_of(call.world, project, said)
    ref = said.ref or (pipeline.ref if pipeline else await asyncio.to_thread(_first_branch, repository, said.sha))
    if ref is None:
        raise not_found("References for commit")
    status = commit_statuses.report(call.world, call.user, project, said, ref)
    return Answer(represent.whole(call.world, status), 201)


def _wanted(call: Call, one: Job | CommitStatus) -> bool:
    params = call.params
    stage = one.stage if isinstance(one, Job) else EXTERNAL_STAGE
    given = (params.text("ref"), params.text("name"), params.text("stage"), params.integer("pipeline_id"))
    has = (one.ref, one.name, stage, one.pipeline_id)
    return all(wanted in (None, value) for wanted, value in zip(given, has, strict=True))


def _details(call: Call) -> dict[str, object]:
    given = {name: call.params.text(name) for name in ("description", "target_url")}
    return {n: v for n, v in {**given, "coverage": call.params.number("coverage")}.items() if v is not None}


def _first_branch(repository: Repository, sha: str) -> str | None:
    return next((name for kind, name in history.refs_containing(repository, sha) if kind == "branch"), None)
