"""Which folders a pnpm-lock.yaml is the lockfile of, told without reading all of it."""

from __future__ import annotations

import posixpath
import re

from remediators.api import Reader

LOCKFILE = "pnpm-lock.yaml"
GOING_BEFORE = ("npm-shrinkwrap.json", "package-lock.json", "yarn.lock")
"""Lockfiles that decide where they stand beside a pnpm-lock.yaml."""
_BLOCK = re.compile(rb"^importers:[ \t]*\r?\n(?P<lines>(?:[ \t]+[^\n]*\n?|\r?\n)*)", re.MULTILINE)
_FOLDER = re.compile(
    rb"^  (?P<quote>[\"']?)(?P<folder>[^\s\"'#][^\"'\n]*?)(?P=quote):[ \t]*(?:\{\})?\r?$", re.MULTILINE
)


def importers(content: bytes) -> frozenset[str]:
    """The folders, relative to the lockfile's own ("." is that)."""
    block = _BLOCK.search(content)
    if block is None:
        return frozenset((".",))
    return frozenset(found["folder"].decode(errors="replace") for found in _FOLDER.finditer(block["lines"]))


def owns(folder: str, read: Reader) -> bool:
    """Whether the nearest pnpm-lock.yaml in a folder above is the lockfile of `folder`, too."""
    above = folder
    while above:
        above = posixpath.dirname(above)
        content = read(posixpath.join(above, LOCKFILE))
        if content is not None:
            decided = any(read(posixpath.join(above, name)) is not None for name in GOING_BEFORE)
            return not decided and posixpath.relpath(f"/{folder}", f"/{above}") in importers(content)
    return False
