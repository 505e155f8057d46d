"""A commit from a list of actions on files, as the commits API takes them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.git import trees
from bot.sandbox.git.objects import EXECUTABLE, FILE, Leaf, Objects, ShapeError, gathering, write_tree
from bot.sandbox.git.repository import Repository

WriteBlob = Callable[[bytes], str]


class ActionError(Exception):
    """An action cannot be applied; the message is GitLab's."""


@dataclass(frozen=True, slots=True)
class Action:
    """One of create, update, move, delete, chmod. `content` None on a move keeps the file's own."""

    kind: str
    path: str
    content: bytes | None = None
    previous_path: str = ""
    executable: bool | None = None


def tree_with(repository: Repository, commit: str | None, actions: Sequence[Action]) -> str:
    """The tree of `commit` (None: nothing) after the actions; all its objects are stored. Raises ActionError."""
    leaves, known = trees.leaves(repository, commit) if commit else ({}, frozenset())
    objects: Objects = {}
    sink = gathering(objects)
    changed = apply(leaves, actions, lambda content: sink("blob", content))
    try:
        tree = write_tree(changed, sink)
    except ShapeError as error:
        raise ActionError("A directory with this name already exists") from error
    repository.store({sha: found for sha, found in objects.items() if sha not in known})
    return tree


def apply(leaves: Mapping[str, Leaf], actions: Sequence[Action], write_blob: WriteBlob) -> dict[str, Leaf]:
    """`leaves` after the actions, in order. Raises ActionError."""
    result = dict(leaves)
    for action in actions:
        _APPLY[action.kind](result, action, write_blob)
    return result


def clean_path(path: str) -> str:
    """`path` as it will stand in the tree. Raises ActionError for one that may not."""
    if not path.strip("/"):
        raise ActionError("You must provide a file path")
    cleaned = posixpath.normpath(path.lstrip("/"))
    if cleaned.split("/")[0] == "..":
        raise ActionError("Path cannot include directory traversal")
    if "\0" in cleaned or any(part.lower() == ".git" for part in cleaned.split("/")):
        raise ActionError(f"invalid path: '{path}'")
    return cleaned


def _create(result: dict[str, Leaf], action: Action, write_blob: WriteBlob) -> None:
    path = clean_path(action.path)
    if path in result:
        raise ActionError("A file with this name already exists")
    if any(other.startswith(path + "/") for other in result):
        raise ActionError("A directory with this name already exists")
    result[path] = Leaf(EXECUTABLE if action.executable else FILE, write_blob(action.content or b""))


def _update(result: dict[str, Leaf], action: Action, write_blob: WriteBlob) -> None:
    path = _existing(result, action.path)
    mode = result[path].mode if action.executable is None else _mode(action.executable)
    result[path] = Leaf(mode, write_blob(action.content or b""))


def _move(result: dict[str, Leaf], action: Action, write_blob: WriteBlob) -> None:
    leaf = result[_existing(result, action.previous_path)]
    path = clean_path(action.path)
    if path in result:
        raise ActionError("A file with this name already exists")
    del result[clean_path(action.previous_path)]
    result[path] = leaf if action.content is None else Leaf(leaf.mode, write_blob(action.content))


def _delete(result: dict[str, Leaf], action: Action, _: WriteBlob) -> None:
    del result[_existing(result, action.path)]


def _chmod(result: dict[str, Leaf], action: Action, _: WriteBlob) -> None:
    path = _existing(result, action.path)
    result[path] = Leaf(_mode(bool(action.executable)), result[path].sha)


def _existing(result: Mapping[str, Leaf], path: str) -> str:
    cleaned = clean_path(path)
    if cleaned not in result:
        raise ActionError("A file with this name doesn't exist")
    return cleaned


def _mode(executable: bool) -> str:
    return EXECUTABLE if executable else FILE


_APPLY: dict[str, Callable[[dict[str, Leaf], Action, WriteBlob], None]] = {
    "create": _create,
    "update": _update,
    "move": _move,
    "delete": _delete,
    "chmod": _chmod,
}
KINDS = tuple(_APPLY)
