"""The site: which part of the sandbox serves which path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from bot.sandbox import routes as _routes  # noqa: F401 - importing the modules registers their routes
from bot.sandbox import switches
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
        *switches.routes(sandbox),
        *GitHttp(sandbox).routes(),
        *Pages(sandbox).routes(),
    ]
    return Gate(Starlette(routes=parts), sandbox)
