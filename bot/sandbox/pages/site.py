"""Which address shows which page."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.pages import issuables, projects, repository
from bot.sandbox.pages.page import TEMPLATES, NothingHere, Page
from bot.sandbox.rules import uploads
from bot.sandbox.world import Project

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

View = Callable[..., Awaitable[Response]]
_VIEWS: tuple[tuple[re.Pattern[str], View], ...] = tuple(
    (re.compile(pattern), view)
    for pattern, view in (
        (r"issues", partial(issuables.listed, kind="issues")),
        (r"(?:issues|work_items)/(?P<iid>\d+)", issuables.issue),
        (r"merge_requests", partial(issuables.listed, kind="merge_requests")),
        (r"merge_requests/(?P<iid>\d+)(?:/(?:diffs|commits|pipelines))?", issuables.merge_request),
        (r"merge_requests/(?P<iid>\d+)\.(?P<kind>diff|patch)", issuables.patch),
        (r"commit/(?P<sha>[0-9a-f]{7,40})", repository.commit),
        (r"commits(?:/(?P<ref>.+))?", repository.commits),
        (r"tree/(?P<place>.+)", repository.tree),
        (r"blob/(?P<place>.+)", repository.blob),
        (r"pipelines/(?P<number>\d+)", repository.pipeline),
        (r"jobs/(?P<number>\d+)", repository.job),
    )
)


class Pages:
    """The site that people see."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[BaseRoute]:
        """Everything that is not REST, GraphQL or git; put it last."""
        return [
            Route("/sandbox/style.css", self._style, methods=["GET"]),
            Route("/-/project/{id:int}/uploads/{secret}/{filename}", self._upload, methods=["GET"]),
            Route("/{path:path}/uploads/{secret}/{filename}", self._upload, methods=["GET"]),
            Route("/{path:path}", self._page, methods=["GET"]),
        ]

    async def _style(self, request: Request) -> Response:
        return FileResponse(TEMPLATES / "style.css", media_type="text/css")

    async def _upload(self, request: Request) -> Response:
        world, given = self._sandbox.world, request.path_params
        project = world.projects.get(given["id"]) if "id" in given else world.projects.one(full_path=given["path"])
        found = uploads.named(world, project, given["secret"], given["filename"]) if project else None
        if found is None:
            return PlainTextResponse("Not found", 404)
        kind = mimetypes.guess_type(found.filename)[0] or "application/octet-stream"
        inline = kind.startswith(("image/", "video/", "audio/")) and "svg" not in kind
        disposition = f'{"inline" if inline else "attachment"}; filename="{found.filename}"'
        return Response(found.content, headers={"Content-Disposition": disposition}, media_type=kind)

    async def _page(self, request: Request) -> Response:
        page = Page(self._sandbox.world, request, self._sandbox.root)
        path = request.path_params["path"].strip("/")
        try:
            return await self._shown(page, path)
        except NothingHere:
            missing = page.show("not_found.html.j2", path=f"/{path}")
            missing.status_code = 404
            return missing

    async def _shown(self, page: Page, path: str) -> Response:
        if path in ("", "explore", "dashboard/projects", "projects"):
            return await projects.index(page)
        if path.endswith(".git"):
            return RedirectResponse(f"/{path.removesuffix('.git')}")
        place, dash, rest = path.partition("/-/")
        project = page.world.projects.one(full_path=place)
        if project is not None:
            return await (_view(page, project, rest) if dash else projects.project(page, project))
        group = page.world.namespaces.one(full_path=place.removeprefix("groups/"))
        if group is None or dash:
            raise NothingHere
        return await projects.index(page, group)


async def _view(page: Page, project: Project, rest: str) -> Response:
    for pattern, view in _VIEWS:
        if match := pattern.fullmatch(rest.strip("/")):
            given = {name: value for name, value in match.groupdict().items() if value is not None}
            return await view(page, project, **given)
    raise NothingHere
