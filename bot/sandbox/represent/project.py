"""Projects as the API shows them: identity, basic, whole, and with the caller's access."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

from bot.sandbox import permissions, repositories
from bot.sandbox.represent import namespace as namespaces
from bot.sandbox.represent import user as users
from bot.sandbox.represent.times import day, timestamp
from bot.sandbox.rules import project_settings
from bot.sandbox.rules.namespaces import full_name
from bot.sandbox.world import Access, Project, User, World

_LINKS = {
    "self": "",
    "issues": "/issues",
    "merge_requests": "/merge_requests",
    "repo_branches": "/repository/branches",
    "labels": "/labels",
    "events": "/events",
    "members": "/members",
    "cluster_agents": "/cluster_agents",
}

_EXPIRATION = {
    "cadence": "1d",
    "enabled": False,
    "keep_n": 10,
    "older_than": "90d",
    "name_regex": ".*",
    "name_regex_keep": None,
}


def web_url(world: World, project: Project) -> str:
    """The project's page."""
    return f"{world.url}/{project.full_path}"


def identity(world: World, project: Project) -> dict[str, Any]:
    """API::Entities::ProjectIdentity."""
    return {
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": f"{full_name(world, world.namespaces[project.namespace_id])} / {project.name}",
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": timestamp(project.created_at),
    }


def basic(world: World, project: Project) -> dict[str, Any]:
    """API::Entities::BasicProjectDetails: what `simple=true` and anonymous callers get."""
    page = web_url(world, project)
    host = world.url.split("://", 1)[-1].split(":", 1)[0]
    branch = repositories.default_branch(project)
    return {
        **identity(world, project),
        "default_branch": branch,
        "tag_list": list(project.topics),
        "topics": list(project.topics),
        "ssh_url_to_repo": f"git@{host}:{project.full_path}.git",
        "http_url_to_repo": f"{page}.git",
        "web_url": page,
        "readme_url": f"{page}/-/blob/{branch}/{project.readme_path}" if project.readme_path else None,
        "forks_count": world.projects.count(forked_from_id=project.id),
        "avatar_url": None,
        "star_count": project.star_count,
        "last_activity_at": timestamp(project.last_activity_at),
        "visibility": project.visibility,
        "namespace": namespaces.basic(world, world.namespaces[project.namespace_id]),
    }


def whole(world: World, project: Project, viewer: User) -> dict[str, Any]:
    """API::Entities::Project, what writes answer."""
    settings = {**project_settings.DEFAULTS, **project.settings}
    shown = {
        **basic(world, project),
        "container_registry_image_prefix": f"registry.{world.url.split('://', 1)[-1]}/{project.full_path.lower()}",
        "_links": {name: f"{world.url}/api/v4/projects/{project.id}{end}" for name, end in _LINKS.items()},
        "marked_for_deletion_at": day(project.marked_for_deletion_on),
        "marked_for_deletion_on": day(project.marked_for_deletion_on),
        "empty_repo": project.head is None and project.pending_files is None,
        "archived": project.archived,
        "repository_object_format": "sha1",
        "issues_enabled": project.issues_enabled,
        "merge_requests_enabled": project.merge_requests_enabled,
        **{old: settings[new] != "disabled" for old, new in project_settings.LEGACY.items()},
        "service_desk_address": None,
        "can_create_merge_request_in": permissions.project_access(world, viewer, project) >= Access.DEVELOPER,
        "issues_access_level": "enabled" if project.issues_enabled else "disabled",
        "merge_requests_access_level": "enabled" if project.merge_requests_enabled else "disabled",
        **settings,
        "emails_disabled": not settings["emails_enabled"],
        "creator_id": project.creator_id,
        "import_url": None,
        "import_type": None,
        "import_status": "finished" if project.forked_from_id else "none",
        "import_error": None,
        "open_issues_count": open_issues(world, project),
        "description_html": f'<p dir="auto">{html.escape(project.description)}</p>' if project.description else "",
        "updated_at": timestamp(project.updated_at),
        "ci_id_token_sub_claim_components": ["project_path", "ref_type", "ref"],
        "runners_token": None,
        "shared_with_groups": [],
        "only_allow_merge_if_pipeline_succeeds": project.only_allow_merge_if_pipeline_succeeds,
        "allow_merge_on_skipped_pipeline": project.allow_merge_on_skipped_pipeline,
        "only_allow_merge_if_all_discussions_are_resolved": project.only_allow_merge_if_all_discussions_are_resolved,
        "remove_source_branch_after_merge": project.remove_source_branch_after_merge,
        "merge_method": project.merge_method,
        "squash_option": project.squash_option,
        "suggestion_commit_message": project.suggestion_commit_message,
        "merge_commit_template": project.merge_commit_template,
        "squash_commit_template": project.squash_commit_template,
        "autoclose_referenced_issues": project.autoclose_referenced_issues,
        "approvals_before_merge": project.approvals_before_merge,
        "compliance_frameworks": [],
    }
    shown |= _relations(world, project, viewer)
    return shown


def with_access(world: World, project: Project, viewer: User) -> dict[str, Any]:
    """API::Entities::ProjectWithAccess, what reads answer to a user."""
    direct = permissions.direct_access(world, viewer.id, "Project", project.id)
    group = world.namespaces[project.namespace_id]
    inherited = permissions.group_member_access(world, viewer, group) if group.kind == "group" else Access.NONE
    return {
        **whole(world, project, viewer),
        "permissions": {"project_access": _access(direct), "group_access": _access(inherited)},
    }


def statistics() -> dict[str, int]:
    """API::Entities::ProjectStatistics; sizes are not measured here."""
    names = ("commit_count", "storage_size", "repository_size", "wiki_size", "lfs_objects_size", "job_artifacts_size")
    more = ("pipeline_artifacts_size", "packages_size", "snippets_size", "uploads_size", "container_registry_size")
    return dict.fromkeys((*names, *more), 0)


def open_issues(world: World, project: Project) -> int:
    """How many issues of the project are open."""
    return sum(issue.state == "opened" for issue in world.issues.where(project_id=project.id))


def _relations(world: World, project: Project, viewer: User) -> dict[str, Any]:
    shown: dict[str, Any] = {"repository_storage": "default"} if viewer.admin else {}
    if permissions.project_access(world, viewer, project) >= Access.MAINTAINER:
        shown["container_expiration_policy"] = {
            **_EXPIRATION,
            "next_run_at": timestamp(project.created_at + timedelta(days=1)),
        }
    owner = world.users.get(world.namespaces[project.namespace_id].owner_id)
    if owner is not None:
        shown["owner"] = users.basic(world, owner)
    source = world.projects.get(project.forked_from_id)
    if source is not None and permissions.can_read_project(world, viewer, source):
        shown["forked_from_project"] = basic(world, source)
    return shown


def _access(level: int) -> dict[str, int] | None:
    return {"access_level": level, "notification_level": 3} if level else None
