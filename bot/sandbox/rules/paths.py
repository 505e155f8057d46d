"""Where projects are, and where they were: a former path leads on until someone takes it."""

from __future__ import annotations

from bot.sandbox.world import Project, Redirect, World


def settle(world: World, full_path: str) -> None:
    """A project takes `full_path`: it leads nowhere else any more."""
    for redirect in world.redirects.where(path=full_path):
        world.redirects.remove(redirect)


def relocate(world: World, project: Project, full_path: str) -> None:
    """Give the project another full path; the one that it had leads on."""
    if full_path == project.full_path:
        return
    settle(world, full_path)
    world.redirects.add(Redirect(path=project.full_path, project_id=project.id))
    project.full_path = full_path


def moved(world: World, path: str) -> Project | None:
    """The project that once was at `path`; None when none was."""
    redirect = world.redirects.one(path=path)
    return world.projects.get(redirect.project_id) if redirect is not None else None


def at(world: World, path: str) -> Project | None:
    """The project at `path`, or the one that was; git goes on working under a former path."""
    return world.projects.one(full_path=path) or moved(world, path)
