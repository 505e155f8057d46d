"""What a tool left in the folders that it was given: whoever reads there afterwards must meet plain files only.

A link would lead out of the scratch, a pipe would never end, and a huge file would fill the memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from remediators.errors import ToolError

# A lockfile of a large monorepo is a few MB.
LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Given:
    """The folders of a scratch before a run, relative to it, and what stood in them that is no plain file."""

    folders: tuple[str, ...]
    odd: frozenset[str]


def given(work: Path) -> Given:
    """What is there before a run."""
    folders: list[str] = []
    odd: set[str] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        folders.append(folder)
        for entry in _entries(work, folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif _wrong(entry):
                odd.add(path)
    return Given(tuple(folders), frozenset(odd))


def check(work: Path, before: Given) -> None:
    """Raise ToolError when one of these folders now holds anything else. The tool's own folders are its business."""
    for folder in before.folders:
        place = work / folder
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise ToolError(f"{folder}: the package manager replaced this folder by something else")
        for entry in _entries(work, folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            reason = None if entry.is_dir(follow_symlinks=False) or path in before.odd else _wrong(entry)
            if reason is not None:
                raise ToolError(f"{path}: the package manager left {reason} there")


def _entries(work: Path, folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(work / folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _wrong(entry: os.DirEntry[str]) -> str | None:
    if not entry.is_file(follow_symlinks=False):
        return "something that is not a plain file"
    found = entry.stat(follow_symlinks=False)
    if found.st_nlink > 1:
        return "another name of a file from elsewhere"
    return f"more than {LARGEST // 2**20} MB" if found.st_size > LARGEST else None
