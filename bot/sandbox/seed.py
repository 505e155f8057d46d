"""Filling a world from Python: what a demonstration, a test or a benchmark needs before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from bot.sandbox.rules import accounts, namespaces, pipelines, projects
from bot.sandbox.world import Namespace, Project, User, World

Files = Mapping[str, str | bytes]


class Seed:
    """Shortcuts over the rules; all of them may be called from any thread, before or after the start."""

    world: World
    root: User

    def add_user(self, username: str, name: str = "", email: str = "", *, admin: bool = False) -> User:
        """A new user."""
        return self.world.loop.run(lambda: accounts.add_user(self.world, username, name, email, admin=admin))

    def add_token(
        self, user: User, scopes: Iterable[str] = ("api",), expires: date | None = None, name: str = "token"
    ) -> str:
        """The secret of a new personal access token."""
        return self.world.loop.run(lambda: accounts.add_token(self.world, user, name, scopes, expires)[1])

    def add_group(
        self, full_path: str, members: Mapping[str, int] | None = None, visibility: str = "private"
    ) -> Namespace:
        """The group of that full path with all above it, made by root where missing. `members` maps usernames."""

        def add() -> Namespace:
            group = namespaces.ensure_group(self.world, self.root, full_path, visibility)
            for username, level in (members or {}).items():
                accounts.set_member(self.world, "Group", group.id, self._named(username), level, self.root)
            return group

        return self.world.loop.run(add)

    def add_project(
        self,
        full_path: str,
        files: Files | None = None,
        default_branch: str = projects.DEFAULT_BRANCH,
        members: Mapping[str, int] | None = None,
        *,
        visibility: str = "private",
    ) -> Project:
        """A new project made by root, its groups with it. `members` maps usernames to access levels.

        `files` become its first commit; the repository itself is made on first use.
        """

        def add() -> Project:
            folder, _, path = full_path.rpartition("/")
            namespace = namespaces.ensure_group(self.world, self.root, folder, visibility)
            project = projects.create_project(self.world, self.root, namespace, path, path, visibility=visibility)
            if files is not None:
                projects.give_files(self.world, project, {p: _bytes(c) for p, c in files.items()}, default_branch)
            for username, level in (members or {}).items():
                accounts.set_member(self.world, "Project", project.id, self._named(username), level, self.root)
            return project

        return self.world.loop.run(add)

    def set_pipelines(self, project: Project, outcome: str, seconds: float = 0.0) -> None:
        """How the project's pipelines go from now on: none, success, failed (after `seconds`), or running for ever."""

        def switch() -> None:
            project.pipeline_outcome, project.pipeline_seconds = outcome, seconds

        self.world.loop.run(switch)

    def finish_pipelines(self, project: Project, status: str) -> None:
        """End every pipeline of the project that runs, as success or failed."""

        def end() -> None:
            for pipeline in self.world.pipelines.where(project_id=project.id):
                pipelines.finish(self.world, pipeline, status)

        self.world.loop.run(end)

    def _named(self, username: str) -> User:
        user = self.world.users.one(username=username)
        if user is None:
            raise LookupError(f"the sandbox has no user {username!r}; add it first with add_user")
        return user


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
