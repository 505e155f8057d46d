"""Whose a pyproject.toml is: exactly one package manager's, by the lockfile beside it; and what that is made with."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from remediators.api import Reader, Unit
from remediators.python.vendored import vendored

LOCKFILES = ("uv.lock", "poetry.lock", "pdm.lock")
"""Lockfiles of package managers that keep their requirements in pyproject.toml; the first that is there counts."""


def manifests_locked_by(lockfile: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every pyproject.toml that has this lockfile beside it and none that goes before it; with its lockfile, sorted."""
    present = frozenset(paths)
    for manifest in sorted(present):
        if posixpath.basename(manifest) == "pyproject.toml" and not vendored(manifest):
            lock = lock_beside(manifest, present)
            if lock is not None and posixpath.basename(lock) == lockfile:
                yield manifest, lock


def units_locked_by(remediator: str, lockfile: str, paths: Sequence[str]) -> tuple[Unit, ...]:
    """One unit per such pyproject.toml."""
    found = manifests_locked_by(lockfile, paths)
    return tuple(Unit(remediator, manifest, lock, (manifest, lock)) for manifest, lock in found)


def with_local_projects(unit: Unit, folders: Iterable[str], read: Reader) -> Unit:
    """The unit with the pyproject.toml of each of these folders, relative to its own, that the repository has."""
    here = posixpath.dirname(unit.manifest)
    named = (posixpath.normpath(posixpath.join(here, folder, "pyproject.toml")) for folder in folders)
    inside = (path for path in dict.fromkeys(named) if not path.startswith(("../", "/")) and path not in unit.files)
    return replace(unit, files=(*unit.files, *(path for path in inside if read(path) is not None)))


def lock_beside(manifest: str, present: frozenset[str]) -> str | None:
    """The lockfile of a pyproject.toml among the paths of a repository; None when it has none."""
    beside = (posixpath.join(posixpath.dirname(manifest), name) for name in LOCKFILES)
    return next((path for path in beside if path in present), None)
