"""Commits, files and pipelines."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from bot.sandbox import repositories
from bot.sandbox.git import diffs, history, trees
from bot.sandbox.git.diffs import FileDiff
from bot.sandbox.git.history import Asked
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.pages.page import NothingHere, Page
from bot.sandbox.world import Project

MOST_COMMITS = 100
LONGEST_FILE = 1024 * 1024


async def commit(page: Page, project: Project, sha: str) -> Response:
    """One commit and what it changes."""
    found = await asyncio.to_thread(_commit, repositories.opened(page.world, project), sha)
    if found is None:
        raise NothingHere
    made, files = found
    message = made.message.strip().partition("\n")[2].strip()
    return page.show_in(project, "Commits", "commit.html.j2", commit=made, message=message, files=files)


async def commits(page: Page, project: Project, ref: str = "") -> Response:
    """The newest commits of a branch."""
    ref = ref or repositories.default_branch(project)
    repository = repositories.opened(page.world, project)
    found = await asyncio.to_thread(_log, repository, ref)
    return page.show_in(project, "Commits", "commits.html.j2", commits=found, ref=ref)


async def tree(page: Page, project: Project, place: str) -> Response:
    """A directory."""
    return await _file(page, project, place, folder=True)


async def blob(page: Page, project: Project, place: str) -> Response:
    """A file."""
    return await _file(page, project, place, folder=False)


async def pipeline(page: Page, project: Project, number: str) -> Response:
    """One pipeline and its jobs."""
    found = page.world.pipelines.get(int(number))
    if found is None or found.project_id != project.id:
        raise NothingHere
    author = page.world.users[found.user_id]
    jobs = page.world.jobs.where(pipeline_id=found.id)
    return page.show_in(project, "Merge requests", "pipeline.html.j2", pipeline=found, author=author, jobs=jobs)


async def job(page: Page, project: Project, number: str) -> Response:
    """One job: its pipeline's page."""
    found = page.world.jobs.get(int(number))
    if found is None or found.project_id != project.id:
        raise NothingHere
    return await pipeline(page, project, str(found.pipeline_id))


async def _file(page: Page, project: Project, place: str, *, folder: bool) -> Response:
    repository = repositories.opened(page.world, project)
    ref, path = _split(repository, place)
    sha = await asyncio.to_thread(repository.resolve, ref)
    if sha is None:
        raise NothingHere
    entries, lines = None, None
    if folder:
        entries = await asyncio.to_thread(trees.listing, repository, sha, path)
    else:
        found = await asyncio.to_thread(trees.file, repository, sha, path)
        lines = found.content[:LONGEST_FILE].decode("utf-8", "replace").splitlines() if found else None
    if entries is None and lines is None:
        raise NothingHere
    return page.show_in(project, "Files", "file.html.j2", ref=ref, path=path, entries=entries, lines=lines)


def _split(repository: Repository, place: str) -> tuple[str, str]:
    # A branch may have slashes: the longest one that starts the place is meant.
    names = sorted((name for name in repository.branches() if f"{place}/".startswith(f"{name}/")), key=len)
    ref = names[-1] if names else place.partition("/")[0]
    return ref, place[len(ref) + 1 :]


def _commit(repository: Repository, sha: str) -> tuple[Commit, list[FileDiff]] | None:
    found = repository.commit(sha)
    return None if found is None else (found, diffs.of_commit(repository, found))


def _log(repository: Repository, ref: str) -> list[Commit]:
    sha = repository.resolve(ref)
    return [] if sha is None else history.log(repository, Asked((sha,), limit=MOST_COMMITS))
