"""Who may read and write code: REST and git ask the same questions."""

from __future__ import annotations

from bot.sandbox import permissions
from bot.sandbox.auth import Caller
from bot.sandbox.errors import ApiError
from bot.sandbox.rules import collaboration, push_access
from bot.sandbox.world import Access, Project, Token, User, World

FETCH, PUSH = "git-upload-pack", "git-receive-pack"

# lib/gitlab/auth.rb (abilities_for_scopes): what of a repository a token opens.
_SCOPES = {
    FETCH: frozenset({"api", "read_repository", "write_repository"}),
    PUSH: frozenset({"api", "write_repository"}),
}

# lib/gitlab/git_access.rb
_NOT_FOUND = "The project you were looking for could not be found or you don't have permission to view it."
_UNKNOWN_COMMAND = "The command you're trying to execute is not allowed."
_TOKEN_MAY_NOT = {
    FETCH: "You are not allowed to download code.",
    PUSH: "You are not allowed to upload code.",
}
_DOWNLOAD = "You are not allowed to download code from this project."


def can_read_code(world: World, user: User | None, project: Project) -> bool:
    """Whether `user` may read the repository: guests of a private project may not, nobody where it is switched off."""
    level = project.settings.get("repository_access_level", "enabled")
    if level == "disabled":
        return False
    if level == "enabled" and permissions.visible(project.visibility, user):
        return True
    return permissions.project_access(world, user, project) >= Access.REPORTER


def can_write_code(world: World, user: User | None, project: Project) -> bool:
    """Whether `user` may push at all."""
    if project.archived or not can_read_code(world, user, project):
        return False
    member = permissions.project_access(world, user, project) >= Access.DEVELOPER
    return member or collaboration.has_leave(world, user, project)


def open_to_anyone(project: Project | None, service: str) -> bool:
    """Whether git may do this without credentials."""
    return service == FETCH and project is not None and permissions.visible(project.visibility, None)


def check_git(world: World, caller: Caller, project: Project | None, service: str) -> Project:
    """The project, when git may do `service` on it. ApiError with GitLab's status and text otherwise."""
    if service not in _SCOPES:
        raise ApiError(403, _UNKNOWN_COMMAND)
    if not token_allows(caller.token, service):
        raise ApiError(403, _TOKEN_MAY_NOT[service])
    if project is None or not permissions.can_read_project(world, caller.user, project):
        raise ApiError(404, _NOT_FOUND)
    if service == FETCH:
        if not can_read_code(world, caller.user, project):
            raise ApiError(403, _DOWNLOAD)
    elif project.archived:
        raise ApiError(403, push_access.ARCHIVED)
    elif not can_write_code(world, caller.user, project):
        raise ApiError(403, push_access.PUSH_CODE)
    return project


def token_allows(token: Token | None, service: str) -> bool:
    """Whether the token opens this half of git; no token narrows nothing."""
    if token is None:
        return True
    if token.job_id is not None:
        return service == FETCH
    return bool(_SCOPES[service] & set(token.scopes))
