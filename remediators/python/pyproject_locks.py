"""Whose a pyproject.toml is: exactly one package manager's, by the lockfile that stands beside it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

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


def lock_beside(manifest: str, present: frozenset[str]) -> str | None:
    """The lockfile of a pyproject.toml among the paths of a repository; None when it has none."""
    beside = (posixpath.join(posixpath.dirname(manifest), name) for name in LOCKFILES)
    return next((path for path in beside if path in present), None)
