"""GraphQL: the repository of a project; its head is known without making it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.git import trees
from bot.sandbox.git.history import last_changes
from bot.sandbox.git.objects import Commit
from bot.sandbox.graph.connections import Connection, connect
from bot.sandbox.graph.context import Info
from bot.sandbox.world import Project, World


@dataclass(frozen=True, slots=True)
class Tree:
    """A directory at a commit. `path` is "" for the root."""

    project: Project
    commit: str
    path: str
    recursive: bool


@dataclass(frozen=True, slots=True)
class LazyCommit:
    """A commit by name; it is read only when more than its name is asked for."""

    project: Project
    sha: str

    def read(self, world: World) -> Commit | None:
        """The commit object."""
        return repositories.opened(world, self.project).commit(self.sha)


def _tree(project: Project, info: Info, **arguments: Any) -> Tree | None:
    world, ref = info.context.world, arguments.get("ref")
    head = repositories.head(world, project)
    if head is None:
        return None
    commit = head[1] if ref in (None, "HEAD", head[0]) else repositories.opened(world, project).resolve(ref)
    if commit is None:
        return None
    return Tree(project, commit, arguments.get("path") or "", bool(arguments.get("recursive")))


def _last_commit(tree: Tree, info: Info) -> LazyCommit | None:
    if not tree.path:
        return LazyCommit(tree.project, tree.commit)
    found = last_changes(repositories.opened(info.context.world, tree.project), tree.commit, tree.path)
    return LazyCommit(tree.project, found) if found is not None else None


def _entries(kind: str) -> Callable[..., Connection]:
    def resolve(tree: Tree, info: Info, **arguments: Any) -> Connection:
        repository = repositories.opened(info.context.world, tree.project)
        listed = trees.listing(repository, tree.commit, tree.path, tree.recursive) or []
        return connect([entry for entry in listed if entry.type == kind], arguments)

    return resolve


def _blobs(project: Project, info: Info, **arguments: Any) -> Connection:
    world, head = info.context.world, repositories.head(info.context.world, project)
    if head is None:
        return connect([], arguments)
    repository = repositories.opened(world, project)
    commit = repository.resolve(arguments["ref"]) if arguments.get("ref") not in (None, "HEAD") else head[1]
    found = [trees.file(repository, commit, path) for path in arguments["paths"]] if commit is not None else []
    return connect([file for file in found if file is not None], arguments)


def _branch_names(project: Project, info: Info, **arguments: Any) -> list[str]:
    names = sorted(repositories.opened(info.context.world, project).branches())
    matching = [name for name in names if fnmatchcase(name, arguments["searchPattern"])]
    return matching[arguments["offset"] : arguments["offset"] + arguments["limit"]]


def _detail(read: Callable[[Commit], Any]) -> Callable[..., Any]:
    def resolve(commit: LazyCommit, info: Info) -> Any:
        found = commit.read(info.context.world)
        return None if found is None else read(found)

    return resolve


def _author(commit: LazyCommit, info: Info) -> Any:
    found = commit.read(info.context.world)
    return None if found is None else info.context.world.users.one(email=found.author.email)


def _text(file: trees.File, _info: Info) -> str | None:
    return None if b"\0" in file.content else file.content.decode("utf-8", "replace")


_ENTRY = {
    "id": lambda entry, info: f"gid://gitlab/{entry.type.title()}/{entry.sha}",
    "flatPath": lambda entry, info: entry.path,
}

RESOLVERS = {
    "Repository": {
        "blobs": _blobs,
        "branchNames": _branch_names,
        "empty": lambda project, info: repositories.head(info.context.world, project) is None,
        "exists": lambda project, info: True,
        "rootRef": lambda project, info: (repositories.head(info.context.world, project) or (None, None))[0],
        "tree": _tree,
    },
    "Tree": {"blobs": _entries("blob"), "lastCommit": _last_commit, "trees": _entries("tree")},
    "Blob": _ENTRY,
    "TreeEntry": _ENTRY,
    "RepositoryBlob": {
        "id": lambda file, info: f"gid://gitlab/Blob/{file.sha}",
        "name": lambda file, info: file.path.rpartition("/")[2],
        "oid": lambda file, info: file.sha,
        "rawBlob": _text,
        "rawTextBlob": _text,
        "rawSize": lambda file, info: len(file.content),
        "size": lambda file, info: len(file.content),
    },
    "Commit": {
        "id": lambda commit, info: f"gid://gitlab/Commit/{commit.sha}",
        "author": _author,
        "authorEmail": _detail(lambda commit: commit.author.email),
        "authorName": _detail(lambda commit: commit.author.name),
        "authoredDate": _detail(lambda commit: commit.author.at),
        "description": _detail(lambda commit: commit.message.partition("\n")[2].lstrip("\n")),
        "fullTitle": _detail(lambda commit: commit.title),
        "message": _detail(lambda commit: commit.message),
        "shortId": lambda commit, info: commit.sha[:8],
        "title": _detail(lambda commit: commit.title),
        "webPath": lambda commit, info: f"/{commit.project.full_path}/-/commit/{commit.sha}",
        "webUrl": lambda commit, info: f"{info.context.world.url}/{commit.project.full_path}/-/commit/{commit.sha}",
    },
}
