"""One request for a page: what it is about, and how templates are filled."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.sandbox.git.diffs import FileDiff
from bot.sandbox.pages import patches
from bot.sandbox.rules import mentions
from bot.sandbox.rules.issuables import web_url
from bot.sandbox.text import markdown
from bot.sandbox.text.references import Reference
from bot.sandbox.world import Project, User, World

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "sandbox"
_AGES = ((31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


class NothingHere(Exception):  # noqa: N818 - it ends in a page, not in an error
    """There is no such page."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is made for. `viewer` is the administrator: pages show everything."""

    world: World
    request: Request
    viewer: User

    def show(self, template: str, **context: Any) -> HTMLResponse:
        """A page without a project around it."""
        return HTMLResponse(environment().get_template(template).render(**context))

    def show_in(self, project: Project, tab: str, template: str, **context: Any) -> HTMLResponse:
        """A page of a project."""
        return self.show(
            template, project=project, tab=tab, tabs=self._tabs(project), crumbs=crumbs(project), **context
        )

    def html(self, project: Project, text: str | None) -> Markup:
        """A text that people wrote in `project`, as HTML."""

        def resolve(path: str, sign: str, name: str) -> str | None:
            if sign == "@":
                return f"/{name}" if self.world.users.one(username=name) else None
            find = mentions.issue if sign == "#" else mentions.merge_request
            found = find(self.world, self.viewer, project, Reference(path, int(name)))
            return None if found is None else web_url(self.world, found).removeprefix(self.world.url)

        return Markup(markdown.to_html(text or "", resolve))  # noqa: S704 - to_html escapes all that it does not make

    def _tabs(self, project: Project) -> list[tuple[str, str, int | None]]:
        base = f"/{project.full_path}"
        issues = sum(one.state == "opened" for one in self.world.issues.where(project_id=project.id))
        requests = sum(one.state == "opened" for one in self.world.merge_requests.where(project_id=project.id))
        return [
            ("Files", base, None),
            ("Commits", f"{base}/-/commits", None),
            ("Issues", f"{base}/-/issues", issues),
            ("Merge requests", f"{base}/-/merge_requests", requests),
        ]


def crumbs(project: Project) -> list[tuple[str, str]]:
    """The project's path, each part with its address."""
    parts = project.full_path.split("/")
    return [(part, "/" + "/".join(parts[: at + 1])) for at, part in enumerate(parts)]


@functools.cache
def environment() -> jinja2.Environment:
    """Jinja2 as these templates want it."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    made.filters.update(ago=ago, iso=iso, diff_lines=diff_lines)
    return made


def ago(moment: datetime) -> str:
    """`3 hours ago`."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for length, unit in _AGES:
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def iso(moment: datetime) -> str:
    """`2020-08-28T09:06:16Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def diff_lines(file: FileDiff) -> list[patches.Line]:
    """The numbered lines of a file's patch."""
    return patches.numbered(file.patch)
