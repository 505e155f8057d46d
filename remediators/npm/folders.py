"""Folders that a package.json names: those of workspaces, and dependencies that are folders or files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediators.inside import check_inside
from remediators.npm.manifest import SECTIONS, Manifest
from remediators.npm.workspaces import WORKSPACES, named

_LOCAL = re.compile(r"(?:(?:file|link|portal):|(?=\.{1,2}/|/|~/))(?P<home>~(?=/))?(?P<place>.*)", re.DOTALL)


def check_folders(manifest: Manifest) -> None:
    """Raise ToolError where one is outside the repository: npm, Yarn and pnpm read the package.json in it."""
    check_inside(manifest.name, WORKSPACES, named(manifest.document.value))
    for section in SECTIONS:
        check_inside(manifest.name, section, _local(manifest, section))


def _local(manifest: Manifest, section: str) -> Iterator[str]:
    top = manifest.document.value
    written = top.get(section) if isinstance(top, dict) else None
    for text in written.values() if isinstance(written, dict) else ():
        found = _LOCAL.match(text) if isinstance(text, str) else None
        if found is not None:
            yield found["place"]
