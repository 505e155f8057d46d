"""The site: which part of the sandbox serves which path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import auth, faults
from bot.sandbox import routes as _routes  # noqa: F401 - importing the modules registers their routes
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.gate import Gate
from bot.sandbox.git_http import GitHttp
from bot.sandbox.graph.endpoint import GraphqlApi
from bot.sandbox.pages.site import Pages
from bot.sandbox.rest import PREFIX, RestApi

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox


def build(sandbox: Sandbox) -> Gate:
    """The ASGI application of `sandbox`."""
    parts: list[BaseRoute] = [
        Route(PREFIX + "/{rest:path}", RestApi(sandbox)),
        Route("/api/graphql", GraphqlApi(sandbox).answer, methods=["POST"]),
        *_switches(sandbox),
        *GitHttp(sandbox).routes(),
        *Pages(sandbox).routes(),
    ]
    return Gate(Starlette(routes=parts), sandbox)


def _switches(sandbox: Sandbox) -> list[BaseRoute]:
    async def fault_switch(request: Request) -> Response:
        try:
            return await _switch(sandbox, request)
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return [Route("/sandbox/faults", fault_switch, methods=["POST", "DELETE"])]


async def _switch(sandbox: Sandbox, request: Request) -> Response:
    caller = auth.authenticate(sandbox.world, request)
    if caller.user is None or not caller.user.admin:
        raise forbidden()
    if request.method == "DELETE":
        sandbox.faults.clear()
        return Response(status_code=204)
    sandbox.faults.add(faults.parse(await request.json()))
    return JSONResponse({"armed": len(sandbox.faults.armed)}, 201)
