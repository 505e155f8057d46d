"""Releases: a tag with a name, notes and links."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call, redirected
from bot.sandbox.errors import ApiError, conflict, forbidden, not_found
from bot.sandbox.git import tags
from bot.sandbox.git.tags import Tag
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import tag as represent
from bot.sandbox.routes import tags as tag_routes
from bot.sandbox.routes.release_links import new_links
from bot.sandbox.routes.repository_reading import in_thread
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access, protections
from bot.sandbox.world import Access, Milestone, Project, Release


@routes.get("/projects/:id/releases")
async def index(call: Call) -> Answer:
    """The releases, latest first."""
    project = call.project()
    order = call.params.choice("order_by", ("released_at", "created_at")) or "released_at"
    falling = (call.params.choice("sort", ("asc", "desc")) or "desc") == "desc"
    found = call.world.releases.where(project_id=project.id)
    chosen = sorted(found, key=lambda r: (getattr(r, order), r.id), reverse=falling)
    by_name = {tag.name: tag for tag in await _tags(call, project)} if chosen else {}
    return paginate(
        call,
        chosen,
        lambda release: _shown(call, project, release, by_name.get(release.tag_name)),
        {"order_by": "released_at", "sort": "desc"},
    )


@routes.get("/projects/:id/releases/:tag_name")
async def show(call: Call) -> Answer:
    """One release."""
    project = call.project()
    if not code_access.can_read_code(call.world, call.viewer, project):
        raise forbidden()
    return Answer(await _one(call, project, _release(call, project)))


@routes.get("/projects/:id/releases/permalink/latest")
def latest(call: Call) -> Answer:
    """Where the latest release is."""
    return _redirected(call, "")


@routes.get("/projects/:id/releases/permalink/latest/*suffix")
def latest_part(call: Call) -> Answer:
    """Where a part of the latest release is."""
    return _redirected(call, f"/{call.path['suffix']}")


@routes.get("/projects/:id/releases/:tag_name/downloads/*path")
def download(call: Call) -> Answer:
    """Where a link with a path of its own leads."""
    release = _release(call, call.project())
    path = f"/{call.path['path']}"
    for link in release.links:
        if link["path"] == path:
            return redirected(link["url"])
    raise ApiError(404, {"message": "404 Not found"})


@routes.post("/projects/:id/releases")
async def create(call: Call) -> Answer:
    """A new release; its tag is made from `ref` when there is none."""
    project = call.project(Access.DEVELOPER)
    name = call.params.needed("tag_name")
    if project.archived:
        raise forbidden()
    if not protections.can_create_tag(call.world, call.user, project, name):
        raise ApiError(403, {"message": "You are not allowed to create this tag as it is protected."})
    if call.world.releases.one(project_id=project.id, tag_name=name) is not None:
        raise conflict("Release already exists")
    milestones = _milestones(call, project) or ()
    tag = await _ensured_tag(call, project, name)
    now = call.world.now()
    release = Release(
        project_id=project.id,
        tag_name=name,
        name=call.params.text("name") or name,
        description=call.params.text("description"),
        author_id=call.user.id,
        created_at=now,
        released_at=call.params.time("released_at") or now,
        milestone_ids=tuple(milestone.id for milestone in milestones),
    )
    assets = call.params.raw("assets")
    call.world.releases.add(release)
    release.links = new_links(release, assets.get("links") if isinstance(assets, dict) else None)
    return Answer(_shown(call, project, release, tag), 201)


@routes.put("/projects/:id/releases/:tag_name")
async def update(call: Call) -> Answer:
    """Change a release."""
    project = call.project(Access.DEVELOPER)
    release = _authorized(call, project)
    milestones = _milestones(call, project)
    release.name = call.params.text("name") or release.name
    if "description" in call.params:
        release.description = call.params.text("description")
    release.released_at = call.params.time("released_at") or release.released_at
    if milestones is not None:
        release.milestone_ids = tuple(milestone.id for milestone in milestones)
    return Answer(await _one(call, project, release))


@routes.delete("/projects/:id/releases/:tag_name")
async def delete(call: Call) -> Answer:
    """Delete a release; its tag stays."""
    project = call.project(Access.DEVELOPER)
    release = _authorized(call, project)
    shown = await _one(call, project, release)
    call.world.releases.remove(release)
    return Answer(shown)


def _redirected(call: Call, suffix: str) -> Answer:
    project = call.project()
    found = call.world.releases.where(project_id=project.id)
    if not found or not code_access.can_read_code(call.world, call.viewer, project):
        raise not_found()
    newest = max(found, key=lambda release: (release.released_at, release.id))
    tag = quote(newest.tag_name, safe="")
    asked = urlencode([(k, v) for k, v in call.request.query_params.multi_items() if k != "order_by"])
    return redirected(f"/api/v4/projects/{project.id}/releases/{tag}{suffix}{'?' if asked else ''}{asked}")


def _release(call: Call, project: Project) -> Release:
    release = call.world.releases.one(project_id=project.id, tag_name=call.path["tag_name"])
    if release is None:
        raise not_found()
    return release


def _authorized(call: Call, project: Project) -> Release:
    """The release for a change: nobody may change one that is not there, so it is forbidden, not unknown.

    Who may not create its tag may not change it either (app/policies/release_policy.rb).
    """
    name = call.path["tag_name"]
    release = call.world.releases.one(project_id=project.id, tag_name=name)
    if release is None or not protections.can_create_tag(call.world, call.user, project, name):
        raise forbidden()
    return release


async def _ensured_tag(call: Call, project: Project, name: str) -> Tag:
    repository = repositories.opened(call.world, project)
    found = await in_thread(lambda: tags.find(repository, name))
    if found is not None:
        return found
    ref = call.params.text("ref")
    if not ref:
        raise ApiError(422, {"message": "Ref is not specified"})
    return await tag_routes.add(call, project, repository, name, ref, call.params.text("tag_message"))


def _milestones(call: Call, project: Project) -> list[Milestone] | None:
    titles = call.params.strings("milestones")
    if titles is None:
        return None
    found = {m.title: m for m in call.world.milestones.where(source_type="Project", source_id=project.id)}
    missing = [title for title in titles if title not in found]
    if missing:
        raise ApiError(400, {"message": f"Milestone(s) not found: {', '.join(missing)}"})
    return [found[title] for title in titles]


async def _tags(call: Call, project: Project) -> list[Tag]:
    repository = repositories.opened(call.world, project)
    return await in_thread(lambda: tags.listing(repository))


async def _one(call: Call, project: Project, release: Release) -> dict[str, Any]:
    repository = repositories.opened(call.world, project)
    return _shown(call, project, release, await in_thread(lambda: tags.find(repository, release.tag_name)))


def _shown(call: Call, project: Project, release: Release, tag: Tag | None) -> dict[str, Any]:
    return represent.release(
        call.world,
        project,
        release,
        tag,
        reads_code=code_access.can_read_code(call.world, call.viewer, project),
        with_html=bool(call.params.boolean("include_html_description")),
    )
