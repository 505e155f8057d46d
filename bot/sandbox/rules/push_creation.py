"""A push to a path where nothing is makes a private project there, for those who may."""

from __future__ import annotations

from bot.sandbox.rules import namespaces, projects
from bot.sandbox.world import Project, User, World


def created(world: World, user: User, full_path: str) -> Project | None:
    """The new project; None when its namespace does not exist or is closed to `user`. ApiError 400 for a bad path."""
    folder, _, path = full_path.rpartition("/")
    namespace = world.namespaces.one(full_path=folder)
    if namespace is None or not namespaces.may_create_projects(world, user, namespace):
        return None
    return projects.create_project(world, user, namespace, path, path)


def welcome(world: World, project: Project) -> tuple[str, ...]:
    """What the client hears of it: lib/gitlab/checks/project_created.rb."""
    page = f"{world.url}/{project.full_path}"
    return (
        "",
        f"The private project {project.full_path} was successfully created.",
        "",
        "To configure the remote, run:",
        f"  git remote add origin {page}.git",
        "",
        "To view the project, visit:",
        f"  {page}",
        "",
    )
