"""Objects written in Python are the ones that git itself would write."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.sandbox.git.objects import (
    EMPTY_TREE,
    FILE,
    LINK,
    Leaf,
    LooseObjects,
    Person,
    ShapeError,
    encode_commit,
    name_of,
    parse_commit,
    write_tree,
)
from bot.sandbox.git.repository import Repository

AT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
ADA = Person("Ada Łovelace", "ada@example.com", AT)


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        pytest.param("blob", b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", id="empty blob"),
        pytest.param("blob", b"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a", id="blob"),
        pytest.param("tree", b"", EMPTY_TREE, id="empty tree"),
    ],
)
def test_names_are_those_of_git(kind: str, body: bytes, name: str) -> None:
    assert name_of(kind, body) == name


def test_a_tree_is_the_one_that_git_writes(repository: Repository) -> None:
    blob = repository.write("blob", b"x")
    paths = ["lib.py", "lib/a.py", "lib/deep/b.py", "lib-x", "a", "é.txt"]
    leaves = {path: Leaf(FILE, blob) for path in paths} | {"link": Leaf(LINK, blob)}
    listing = "".join(f"{leaf.mode} {leaf.sha}\t{path}\n" for path, leaf in leaves.items())
    env = {"GIT_INDEX_FILE": str(repository.folder / "index"), "PATH": "/usr/bin:/bin"}
    base = ["git", f"--git-dir={repository.folder}"]
    subprocess.run([*base, "update-index", "--add", "--index-info"], input=listing.encode(), env=env, check=True)
    expected = subprocess.run([*base, "write-tree"], capture_output=True, env=env, check=True).stdout.decode().strip()

    assert write_tree(leaves, repository.write) == expected
    assert write_tree(leaves, name_of) == expected, "computing the name alone gives the same one"


def test_a_path_cannot_be_file_and_directory() -> None:
    leaf = Leaf(FILE, name_of("blob", b""))
    with pytest.raises(ShapeError, match="a is both a file and a directory"):
        write_tree({"a": leaf, "a/b": leaf}, name_of)


def test_a_commit_reads_back_as_written_and_passes_fsck(repository: Repository) -> None:
    tree = write_tree({}, repository.write)
    first = repository.write_commit(tree, (), ADA, "One\n\nMore.\n")
    second = repository.write_commit(tree, (first,), ADA, "Two")

    commit = repository.commit(second)

    assert commit is not None
    assert (commit.parents, commit.author, commit.committer) == ((first,), ADA, ADA)
    assert (commit.message, commit.title) == ("Two", "Two")
    assert b"error" not in repository.git("fsck", "--strict", "--unreachable").stdout


def test_names_cannot_break_out_of_their_line() -> None:
    evil = Person("A <x>\nparent 0", "e>\n@example.com", AT)
    body = encode_commit(EMPTY_TREE, (), evil, evil, "m")
    assert parse_commit("0" * 40, body).author == Person("A xparent 0", "e@example.com", AT)


def test_a_signed_commit_is_read(repository: Repository) -> None:
    body = encode_commit(EMPTY_TREE, (), ADA, ADA, "Signed\n")
    signed = body.replace(b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n author x\n -----END\n\n", 1)
    commit = parse_commit("0" * 40, signed)
    assert (commit.author, commit.message) == (ADA, "Signed\n")


def test_loose_objects_are_read_and_others_are_not(tmp_path: Path) -> None:
    loose = LooseObjects(tmp_path)
    sha = loose.write("blob", b"content")
    assert loose.write("blob", b"content") == sha
    assert loose.read(sha) == ("blob", b"content")
    assert loose.read("0" * 40) is None
