"""Repositories that the sandbox's git is tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.sandbox.git.changes import Action, tree_with
from bot.sandbox.git.objects import ABSENT, Person
from bot.sandbox.git.repository import HEADS, Move, Repository

Commit = Callable[..., str]

ADA = Person("Ada Łovelace", "ada@example.com", datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=-3))))


@pytest.fixture
def ada() -> Person:
    """Who makes the commits of `commit`, and when the first one."""
    return ADA


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.init(tmp_path / "project.git", "main")


@pytest.fixture
def commit(repository: Repository) -> Commit:
    """Commit files (None deletes) to a branch that starts, if new, at `start`."""
    clock = iter(ADA.at + timedelta(minutes=n) for n in range(1000))

    def make(
        files: Mapping[str, str | None], message: str = "Change\n", branch: str = "main", start: str | None = None
    ) -> str:
        before = repository.branch(branch)
        parent = before or start
        have = set(_paths(repository, parent)) if parent else set()
        actions = [
            Action("delete", path)
            if content is None
            else Action("update" if path in have else "create", path, content.encode())
            for path, content in files.items()
        ]
        author = Person(ADA.name, ADA.email, next(clock).astimezone(UTC))
        tree = tree_with(repository, parent, actions)
        sha = repository.write_commit(tree, (parent,) if parent else (), author, message)
        repository.move(Move(HEADS + branch, before or ABSENT, sha))
        return sha

    return make


def _paths(repository: Repository, commit: str) -> list[str]:
    return repository.git("ls-tree", "-r", "--name-only", commit).stdout.decode().splitlines()
