"""Repositories come into being on first use, and their heads are known before that."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox import repositories
from bot.sandbox.git import trees
from bot.sandbox.git.objects import ABSENT, Person
from bot.sandbox.git.repository import HEADS, Move
from bot.sandbox.rules import accounts, namespaces, projects
from bot.sandbox.world import Project, World

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(repositories=tmp_path, clock=lambda: NOW)


def project(world: World, path: str = "shop", files: dict[str, bytes] | None = None) -> Project:
    root = accounts.ensure_root(world, "secret")
    group = namespaces.ensure_group(world, root, "team", "private")
    made = projects.create_project(world, root, group, path, path)
    if files is not None:
        projects.give_files(world, made, files, "main")
    return made


def test_the_head_is_foretold_and_nothing_is_written(world: World, tmp_path: Path) -> None:
    shop = project(world, files={"a/b.txt": b"1", "README.md": b"# Shop\n"})
    foretold = repositories.head(world, shop)
    assert list(tmp_path.iterdir()) == []

    repository = repositories.opened(world, shop)

    assert ("main", repository.branch("main")) == foretold
    assert foretold is not None
    assert [e.path for e in trees.listing(repository, foretold[1]) or []] == ["a", "README.md"]
    assert repository.git("fsck", "--strict").stdout == b""


def test_projects_with_the_same_files_have_the_same_first_commit(world: World) -> None:
    files = {"a": b"1"}
    assert repositories.head(world, project(world, "one", files)) == repositories.head(
        world, project(world, "two", files)
    )


def test_an_empty_repository_has_no_head(world: World) -> None:
    empty = project(world)
    assert repositories.head(world, empty) is None
    assert repositories.opened(world, empty).branches() == {}
    assert repositories.default_branch(empty) == "main"


def test_the_first_branch_becomes_the_default(world: World) -> None:
    empty = project(world)
    repository = repositories.opened(world, empty)
    sha = repository.write_commit(repository.write("tree", b""), (), Person("A", "a@b", NOW), "m")
    repository.move(Move(f"{HEADS}trunk", ABSENT, sha))
    repositories.refresh(world, empty)
    assert repositories.head(world, empty) == ("trunk", sha)
    assert repository.resolve("HEAD") == sha


def test_changing_the_default_branch(world: World) -> None:
    shop = project(world, files={"a": b"1"})
    repository = repositories.opened(world, shop)
    sha = repository.write_commit(repository.write("tree", b""), (), Person("A", "a@b", NOW), "m")
    repository.move(Move(f"{HEADS}next", ABSENT, sha))
    repositories.change_default(world, shop, "next")
    assert repositories.head(world, shop) == ("next", sha)


@pytest.mark.parametrize("made", [False, True], ids=["from a foretold repository", "from one that is there"])
def test_a_fork_has_what_its_source_has_and_goes_its_own_way(world: World, made: bool) -> None:
    source, fork = project(world, files={"a": b"1"}), project(world, "fork")
    if made:
        repositories.opened(world, source)
    repositories.fork(world, source, fork)

    assert repositories.head(world, fork) == repositories.head(world, source)
    copy = repositories.opened(world, fork)
    sha = copy.write_commit(copy.write("tree", b""), (), Person("A", "a@b", NOW), "m")
    copy.move(Move(f"{HEADS}main", copy.branch("main") or ABSENT, sha))
    assert repositories.opened(world, source).branch("main") != sha
    assert copy.git("fsck", "--no-dangling").stdout == b""


def test_deleting(world: World, tmp_path: Path) -> None:
    shop = project(world, files={"a": b"1"})
    repositories.opened(world, shop)
    repositories.delete(world, shop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "readme"),
    [(["README.md"], "README.md"), (["a"], None), (["readme", "Readme.md"], "Readme.md"), (["READMEx"], None)],
)
def test_the_readme_is_found_again_after_a_push(world: World, files: list[str], readme: str | None) -> None:
    shop = project(world, files=dict.fromkeys(files, b"1"))
    repositories.opened(world, shop)
    repositories.refresh(world, shop)
    assert shop.readme_path == readme


def test_a_world_that_forgot_takes_over_what_is_there(world: World) -> None:
    shop = project(world, files={"a": b"1"})
    repository = repositories.opened(world, shop)
    sha = repository.write_commit(repository.write("tree", b""), (), Person("A", "a@b", NOW), "m")
    repository.move(Move(f"{HEADS}main", repository.branch("main") or ABSENT, sha))
    shop.repository_made, shop.pending_files, shop.head = False, {"a": b"1"}, None

    assert repositories.opened(world, shop).branch("main") == sha
    assert repositories.head(world, shop) == ("main", sha)
