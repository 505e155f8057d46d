"""Which projects a run looks at, and why one is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.ports import Unlisted
from state.model import Project

DEVELOPER = 30
ROLES = {
    0: "no access",
    5: "Minimal access",
    10: "Guest",
    15: "Planner",
    20: "Reporter",
    30: "Developer",
    40: "Maintainer",
    50: "Owner",
    60: "Administrator",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A project that is not looked at. `fault` tells what needs mending from what is meant to be so."""

    project: Project
    reason: str
    fault: bool


def role(access_level: int) -> str:
    """The name of a GitLab access level; the next lower one's for a custom level."""
    return ROLES[max((level for level in ROLES if level <= access_level), default=0)]


def skip_reason(project: Project) -> Skipped | None:
    """Why the bot cannot work on a project, None when it can."""
    if project.archived:
        return Skipped(project, "archived", fault=False)
    if project.access_level < DEVELOPER:
        held = f"{role(project.access_level)} ({project.access_level})"
        return Skipped(project, f"the token's role is {held}; Developer ({DEVELOPER}) is needed to push", fault=False)
    if not project.merge_requests_enabled:
        return Skipped(project, "merge requests are switched off in the project's settings", fault=False)
    return None


def unusable(project: Project) -> Skipped | None:
    """Why a project with its head looked up has nothing to scan, None when it has."""
    if project.default_branch is None or project.head is None:
        return Skipped(
            project, "the repository is empty or switched off: there is no default branch to scan", fault=True
        )
    return None


def sort_out(
    projects: Iterable[Project | Unlisted],
) -> tuple[tuple[Project, ...], tuple[Skipped, ...], tuple[Unlisted, ...]]:
    """(projects to look at, projects left out, what GitLab could not tell of), each in the given order."""
    due: list[Project] = []
    skipped: list[Skipped] = []
    unlisted: list[Unlisted] = []
    for project in projects:
        if isinstance(project, Unlisted):
            unlisted.append(project)
        elif (reason := skip_reason(project) or unusable(project)) is None:
            due.append(project)
        else:
            skipped.append(reason)
    return tuple(due), tuple(skipped), tuple(unlisted)
