"""The skeleton of a REST request: the call that a route function gets and the answer that it gives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import Request

from bot.sandbox import permissions
from bot.sandbox.errors import ApiError, forbidden, moved_permanently, not_found, unauthorized
from bot.sandbox.parameters import Parameters
from bot.sandbox.rules import paths
from bot.sandbox.world import Access, Namespace, Project, Token, User, World

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox


@dataclass(slots=True)
class Answer:
    """What a route answers: JSON, or bytes or a stream with a `content_type`; None is an empty body."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


Stream = AsyncIterator[bytes]


def redirected(url: str) -> Answer:
    """Grape's 302: it calls the sentence plain text and writes it as JSON all the same."""
    sentence = f"This resource has been moved temporarily to {url}."
    return Answer(sentence, 302, {"Location": url}, content_type="text/plain")


@dataclass(slots=True)
class Call:
    """One authenticated REST request. `path` holds the unquoted path parameters by name."""

    sandbox: Sandbox
    request: Request
    viewer: User | None
    token: Token | None
    path: Mapping[str, str]
    params: Parameters

    @property
    def world(self) -> World:
        """The world that the call reads and changes."""
        return self.sandbox.world

    @property
    def user(self) -> User:
        """Who calls. Raises ApiError 401 for an anonymous call."""
        if self.viewer is None:
            raise unauthorized()
        return self.viewer

    def admin(self) -> User:
        """Who calls, if an administrator; ApiError 403 otherwise."""
        if not self.user.admin:
            raise forbidden()
        return self.user

    def number(self, name: str) -> int:
        """A numeric path parameter; ApiError 400 as Grape words it when it is not one."""
        try:
            return int(self.path[name])
        except ValueError:
            raise ApiError(400, {"error": f"{name} is invalid"}) from None

    def project(self, minimum: int = Access.NONE, name: str = "id") -> Project:
        """The project of path parameter `name` (id or full path).

        ApiError 404 when there is none that the caller may see, 403 when the caller's access is below `minimum`.
        """
        project = find_project(self.world, self.path[name])
        if project is None:
            project = self._moved(name)
        if project is None or not self.reads(project):
            raise not_found("Project")
        if minimum > Access.NONE and self.access(project) < minimum:
            raise forbidden()
        return project

    def _moved(self, name: str) -> Project | None:
        """A project under a path that it had: reads are sent on, writes refused."""
        project = paths.moved(self.world, self.path[name])
        if project is None or not self.reads(project):
            return None
        if self.request.method not in {"GET", "HEAD"}:
            raise ApiError(405, {"message": "Non GET methods are not allowed for moved projects"})
        raise moved_permanently(self._with_id(self.path[name], project.id))

    def _with_id(self, path: str, project_id: int) -> str:
        quoted = self.request.scope["raw_path"].decode("latin-1").split("/")
        segments = [str(project_id) if unquote(segment) == path else segment for segment in quoted]
        query = f"?{self.request.url.query}" if self.request.url.query else ""
        return f"{self.world.url}{'/'.join(segments)}{query}"

    def group(self, minimum: int = Access.NONE, name: str = "id") -> Namespace:
        """The group of path parameter `name` (id or full path); errors as for `project`."""
        group = find_group(self.world, self.path[name])
        if group is None or not permissions.can_read_group(self.world, self.viewer, group):
            raise not_found("Group")
        if minimum > Access.NONE and permissions.group_access(self.world, self.viewer, group) < minimum:
            raise forbidden()
        return group

    def access(self, project: Project) -> int:
        """The caller's access level on `project`."""
        return permissions.project_access(self.world, self.viewer, project)

    def reads(self, project: Project) -> bool:
        """Whether the caller sees `project`."""
        return permissions.can_read_project(self.world, self.viewer, project)


def find_project(world: World, id_or_path: str) -> Project | None:
    """A project by numeric id or full path."""
    if id_or_path.isdecimal():
        return world.projects.get(int(id_or_path))
    return world.projects.one(full_path=id_or_path)


def find_group(world: World, id_or_path: str) -> Namespace | None:
    """A group by numeric id or full path."""
    found = find_namespace(world, id_or_path)
    return found if found is not None and found.kind == "group" else None


def find_namespace(world: World, id_or_path: str) -> Namespace | None:
    """A group or a user's own namespace, by numeric id or full path."""
    found = world.namespaces.get(int(id_or_path)) if id_or_path.isdecimal() else None
    return found or world.namespaces.one(full_path=id_or_path)


def find_user(world: World, id_or_username: str) -> User | None:
    """A user by numeric id or username."""
    if id_or_username.isdecimal():
        return world.users.get(int(id_or_username))
    return world.users.one(username=id_or_username)
