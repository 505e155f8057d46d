"""Projects of pnpm in memory, for tests: package.json as an object, lockfiles in the words of each version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remediators.api import Parsed, Remediator, Unit
from remediators.pnpm.remediator import Pnpm
from tests.remediators.npm.projects import encoded

PNPM: Remediator = Pnpm()
HASH = "sha512-AAAA"


def unit_of(files: Mapping[str, Any]) -> Unit:
    """The unit of the pnpm-lock.yaml at the top."""
    unit = next(unit for unit in PNPM.units(sorted(files)) if "/" not in unit.manifest)
    return PNPM.expand(unit, encoded(files).get)


def parsed(files: Mapping[str, Any]) -> Parsed:
    """What the project holds."""
    return PNPM.parse(unit_of(files), encoded(files).get)


def lock_9(importers: str, packages: Mapping[str, str]) -> str:
    """A lockfile of version 9: `importers` as written, packages by key with the lines of their snapshot."""
    described = "".join(
        f"  '{key}':\n    resolution: {{integrity: {HASH}}}\n"
        for key in dict.fromkeys(k.partition("(")[0] for k in packages)
    )
    snapshots = "".join(f"  '{key}':{needs or ' {}'}\n" for key, needs in packages.items())
    return f"lockfileVersion: '9.0'\n\nimporters:\n\n{importers}\npackages:\n\n{described}\nsnapshots:\n\n{snapshots}"
