"""What the repository routes share: the repository of a call, and reading it without holding up the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox import repositories
from bot.sandbox.api import Call
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.git.repository import Repository
from bot.sandbox.git.trees import leaves_root
from bot.sandbox.rules import code_access
from bot.sandbox.world import Project

T = TypeVar("T")


def readable(call: Call) -> tuple[Project, Repository]:
    """The project of the call and its repository. ApiError 404 or 403 when the caller may not read its code."""
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    return project, repositories.opened(call.world, project)


def writable(call: Call) -> tuple[Project, Repository]:
    """The same for callers who may push somewhere."""
    project, repository = readable(call)
    if not code_access.can_write_code(call.world, call.user, project):
        raise forbidden()
    return project, repository


def file_path(call: Call) -> str:
    """The path parameter `file_path`. ApiError 400 for one that climbs out of the repository."""
    path = call.path["file_path"]
    if leaves_root(path):
        raise ApiError(400, {"error": "file_path should be a valid file path"})
    return path


async def in_thread(work: Callable[[], T]) -> T:
    """Run what starts git processes in a thread."""
    return await asyncio.to_thread(work)
