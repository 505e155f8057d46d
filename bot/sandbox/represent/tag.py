"""Tags and releases as the API shows them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.sandbox.git.tags import Tag
from bot.sandbox.represent import commit as commits
from bot.sandbox.represent import milestone as milestones
from bot.sandbox.represent import user as users
from bot.sandbox.represent.times import timestamp
from bot.sandbox.rules import protections
from bot.sandbox.world import Milestone, Project, Release, World

_FORMATS = ("zip", "tar.gz", "tar.bz2", "tar")
_SEARCHES = {
    "closed_issues_url": ("issues", "closed"),
    "closed_merge_requests_url": ("merge_requests", "closed"),
    "merged_merge_requests_url": ("merge_requests", "merged"),
    "opened_issues_url": ("issues", "opened"),
    "opened_merge_requests_url": ("merge_requests", "opened"),
}


def whole(world: World, project: Project, tag: Tag) -> dict[str, Any]:
    """API::Entities::Tag."""
    release = world.releases.one(project_id=project.id, tag_name=tag.name)
    return {
        "name": tag.name,
        "message": tag.message,
        "target": tag.target,
        "commit": commits.basic(world, project, tag.commit),
        "release": release and {"tag_name": release.tag_name, "description": release.description},
        "protected": bool(protections.of_tag(world, project, tag.name)),
        "created_at": tag.created_at and timestamp(tag.created_at),
    }


def release(
    world: World, project: Project, found: Release, tag: Tag | None, *, reads_code: bool, with_html: bool
) -> dict[str, Any]:
    """API::Entities::Release; who may not read the code does not see what is in it. `tag` is None once deleted."""
    page = f"{world.url}/{project.full_path}/-"
    shown: dict[str, Any] = {
        "name": found.name,
        "description": found.description,
        "created_at": timestamp(found.created_at),
        "released_at": timestamp(found.released_at),
        "upcoming_release": found.released_at > world.now(),
        "author": users.basic_by_id(world, found.author_id),
        "assets": _assets(project, found, page, reads_code),
        "_links": _links(found, page),
    }
    if with_html:
        shown["description_html"] = _html(found.description or "")
    if found.milestone_ids:
        named = (world.milestones.get(milestone_id) for milestone_id in found.milestone_ids)
        shown["milestones"] = [_with_stats(world, milestone) for milestone in named if milestone]
    if reads_code:
        shown |= {"tag_name": found.tag_name, "tag_path": f"/{project.full_path}/-/tags/{found.tag_name}"}
        shown["evidences"] = []
        if tag is not None:
            shown["commit"] = commits.basic(world, project, tag.commit)
            shown["commit_path"] = f"/{project.full_path}/-/commit/{tag.commit.sha}"
    return shown


def link(world: World, project: Project, found: Release, entry: Mapping[str, Any]) -> dict[str, Any]:
    """API::Entities::Releases::Link."""
    return _link(found, f"{world.url}/{project.full_path}/-", entry)


def _link(found: Release, page: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    path = entry["path"]
    direct = f"{page}/releases/{quote(found.tag_name)}/downloads{path}" if path else entry["url"]
    return {
        "id": entry["id"],
        "name": entry["name"],
        "url": entry["url"],
        "direct_asset_url": direct,
        "link_type": entry["link_type"],
    }


def _assets(project: Project, found: Release, page: str, reads_code: bool) -> dict[str, Any]:
    tag = quote(found.tag_name)
    sources = [
        {"format": format_, "url": f"{page}/archive/{tag}/{project.path}-{tag.replace('/', '-')}.{format_}"}
        for format_ in _FORMATS
    ]
    links = [_link(found, page, entry) for entry in found.links]
    if not reads_code:
        return {"count": len(links), "links": links}
    return {"count": len(links) + len(sources), "sources": sources, "links": links}


def _links(found: Release, page: str) -> dict[str, str]:
    tag = quote(found.tag_name, safe="")
    searches = {
        name: f"{page}/{kind}?release_tag={tag}&scope=all&state={state}" for name, (kind, state) in _SEARCHES.items()
    }
    return {**searches, "edit_url": f"{page}/releases/{tag}/edit", "self": f"{page}/releases/{tag}"}


def _with_stats(world: World, milestone: Milestone) -> dict[str, Any]:
    issues = [i for i in world.issues if i.milestone_id == milestone.id]
    closed = sum(issue.state == "closed" for issue in issues)
    return {**milestones.whole(world, milestone), "issue_stats": {"total": len(issues), "closed": closed}}


def _html(text: str) -> str:
    blocks = [block for block in text.split("\n\n") if block.strip()]
    return "\n".join(f'<p dir="auto">{html.escape(block)}</p>' for block in blocks)
