"""Pipelines: list, read, create, retry, cancel, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, record_not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import pipeline as represent
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routes.merge_requests import MERGE_REQUEST
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, pipelines
from bot.sandbox.rules.mergeability import RUNNING
from bot.sandbox.world import Access, Pipeline, Project

_SCOPES: Mapping[str, Callable[[Pipeline], bool]] = {
    "running": lambda p: p.status == "running",
    "pending": lambda p: p.status == "pending",
    "finished": lambda p: p.status not in RUNNING,
    "branches": lambda p: not p.tag,
    "tags": lambda p: p.tag,
}
_NO_PIPELINE = (
    "Pipeline will not run for the selected trigger. "
    "The rules configuration prevented any jobs from being added to the pipeline."
)
_ORDERS = ("id", "status", "ref", "updated_at", "user_id")
PIPELINE = "/projects/:id/pipelines/:pipeline_id"


@routes.get("/projects/:id/pipelines")
def list_pipelines(call: Call) -> Answer:
    """The project's pipelines."""
    project = _readable(call)
    order = call.params.choice("order_by", _ORDERS) or "id"
    descending = (call.params.choice("sort", ("asc", "desc")) or "desc") == "desc"
    found = [one for one in call.world.pipelines.where(project_id=project.id) if _wanted(call, one)]
    found.sort(key=lambda one: (getattr(one, order), one.id), reverse=descending)
    return paginate(call, found, lambda one: represent.basic(call.world, one), {"order_by": "id", "sort": "desc"})


@routes.post("/projects/:id/pipeline")
def create(call: Call) -> Answer:
    """A new pipeline for a branch or tag."""
    project = _writable(call)
    call.params.need("ref")
    ref = call.params.text("ref") or ""
    sha = repositories.opened(call.world, project).resolve(ref)
    if sha is None:
        raise ApiError(400, {"message": {"base": ["Reference not found"]}})
    if project.pipeline_outcome == pipelines.NONE:
        raise ApiError(400, {"message": {"base": [_NO_PIPELINE]}})
    made = pipelines.create(call.world, project, call.user, ref, sha, "api")
    variables = call.params.raw("variables")
    if isinstance(variables, list):
        made.variables = tuple({"variable_type": "env_var", **one} for one in variables if isinstance(one, dict))
    return Answer(represent.whole(call.world, made), 201)


@routes.get("/projects/:id/pipelines/latest")
def latest(call: Call) -> Answer:
    """The newest pipeline of a branch, by default of the default branch."""
    project = _readable(call)
    ref = call.params.text("ref") or repositories.default_branch(project)
    found = pipelines.latest(call.world, project, ref)
    if found is None:
        raise forbidden()
    return Answer(represent.with_metadata(call.world, found))


@routes.get(PIPELINE)
def get(call: Call) -> Answer:
    """One pipeline."""
    return Answer(represent.with_metadata(call.world, found(call)))


@routes.get(PIPELINE + "/variables")
def variables(call: Call) -> Answer:
    """The variables that a pipeline was made with."""
    return Answer([{"raw": False, **one} for one in found(call).variables])


@routes.get(PIPELINE + "/test_report")
def test_report(call: Call) -> Answer:
    """An empty test report: simulated jobs report no tests."""
    found(call)
    counts = ("total_time", "total_count", "success_count", "failed_count", "skipped_count", "error_count")
    return Answer({**dict.fromkeys(counts, 0), "test_suites": []})


@routes.get(PIPELINE + "/test_report_summary")
def test_report_summary(call: Call) -> Answer:
    """The summary of no tests."""
    found(call)
    total = {**dict.fromkeys(("time", "count", "success", "failed", "skipped", "error"), 0), "suite_error": None}
    return Answer({"total": total, "test_suites": []})


@routes.get(PIPELINE + "/bridges")
def bridges(call: Call) -> Answer:
    """Trigger jobs, of which simulated pipelines have none."""
    found(call)
    return paginate(call, (), lambda one: one)


