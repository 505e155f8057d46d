"""Listings and files at a commit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.git import trees
from bot.sandbox.git.repository import Repository

Commit = Callable[..., str]
FILES = {"README.md": "hi", "lib/a.py": "a", "lib/deep/b.py": "b", "lib.txt": ""}


@pytest.mark.parametrize(
    ("path", "recursive", "expected"),
    [
        pytest.param("", False, ["lib", "README.md", "lib.txt"], id="directories first"),
        pytest.param("lib", False, ["lib/deep", "lib/a.py"], id="below"),
        pytest.param("/lib/", False, ["lib/deep", "lib/a.py"], id="slashes do not matter"),
        pytest.param("lib", True, ["lib/deep", "lib/a.py", "lib/deep/b.py"], id="below, recursive"),
        pytest.param("README.md", False, None, id="a file is no directory"),
        pytest.param("nope", False, None, id="nothing there"),
    ],
)
def test_listing(
    repository: Repository, commit: Commit, path: str, recursive: bool, expected: list[str] | None
) -> None:
    found = trees.listing(repository, commit(FILES), path, recursive)
    assert (None if found is None else [e.path for e in found]) == expected


@pytest.mark.parametrize("path", ["lib", "nope", "", "/README.md", "README.md\0", "lib/../README.md", "../..", "*.md"])
def test_what_is_no_file(repository: Repository, commit: Commit, path: str) -> None:
    assert trees.file(repository, commit(FILES), path) is None


def test_a_file(repository: Repository, commit: Commit) -> None:
    found = trees.file(repository, commit(FILES), "lib/deep/b.py")
    assert found is not None
    assert (found.path, found.mode, found.content) == ("lib/deep/b.py", "100644", b"b")
