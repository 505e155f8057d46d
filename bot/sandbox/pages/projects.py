"""The list of projects, and a project with its files."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from bot.sandbox import repositories
from bot.sandbox.git import trees
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.git.trees import Entry, File
from bot.sandbox.pages.page import Page
from bot.sandbox.world import Namespace, Project

PER_PAGE = 50
_READMES = ("readme.md", "readme.markdown", "readme", "readme.txt")


@dataclass(frozen=True, slots=True)
class Look:
    """What a project's page shows of its repository."""

    last: Commit | None
    entries: tuple[Entry, ...]
    readme: File | None


async def index(page: Page, group: Namespace | None = None) -> Response:
    """All projects, or those of a group and of everything below it, by path."""
    prefix = f"{group.full_path}/" if group else ""
    search = page.request.query_params.get("search", "")
    asked = page.request.query_params.get("page", "1")
    number = max(int(asked), 1) if asked.isdecimal() else 1
    wanted = [
        p for p in page.world.projects if p.full_path.startswith(prefix) and search.lower() in p.full_path.lower()
    ]
    wanted.sort(key=lambda p: p.full_path.lower())
    shown = wanted[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page.show(
        "projects.html.j2",
        heading=group.full_path if group else "Projects",
        items=[_row(page, project) for project in shown],
        search=search,
        page=number,
        more=len(wanted) > number * PER_PAGE,
    )


async def project(page: Page, subject: Project) -> Response:
    """A project: its last commit, its files, its README."""
    head = repositories.head(page.world, subject)
    look = Look(None, (), None)
    if head is not None:
        look = await asyncio.to_thread(_look, repositories.opened(page.world, subject), head[1])
    readme = look.readme
    text = readme.content.decode("utf-8", "replace") if readme else None
    return page.show_in(
        subject,
        "Files",
        "project.html.j2",
        url=page.world.url,
        branch=repositories.default_branch(subject),
        last=look.last,
        entries=look.entries,
        readme=page.html(subject, text) if text is not None else None,
        readme_name=readme.path if readme else "",
    )


def _row(page: Page, subject: Project) -> dict[str, object]:
    world = page.world
    return {
        "project": subject,
        "issues": sum(one.state == "opened" for one in world.issues.where(project_id=subject.id)),
        "merge_requests": sum(one.state == "opened" for one in world.merge_requests.where(project_id=subject.id)),
    }


def _look(repository: Repository, sha: str) -> Look:
    entries = trees.listing(repository, sha) or []
    name = next((entry.path for entry in entries if entry.name.lower() in _READMES), None)
    return Look(repository.commit(sha), tuple(entries), trees.file(repository, sha, name) if name else None)
