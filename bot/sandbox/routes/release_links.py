"""The links of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden
from bot.sandbox.pagination import paginate
from bot.sandbox.parameters import Parameters
from bot.sandbox.represent import tag as represent
from bot.sandbox.routing import routes
from bot.sandbox.rules import protections
from bot.sandbox.world import Access, Project, Release

_TYPES = ("other", "runbook", "image", "package")
_BASE = "/projects/:id/releases/:tag_name/assets/links"

Link = Mapping[str, Any]


@routes.get(_BASE)
def index(call: Call) -> Answer:
    """Every link, the newest first."""
    project, release = _found(call)
    return paginate(call, release.links[::-1], lambda entry: represent.link(call.world, project, release, entry))


@routes.get(f"{_BASE}/:link_id")
def show(call: Call) -> Answer:
    """One link."""
    project, release = _found(call)
    return Answer(represent.link(call.world, project, release, _link(call, release)))


@routes.post(_BASE)
def create(call: Call) -> Answer:
    """A new link."""
    project, release = _found(call, Access.DEVELOPER)
    call.params.need("name", "url")
    release.links = new_links(release, [call.params.values])
    return Answer(represent.link(call.world, project, release, release.links[-1]), 201)


@routes.put(f"{_BASE}/:link_id")
def update(call: Call) -> Answer:
    """Change a link."""
    project, release = _found(call, Access.DEVELOPER)
    call.params.need_one("name", "url")
    before = _link(call, release)
    given = {name: value for name, value in _read(call.params, before).items() if value is not None}
    after = {**before, **given}
    release.links = tuple(after if entry is before else entry for entry in release.links)
    return Answer(represent.link(call.world, project, release, after))


@routes.delete(f"{_BASE}/:link_id")
def delete(call: Call) -> Answer:
    """A link less; the answer is the link that was."""
    project, release = _found(call, Access.DEVELOPER)
    gone = _link(call, release)
    release.links = tuple(entry for entry in release.links if entry is not gone)
    return Answer(represent.link(call.world, project, release, gone))


def new_links(release: Release, asked: object) -> tuple[Link, ...]:
    """The release's links with those of a request added. ApiError 400 for one that is incomplete or taken."""
    links = tuple(release.links)
    for position, values in enumerate(asked if isinstance(asked, list) else []):
        params = Parameters(values if isinstance(values, dict) else {})
        missing = [f"assets[links][{position}][{name}] is missing" for name in ("name", "url") if name not in params]
        if missing:
            raise ApiError(400, {"error": ", ".join(missing)})
        entry = _read(params, {})
        if any(entry["name"] == other["name"] or entry["url"] == other["url"] for other in links):
            raise ApiError(400, {"message": {"base": ["Link name or URL has already been taken"]}})
        links = (*links, {**entry, "id": max([release.id * 1000, *(other["id"] for other in links)]) + 1})
    return links


def _read(params: Parameters, before: Link) -> dict[str, Any]:
    return {
        "name": params.text("name"),
        "url": params.text("url"),
        "path": params.text("direct_asset_path") or params.text("filepath"),
        "link_type": params.choice("link_type", _TYPES) or before.get("link_type", "other"),
    }


def _found(call: Call, minimum: int = Access.NONE) -> tuple[Project, Release]:
    project = call.project(minimum)
    release = call.world.releases.one(project_id=project.id, tag_name=call.path["tag_name"])
    if release is None:
        raise ApiError(404, {"message": "404 Not found"})
    if minimum > Access.NONE and not protections.can_create_tag(call.world, call.user, project, release.tag_name):
        raise forbidden()
    return project, release


def _link(call: Call, release: Release) -> Link:
    wanted = call.number("link_id")
    for entry in release.links:
        if entry["id"] == wanted:
            return entry
    raise ApiError(404, {"message": "404 Not found"})
