"""What is taken back from a package manager: plain files of the unit, and nothing that leads elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.pipeline.apply import READ_BACK_LIMIT, inside, read_back
from remediators.api import ManifestError


def _linked(place: Path) -> None:
    place.unlink()
    place.symlink_to("/etc/hostname")


def _moved(place: Path) -> None:
    place.parent.rename(place.parent.parent / "moved")
    place.parent.symlink_to(place.parent.parent / "moved")


def _piped(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _named_twice(place: Path) -> None:
    (place.parent / "same").hardlink_to(place)


def _grown(place: Path) -> None:
    os.truncate(place, READ_BACK_LIMIT + 1)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_linked, "something that is not a plain file"),
        (_moved, "something that is not a plain file"),
        (_piped, "something that is not a plain file"),
        (_named_twice, "something that is not a plain file"),
        (Path.unlink, "something that is not a plain file"),
        (_grown, "wrote more than 64 MB"),
    ],
)
def test_what_is_no_plain_file_is_refused(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    place = tmp_path / "sub" / "uv.lock"
    place.parent.mkdir()
    place.write_bytes(b"version = 1")
    assert read_back(tmp_path, "sub/uv.lock") == b"version = 1"
    spoil(place)
    with pytest.raises(ManifestError, match=f"^sub/uv.lock: the package manager .*{said}"):
        read_back(tmp_path, "sub/uv.lock")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x"])
def test_nothing_is_written_outside_the_scratch(tmp_path: Path, path: str) -> None:
    with pytest.raises(ManifestError, match="leads out of the repository"):
        inside(tmp_path / "work", path)
    assert inside(tmp_path, "a/x") == tmp_path / "a" / "x"
