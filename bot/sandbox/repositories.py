"""Which repository a project has: made on first use, its head known before that."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.git.objects import (
    FILE,
    Leaf,
    Objects,
    Person,
    Sink,
    encode_commit,
    gathering,
    name_of,
    names_in_tree,
    write_tree,
)
from bot.sandbox.git.repository import Repository
from bot.sandbox.world import Project, World

FALLBACK_BRANCH = "main"
# lib/gitlab/file_detector.rb
_README = re.compile(r"readme(\.\w+)*", re.IGNORECASE)


def head(world: World, project: Project) -> tuple[str, str] | None:
    """The default branch and its commit, from memory; None for an empty repository."""
    if project.head is None and project.pending_files is not None:
        project.head = _first_commit(world, project, project.pending_files, name_of)
    if project.head is None:
        return None
    return default_branch(project), project.head


def default_branch(project: Project) -> str:
    """The project's default branch; what the first push would make it, for an empty repository."""
    return project.default_branch or FALLBACK_BRANCH


def opened(world: World, project: Project) -> Repository:
    """The project's repository, made now if it was not yet. On the loop's thread only; what it returns may leave it."""
    folder = _folder(world, project)
    repository = Repository(folder)
    if project.repository_made:
        return repository
    branch, files = default_branch(project), project.pending_files
    # Only a world that was killed before it was saved does not know of a repository that is there.
    if not (folder / "HEAD").exists():
        objects: Objects = {}
        sha = None if files is None else _first_commit(world, project, files, gathering(objects))
        Repository.init(folder, branch, sha, objects)
    project.head = repository.branch(branch)
    project.default_branch = branch if project.head else project.default_branch
    project.repository_made, project.pending_files = True, None
    return repository


def refresh(world: World, project: Project) -> None:
    """Take over where the default branch stands now. The first branch of an empty repository becomes the default."""
    repository = opened(world, project)
    if project.head is None and repository.branch(default_branch(project)) is None:
        first = next(iter(repository.branches()), None)
        if first is not None:
            change_default(world, project, first)
    project.head = repository.branch(default_branch(project))
    if project.head is not None:
        project.default_branch = default_branch(project)
    project.readme_path = _readme(repository, project.head)


def change_default(world: World, project: Project, branch: str) -> None:
    """Make another branch the default one."""
    repository = opened(world, project)
    repository.set_head(branch)
    project.default_branch = branch
    project.head = repository.branch(branch)
    project.readme_path = _readme(repository, project.head)


def fork(world: World, source: Project, target: Project) -> None:
    """Give `target` what `source` has; hard links, so that it costs no space."""
    target.default_branch, target.head = source.default_branch, source.head
    if not source.repository_made:
        # The first commit names the creator and the time of the source: it has to be made to be shared.
        opened(world, source)
        target.default_branch, target.head = source.default_branch, source.head
    origin, copy = _folder(world, source), _folder(world, target)
    Repository.init(copy, default_branch(target))
    shutil.copytree(origin / "objects", copy / "objects", copy_function=_link, dirs_exist_ok=True)
    for refs in ("refs/heads", "refs/tags"):
        if (origin / refs).exists():
            shutil.copytree(origin / refs, copy / refs, dirs_exist_ok=True)
    if (origin / "packed-refs").exists():
        shutil.copy2(origin / "packed-refs", copy / "packed-refs")
    target.pending_files, target.repository_made = None, True


def delete(world: World, project: Project) -> None:
    """Remove the repository from disk."""
    shutil.rmtree(_folder(world, project), ignore_errors=True)
    project.repository_made = False


def _folder(world: World, project: Project) -> Path:
    return world.repositories / f"{project.id}.git"


def _first_commit(world: World, project: Project, files: Mapping[str, bytes], sink: Sink) -> str:
    creator = world.users.get(project.creator_id)
    name, email = (creator.name, creator.email) if creator else ("GitLab", "gitlab@gitlab.example")
    author = Person(name, email, project.created_at)
    tree = write_tree({path: Leaf(FILE, sink("blob", content)) for path, content in files.items()}, sink)
    return sink("commit", encode_commit(tree, (), author, author, "Initial commit"))


def _readme(repository: Repository, sha: str | None) -> str | None:
    commit = repository.commit(sha) if sha else None
    tree = repository.object(commit.tree) if commit else None
    names = [name for name in names_in_tree(tree[1] if tree else b"") if _README.fullmatch(name)]
    return min(names, key=lambda name: (not name.lower().endswith(".md"), name), default=None)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
