"""A repository resolves names as git does, and moves refs only from where the caller believes them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.git.objects import ABSENT, Person
from bot.sandbox.git.refs import valid_name
from bot.sandbox.git.repository import HEADS, TAGS, Move, MovedError, Repository


def test_an_initial_repository_is_one_for_git(repository: Repository) -> None:
    assert real_git(repository.folder, "rev-parse", "--is-bare-repository").strip() == "true"
    assert real_git(repository.folder, "symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert repository.branches() == {}


def test_every_way_to_name_a_commit(repository: Repository, commit: Callable[..., str], ada: Person) -> None:
    first = commit({"a": "1"})
    second = commit({"a": "2"})
    tag = repository.write_tag(first, "v1", ada, "One")
    repository.move(Move(TAGS + "v1", ABSENT, tag), Move(TAGS + "light", ABSENT, second))

    names = {"main": second, "refs/heads/main": second, "main~1": first, "v1": first, "light": second, "HEAD": second}
    assert {name: repository.resolve(name) for name in names} == names
    assert repository.resolve(second[:10]) == second
    assert repository.tags() == {"light": second, "v1": tag}


@pytest.mark.parametrize(
    "name", ["", "nope", "-h", "../config", "0" * 40, "main:a", "a b", "..main", "main..", "a\0b", "x" * 5000]
)
def test_what_names_no_commit(repository: Repository, commit: Callable[..., str], name: str) -> None:
    commit({"a": "1"})
    assert repository.resolve(name) is None


def test_packed_objects_and_refs_are_found_too(repository: Repository, commit: Callable[..., str]) -> None:
    shas = [commit({"a": str(n)}, branch="feature/x") for n in range(3)]
    real_git(repository.folder, "pack-refs", "--all")
    real_git(repository.folder, "repack", "-a", "-d", "-q")

    assert repository.branches() == {"feature/x": shas[-1]}
    assert repository.branch("feature/x") == shas[-1]
    assert set(repository.objects([*shas, ABSENT])) == set(shas)


def test_a_ref_moves_only_from_where_it_is(repository: Repository, commit: Callable[..., str]) -> None:
    first = commit({"a": "1"})
    second = commit({"a": "2"})
    with pytest.raises(MovedError, match="refs/heads/main"):
        repository.move(Move(HEADS + "other", ABSENT, first), Move(HEADS + "main", first, ABSENT))
    assert repository.branches() == {"main": second}, "all or none"

    repository.move(Move(HEADS + "main", second, ABSENT))
    assert repository.branches() == {}


def test_a_branch_cannot_stand_inside_another(repository: Repository, commit: Callable[..., str]) -> None:
    sha = commit({"a": "1"})
    with pytest.raises(MovedError):
        repository.move(Move(HEADS + "main/below", ABSENT, sha))


def test_history_comes_over_from_another_repository(
    repository: Repository, commit: Callable[..., str], tmp_path: Path
) -> None:
    sha = commit({"a": "1"})
    other = Repository.init(tmp_path / "other.git", "main")
    other.bring(repository, sha, "refs/merge-requests/1/head")
    assert other.resolve("refs/merge-requests/1/head") == sha


def test_no_hook_of_a_repository_runs(repository: Repository, tmp_path: Path, ada: Person) -> None:
    hook = repository.folder / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    sha = repository.write_commit(repository.write("tree", b""), (), ada, "m")
    repository.move(Move(HEADS + "main", ABSENT, sha))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("main", True),
        ("feature/x-1_2", True),
        ("deps/npm_and_yarn/lodash-4.17.21", True),
        ("ünïcode", True),
        ("", False),
        ("-x", False),
        ("a..b", False),
        ("a b", False),
        ("a~1", False),
        ("a:b", False),
        ("a//b", False),
        ("/a", False),
        ("a/", False),
        ("a.lock", False),
        ("x.lock/y", False),
        (".a", False),
        ("a/.b", False),
        ("a.", False),
        ("@", False),
        ("a@{1}", False),
        ("a[b", False),
        ("a\x7f", False),
        ("x" * 251, False),
    ],
)
def test_ref_names(name: str, good: bool) -> None:
    assert valid_name(name) is good


def real_git(folder: Path, *arguments: str) -> str:
    """What git itself says, outside the sandbox's own plumbing."""
    ran = subprocess.run(["git", f"--git-dir={folder}", *arguments], capture_output=True, text=True, check=True)
    return ran.stdout
