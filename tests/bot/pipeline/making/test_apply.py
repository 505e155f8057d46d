"""Which part of a change set lies in a unit, and what is taken back from a package manager: plain files of the unit,
and nothing that leads elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.pipeline.making.apply import READ_BACK_LIMIT, inside, read_back, upgrades_of
from remediators.api import Unit
from remediators.errors import ManifestError
from remediators.requirements.remediator import Requirements
from state.model import Change, Kind, Remediation


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


PLAIN = Unit("requirements", "app.in", None, ("app.in", "base.in"))
COMPILED = Unit("requirements", "app.in", "app.txt", ("app.in", "base.in", "app.txt"))


@pytest.mark.parametrize(
    ("unit", "manifest", "lockfile", "direct", "concerned"),
    [
        pytest.param(COMPILED, "app.in", "app.txt", True, True, id="named, and locked"),
        pytest.param(COMPILED, "app.in", "app.txt", False, True, id="locked"),
        pytest.param(COMPILED, "base.in", "base.txt", True, True, id="named in a file that it includes"),
        pytest.param(PLAIN, "base.in", None, False, True, id="in an unlocked file that it includes"),
        pytest.param(PLAIN, "app.in", "app.txt", True, True, id="named where another unit locks it"),
        pytest.param(PLAIN, "app.in", "app.txt", False, False, id="only in another unit's lockfile"),
        pytest.param(COMPILED, "base.in", "base.txt", False, False, id="only in the lockfile of what it includes"),
        pytest.param(COMPILED, "other.in", "app.txt", True, False, id="another manifest"),
    ],
)
def test_a_unit_gets_the_changes_of_its_manifests_and_lockfile(
    unit: Unit, manifest: str, lockfile: str | None, direct: bool, concerned: bool
) -> None:
    change = Change("PyPI", "acme", "1.0", "1.5", manifest, lockfile, direct)
    remediation = Remediation("x", Kind.VULNERABLE, "", "", "", (), (change,))
    assert bool(upgrades_of(unit, Requirements(), remediation)) is concerned
