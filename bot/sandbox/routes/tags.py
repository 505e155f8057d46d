"""Tags of a repository, and which of them are protected."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.git import tags
from bot.sandbox.git.objects import ABSENT
from bot.sandbox.git.refs import valid_name
from bot.sandbox.git.repository import TAGS, Move, Repository
from bot.sandbox.git.tags import Tag
from bot.sandbox.pagination import paginate, paginate_by_token
from bot.sandbox.represent import tag as represent
from bot.sandbox.routes.branches import move_ref, search_test
from bot.sandbox.routes.repository_reading import in_thread, readable, writable
from bot.sandbox.routing import routes
from bot.sandbox.rules import committing, protections
from bot.sandbox.world import Access, Project


def _version(name: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"\d+|\D+", name))


_ORDERS: dict[str, Callable[[Tag], Any]] = {
    "name": lambda tag: tag.name,
    "updated": lambda tag: (tag.updated_at, tag.name),
    "version": lambda tag: _version(tag.name),
}


@routes.get("/projects/:id/repository/tags")
async def index(call: Call) -> Answer:
    """The tags, latest first."""
    project, repository = readable(call)
    order = _ORDERS[call.params.choice("order_by", _ORDERS) or "updated"]
    falling = (call.params.choice("sort", ("asc", "desc")) or "desc") == "desc"
    wanted = search_test(call.params.text("search") or "")
    found = await in_thread(lambda: tags.listing(repository))
    chosen = sorted((tag for tag in found if wanted(tag.name)), key=order, reverse=falling)

    def show(tag: Tag) -> dict[str, Any]:
        return represent.whole(call.world, project, tag)

    if call.params.raw("pagination") == "keyset":
        return paginate_by_token(call, chosen, lambda tag: tag.name, show)
    return paginate(call, chosen, show, {"order_by": "updated", "sort": "desc"})


@routes.get("/projects/:id/repository/tags/:tag_name")
async def show(call: Call) -> Answer:
    """One tag."""
    project, repository = readable(call)
    return Answer(represent.whole(call.world, project, await find(repository, call.path["tag_name"])))


@routes.get("/projects/:id/repository/tags/:tag_name/signature")
async def signature(call: Call) -> Answer:
    """Tags here are never signed by a key that GitLab knows."""
    _, repository = readable(call)
    await find(repository, call.path["tag_name"])
    raise not_found("Signature")


@routes.post("/projects/:id/repository/tags")
async def create(call: Call) -> Answer:
    """A new tag; annotated when it has a message."""
    project, repository = writable(call)
    call.params.need("tag_name", "ref")
    name, ref = call.params.needed("tag_name"), call.params.needed("ref")
    tag = await add(call, project, repository, name, ref, call.params.text("message"))
    return Answer(represent.whole(call.world, project, tag), 201)


@routes.delete("/projects/:id/repository/tags/:tag_name")
async def delete(call: Call) -> Answer:
    """Delete a tag."""
    project, repository = writable(call)
    tag = await find(repository, call.path["tag_name"])
    protected = protections.of_tag(call.world, project, tag.name)
    if protected and call.access(project) < Access.MAINTAINER:
        raise forbidden()
    await move_ref(call, project, repository, Move(TAGS + tag.name, tag.target, ABSENT))
    return Answer(None, 204)


async def find(repository: Repository, name: str) -> Tag:
    """The tag of that name; ApiError 404 when there is none."""
    found = await in_thread(lambda: tags.find(repository, name))
    if found is None:
        raise not_found("Tag")
    return found


async def add(call: Call, project: Project, repository: Repository, name: str, ref: str, message: str | None) -> Tag:
    """Make a tag as the caller. ApiError 400 with GitLab's words when it cannot be."""
    if not valid_name(name):
        raise ApiError(400, {"message": "Tag name invalid"})
    if repository.refs.get(TAGS + name) is not None:
        raise ApiError(400, {"message": f"Tag {name} already exists"})
    sha = await in_thread(lambda: repository.resolve(ref))
    if sha is None:
        raise ApiError(400, {"message": f"Target {ref} is invalid"})
    text = (message or "").strip()
    person = committing.identity(call.world, call.user)
    target = repository.write_tag(sha, name, person, text) if text else sha
    await move_ref(call, project, repository, Move(TAGS + name, ABSENT, target))
    return await find(repository, name)