@routes.put(PIPELINE + "/metadata")
def rename(call: Call) -> Answer:
    """Name a pipeline."""
    _writable(call)
    pipeline = found(call)
    pipeline.name = call.params.needed("name")
    return Answer(represent.with_metadata(call.world, pipeline))


@routes.post(PIPELINE + "/retry")
def retry(call: Call) -> Answer:
    """Run failed and canceled jobs again."""
    _writable(call)
    pipeline = found(call)
    pipelines.retry(call.world, pipeline)
    return Answer(represent.whole(call.world, pipeline), 201)


@routes.post(PIPELINE + "/cancel")
def cancel(call: Call) -> Answer:
    """Stop a pipeline."""
    _writable(call)
    pipeline = found(call)
    pipelines.cancel(call.world, pipeline)
    return Answer(represent.whole(call.world, pipeline))


@routes.delete(PIPELINE)
def delete(call: Call) -> Answer:
    """Delete a pipeline: for owners."""
    pipeline = found(call)
    if call.access(call.project()) < Access.OWNER:
        raise forbidden()
    pipelines.delete(call.world, pipeline)
    return Answer(None, 204)


@routes.get(MERGE_REQUEST + "/pipelines")
def of_merge_request(call: Call) -> Answer:
    """Pipelines of a merge request's commits, newest first."""
    subject = issuable_lookup.merge_request(call)
    heads = {head for _, _, _, head, _ in subject.versions}
    project_ids = {subject.source_project_id, subject.project_id}
    mine = [
        one
        for project_id in project_ids
        for one in call.world.pipelines.where(project_id=project_id)
        if one.merge_request_id == subject.id or (one.sha in heads and one.ref == subject.source_branch)
    ]
    mine.sort(key=lambda one: one.id, reverse=True)
    return paginate(call, mine, lambda one: represent.basic(call.world, one))


@routes.post(MERGE_REQUEST + "/pipelines")
def create_for_merge_request(call: Call) -> Answer:
    """A new pipeline for a merge request; 405 when the project has none."""
    subject = issuable_lookup.merge_request(call)
    project = _writable(call)
    if project.pipeline_outcome == pipelines.NONE or subject.sha is None:
        raise ApiError(405, {"message": "405 Method Not Allowed"})
    ref, source = f"refs/merge-requests/{subject.iid}/head", "merge_request_event"
    made = pipelines.create(call.world, project, call.user, ref, subject.sha, source, about=subject)
    return Answer(represent.whole(call.world, made))


def found(call: Call) -> Pipeline:
    """The pipeline of the path."""
    project = _readable(call)
    pipeline = call.world.pipelines.get(call.number("pipeline_id"))
    if pipeline is None or pipeline.project_id != project.id:
        raise record_not_found()
    return pipeline


def _readable(call: Call) -> Project:
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    return project


def _writable(call: Call) -> Project:
    project = call.project(Access.DEVELOPER)
    if project.archived:
        raise forbidden()
    return project


def _wanted(call: Call, one: Pipeline) -> bool:
    params = call.params
    scope = params.choice("scope", tuple(_SCOPES))
    if scope is not None and not _SCOPES[scope](one):
        return False
    exact: dict[str, Any] = {name: params.text(name) for name in ("status", "ref", "sha", "source", "name")}
    if any(value is not None and getattr(one, name) != value for name, value in exact.items()):
        return False
    username = params.text("username")
    if username is not None and call.world.users[one.user_id].username != username:
        return False
    return _within(call, one)


def _within(call: Call, one: Pipeline) -> bool:
    for field in ("created", "updated"):
        moment = getattr(one, f"{field}_at")
        after, before = call.params.time(f"{field}_after"), call.params.time(f"{field}_before")
        if (after is not None and moment < after) or (before is not None and moment > before):
            return False
    return True
