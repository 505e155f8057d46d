"""May this user move this ref? GitLab's checks of a push, with GitLab's words."""

from __future__ import annotations

import re

from bot.sandbox import permissions, repositories
from bot.sandbox.git.objects import ABSENT
from bot.sandbox.git.repository import HEADS, TAGS, Move
from bot.sandbox.rules import collaboration, protections
from bot.sandbox.world import Access, Project, User, World

# lib/gitlab/git_access.rb, lib/gitlab/checks/{branch,tag}_check.rb
PUSH_CODE = "You are not allowed to push code to this project."
ARCHIVED = "You can't push code to an archived project."
FORCE_PUSH = "You are not allowed to force push code to a protected branch on this project."
_DEFAULT_DELETED = "The default branch of a project cannot be deleted."
_PUSH_PROTECTED = "You are not allowed to push code to protected branches on this project."
_CREATE_PROTECTED = "You are not allowed to create protected branches on this project."
_DELETE_PROTECTED = (
    "You are not allowed to delete protected branches from this project. "
    "Only a project maintainer or owner can delete a protected branch."
)
_DELETE_PROTECTED_OUTSIDE_WEB = "You can only delete protected branches using the web interface."
_HEX_BRANCH = "You cannot create a branch with a 40-character hexadecimal branch name."
_UPDATE_PROTECTED_TAG = "Protected tags cannot be updated."
_DELETE_PROTECTED_TAG = (
    "You are not allowed to delete protected tags from this project. "
    "Only a project maintainer or owner can delete a protected tag."
)
_DELETE_PROTECTED_TAG_OUTSIDE_WEB = "You can only delete protected tags using the web interface."
_CREATE_PROTECTED_TAG = "You are not allowed to create this tag as it is protected."
_TAG_LIKE_DEFAULT = "You cannot use default branch name to create a tag"
_TAG_LIKE_SHA = "You cannot create a tag with a SHA-1 or SHA-256 tag name."
_EMPTY_PROJECT = """
A default branch (e.g. main) does not yet exist for {path}
Ask a project Owner or Maintainer to create a default branch:

  {url}/{path}/-/project_members
"""


def refusal(world: World, project: Project, user: User, move: Move, *, web: bool = False) -> str | None:
    """Why the move is refused, None when it is not. `web` is for moves through the API.

    Whether history is rewritten is not looked at: ask `fast_forward_only`.
    """
    if project.archived:
        return ARCHIVED
    if permissions.project_access(world, user, project) < Access.DEVELOPER:
        return None if _by_leave(world, project, user, move) else PUSH_CODE
    if move.ref.startswith(HEADS):
        return _branch_refusal(world, project, user, move, web)
    if move.ref.startswith(TAGS):
        return _tag_refusal(world, project, user, move, web)
    return None


def fast_forward_only(world: World, project: Project, move: Move) -> bool:
    """Whether the move is refused (with FORCE_PUSH) unless it only adds commits."""
    if not move.ref.startswith(HEADS) or ABSENT in (move.before, move.after):
        return False
    return not protections.allows_force_push(world, project, move.ref.removeprefix(HEADS))


def _by_leave(world: World, project: Project, user: User, move: Move) -> bool:
    updates = move.ref.startswith(HEADS) and move.after != ABSENT
    return updates and collaboration.can_push(world, user, project, move.ref.removeprefix(HEADS))


def _branch_refusal(world: World, project: Project, user: User, move: Move, web: bool) -> str | None:
    branch = move.ref.removeprefix(HEADS)
    deletes = move.after == ABSENT
    if deletes and branch == repositories.default_branch(project):
        return _DEFAULT_DELETED
    if not deletes and re.match(r"[0-9a-f]{40}(?:-/|/|$)", branch):
        return _HEX_BRANCH
    if not protections.is_protected(world, project, branch):
        return None
    pushes = protections.can_push(world, user, project, branch)
    if protections.is_empty(world, project):
        return None if pushes else _EMPTY_PROJECT.format(path=project.full_path, url=world.url)
    if deletes:
        if permissions.project_access(world, user, project) < Access.MAINTAINER:
            return _DELETE_PROTECTED
        return None if web else _DELETE_PROTECTED_OUTSIDE_WEB
    if pushes:
        return None
    return _CREATE_PROTECTED if move.before == ABSENT else _PUSH_PROTECTED


def _tag_refusal(world: World, project: Project, user: User, move: Move, web: bool) -> str | None:
    tag = move.ref.removeprefix(TAGS)
    maintains = permissions.project_access(world, user, project) >= Access.MAINTAINER
    creates, deletes = move.before == ABSENT, move.after == ABSENT
    protected = bool(protections.of_tag(world, project, tag))
    checks = (
        (creates and tag == project.default_branch, _TAG_LIKE_DEFAULT),
        (not deletes and re.match(r"[0-9a-f]{40}", tag) is not None, _TAG_LIKE_SHA),
        (protected and not creates and not deletes, _UPDATE_PROTECTED_TAG),
        (protected and deletes and not maintains, _DELETE_PROTECTED_TAG),
        (protected and deletes and not web, _DELETE_PROTECTED_TAG_OUTSIDE_WEB),
        (not protections.can_create_tag(world, user, project, tag), _CREATE_PROTECTED_TAG),
    )
    return next((message for applies, message in checks if applies), None)
