"""Routes that projects and groups have alike, and which of the two a call is about."""

from __future__ import annotations

from bot.sandbox.api import Call
from bot.sandbox.routing import Function, routes
from bot.sandbox.world import Access, Namespace, Project

Source = Project | Namespace


def source(call: Call, project: int = Access.NONE, group: int = Access.NONE) -> Source:
    """The project or group of the call's `:id`, with the least access for either; errors as of `Call.project`."""
    if call.request.scope["raw_path"].startswith(b"/api/v4/projects/"):
        return call.project(project)
    return call.group(group)


def kind(of: Source) -> str:
    """What members, tokens, variables and labels call it in `source_type`."""
    return "Project" if isinstance(of, Project) else "Group"


def register(end: str, functions: tuple[tuple[str, str, Function], ...], *, public: bool = False) -> None:
    """Register (method, rest of the path, function) below `/projects/:id` and `/groups/:id`.

    `public` opens the reads to anonymous callers.
    """
    for root in ("/projects/:id", "/groups/:id"):
        for method, rest, function in functions:
            if method == "get":
                routes.get(root + end + rest, public=public)(function)
            else:
                getattr(routes, method)(root + end + rest)(function)
