"""The switches of the sandbox itself, for its administrator: faults, how pipelines go, what the tier offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import auth, faults
from bot.sandbox.api import find_project
from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.parameters import Parameters
from bot.sandbox.rules import pipelines
from bot.sandbox.world import Project

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

Serve = Callable[["Sandbox", Request], Awaitable[Response]]


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    """`/sandbox/faults`, `/sandbox/settings` and `/sandbox/projects/:id` (id, or full path with %2F)."""
    served: tuple[tuple[str, Serve, tuple[str, ...]], ...] = (
        ("/sandbox/faults", _faults, ("POST", "DELETE")),
        ("/sandbox/settings", _settings, ("GET", "PUT")),
        ("/sandbox/projects/{project:path}", _project, ("GET", "PUT")),
    )
    return [Route(path, partial(_answered, serve, sandbox), methods=methods) for path, serve, methods in served]


async def _answered(serve: Serve, sandbox: Sandbox, request: Request) -> Response:
    try:
        caller = auth.authenticate(sandbox.world, request)
        if caller.user is None or not caller.user.admin:
            raise forbidden()
        return await serve(sandbox, request)
    except ApiError as error:
        return JSONResponse(error.body, error.status)


async def _faults(sandbox: Sandbox, request: Request) -> Response:
    if request.method == "DELETE":
        sandbox.faults.clear()
        return Response(status_code=204)
    sandbox.faults.add(faults.parse(await request.json()))
    return JSONResponse({"armed": len(sandbox.faults.armed)}, 201)


async def _settings(sandbox: Sandbox, request: Request) -> Response:
    """`premium`, `hook_signing` (of 19.0) and `mergeability_seconds` (how long merge requests stay unchecked)."""
    world = sandbox.world
    params = await _parameters(request)
    for name in ("premium", "hook_signing"):
        if (switched := params.boolean(name)) is not None:
            setattr(world, name, switched)
    if (seconds := params.number("mergeability_seconds")) is not None:
        world.mergeability_seconds = seconds
    return JSONResponse(
        {
            "premium": world.premium,
            "hook_signing": world.hook_signing,
            "mergeability_seconds": world.mergeability_seconds,
        }
    )


async def _project(sandbox: Sandbox, request: Request) -> Response:
    """`pipeline_outcome` and `pipeline_seconds` of pipelines to come; `finish` ends those that run."""
    project = _found(sandbox, request)
    params = await _parameters(request)
    outcome = params.choice("pipeline_outcome", pipelines.OUTCOMES) or project.pipeline_outcome
    seconds = params.number("pipeline_seconds")
    sandbox.set_pipelines(project, outcome, project.pipeline_seconds if seconds is None else seconds)
    finish = params.choice("finish", (pipelines.SUCCESS, pipelines.FAILED))
    if finish is not None:
        sandbox.finish_pipelines(project, finish)
    return JSONResponse({"pipeline_outcome": project.pipeline_outcome, "pipeline_seconds": project.pipeline_seconds})


def _found(sandbox: Sandbox, request: Request) -> Project:
    project = find_project(sandbox.world, request.path_params["project"])
    if project is None:
        raise not_found("Project")
    return project


async def _parameters(request: Request) -> Parameters:
    body: Any = await request.json() if request.method == "PUT" else {}
    return Parameters(body if isinstance(body, dict) else {})
