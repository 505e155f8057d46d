"""A folder as a tree: what is listed, what is read, what is refused, and how it is written back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.folder import SIZE_LIMIT, Folder
from bot.errors import CheckoutError
from remediators.errors import ManifestError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "requirements.txt").write_bytes(b"acme==1.0\r\n")
    (tmp_path / "outside.txt").write_text("not ours")
    return made


def test_plain_files_are_listed_in_order(root: Path) -> None:
    (root / "web").mkdir()
    (root / "web" / "package.json").write_text("{}")
    assert Folder(root).paths == ("requirements.txt", "web/package.json")


@pytest.mark.parametrize("name", [".git", "node_modules", ".venv", "__pycache__"])
def test_what_tools_made_is_not_listed(root: Path, name: str) -> None:
    (root / name).mkdir()
    (root / name / "requirements.txt").write_text("acme==1.0\n")
    assert Folder(root).paths == ("requirements.txt",)


def test_symlinks_and_pipes_are_not_listed(root: Path) -> None:
    (root / "link.txt").symlink_to("../outside.txt")
    (root / "folder").symlink_to("..")
    os.mkfifo(root / "pipe.txt")
    folder = Folder(root)
    assert folder.paths == ("requirements.txt",)
    assert dict(folder.left_out) == {
        "link.txt": "link.txt: is a symlink, which is not followed: name the file itself",
        "pipe.txt": "pipe.txt: is a special file: name the file itself",
    }


def test_a_root_that_is_a_symlink_is_what_it_points_to(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert Folder(link).paths == ("requirements.txt",)


@pytest.mark.parametrize("name", ["nowhere", "outside.txt"])
def test_a_root_that_is_no_folder_is_named(root: Path, name: str) -> None:
    with pytest.raises(CheckoutError, match=f"{name}: not a folder"):
        Folder(root.parent / name)


def test_a_folder_that_cannot_be_listed_is_a_failure_and_hides_nothing_else(root: Path) -> None:
    # Deeper than a path may be long: it cannot be listed by anyone, not even by root.
    held = os.open(root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=held)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=held)
        os.close(held)
        held = inner
    os.close(held)
    folder = Folder(root)
    assert folder.paths == ("requirements.txt",)
    (failure,) = folder.failed
    assert failure.fault
    assert "cannot be listed: File name too long" in failure.reason


def test_a_file_is_read_byte_for_byte(root: Path) -> None:
    assert Folder(root).reader("requirements.txt") == b"acme==1.0\r\n"


@pytest.mark.parametrize("path", ["dev.txt", "dev/requirements.txt", "requirements.txt/x"])
def test_what_is_not_there_is_none(root: Path, path: str) -> None:
    assert Folder(root).reader(path) is None


def _make_link(root: Path) -> str:
    (root / "link.txt").symlink_to("requirements.txt")
    return "link.txt"


def _make_link_out(root: Path) -> str:
    (root / "up").symlink_to("..")
    return "up/outside.txt"


def _make_loop(root: Path) -> str:
    (root / "loop").symlink_to("loop")
    return "loop/x.txt"


def _make_pipe(root: Path) -> str:
    os.mkfifo(root / "pipe.txt")
    return "pipe.txt"


def _make_folder(root: Path) -> str:
    (root / "folder").mkdir()
    return "folder"


def _make_large(root: Path) -> str:
    with (root / "large.txt").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    return "large.txt"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(_make_link, "symbolic link", id="symlink"),
        pytest.param(_make_link_out, "leaves the folder", id="folder that is a symlink out"),
        pytest.param(_make_loop, "symbolic link", id="symlink to itself"),
        pytest.param(lambda root: "../outside.txt", "leaves the folder", id="parent"),
        pytest.param(lambda root: str(root.parent / "outside.txt"), "leaves the folder", id="absolute"),
        pytest.param(lambda root: "dev\0.txt/x", "leaves the folder", id="NUL"),
        pytest.param(_make_pipe, "not a plain file", id="pipe"),
        pytest.param(_make_folder, "not a plain file", id="folder"),
        pytest.param(_make_large, "the limit is", id="too large"),
    ],
)
def test_anything_but_a_plain_file_of_the_folder_is_refused(root: Path, make: Callable[[Path], str], said: str) -> None:
    path = make(root)
    with pytest.raises(ManifestError, match=said):
        Folder(root).reader(path)


def test_files_are_replaced_with_their_mode_kept_and_nothing_left_behind(root: Path) -> None:
    (root / "requirements.txt").chmod(0o640)
    Folder(root).write({"requirements.txt": b"acme==1.5\r\n"})
    assert (root / "requirements.txt").read_bytes() == b"acme==1.5\r\n"
    assert (root / "requirements.txt").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in root.iterdir()] == ["requirements.txt"]


def test_a_file_that_someone_changed_meanwhile_is_left_alone(root: Path) -> None:
    folder = Folder(root)
    folder.reader("requirements.txt")
    (root / "requirements.txt").write_text("acme==1.0\nmine==1.0\n")
    with pytest.raises(CheckoutError, match=r"requirements\.txt: changed while"):
        folder.write({"requirements.txt": b"acme==1.5\n"})
    assert (root / "requirements.txt").read_text() == "acme==1.0\nmine==1.0\n"


def test_one_file_that_cannot_be_written_keeps_all_others_as_they_are(root: Path) -> None:
    with pytest.raises(CheckoutError, match=r"gone\.lock cannot be written"):
        Folder(root).write({"requirements.txt": b"acme==1.5\n", "gone.lock": b"x"})
    assert (root / "requirements.txt").read_bytes() == b"acme==1.0\r\n"
    assert [path.name for path in root.iterdir()] == ["requirements.txt"]


def test_nothing_is_written_through_a_symlink(root: Path) -> None:
    (root / "link.txt").symlink_to("../outside.txt")
    with pytest.raises(ManifestError, match="symbolic link"):
        Folder(root).write({"link.txt": b"x"})
    assert (root.parent / "outside.txt").read_text() == "not ours"
