"""Packs written in Python are packs for git."""

from __future__ import annotations

import pytest

from bot.sandbox.git.objects import FILE, Leaf, Objects, Person, encode_commit, gathering, write_tree
from bot.sandbox.git.repository import Repository


@pytest.mark.parametrize("count", [1, 3, 300])
def test_what_is_stored_is_found(repository: Repository, ada: Person, count: int) -> None:
    objects: Objects = {}
    sink = gathering(objects)
    contents = {f"d{n % 7}/f{n}": b"x" * (n * 37) for n in range(count)}
    tree = write_tree({path: Leaf(FILE, sink("blob", content)) for path, content in contents.items()}, sink)
    sha = sink("commit", encode_commit(tree, (), ada, ada, "Many"))

    repository.store(objects)

    assert repository.objects(objects) == objects
    assert repository.resolve(sha) == sha
    assert repository.git("fsck", "--full", "--strict", "--no-dangling").stdout == b""
    for index in (repository.folder / "objects").glob("pack/*.idx"):
        assert repository.git("verify-pack", str(index)).status == 0
