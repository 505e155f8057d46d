"""Refs as they stand on disk: read in Python, written by git; the disk is the only truth, so nothing goes stale."""

from __future__ import annotations

import re
from pathlib import Path

_SHA_LINE = re.compile(r"([0-9a-f]{40})\s*")
# What `git check-ref-format` refuses, per component and over the whole name.
_BAD = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|^[./]|[./]$")
# A loose ref is a file, and git adds ".lock" to its name.
_LONGEST_PART = 250


def valid_name(name: str) -> bool:
    """Whether git accepts `name` as a branch or tag name; a leading dash is refused, as GitLab does."""
    if not name or name in {"@", "HEAD"} or name.startswith("-") or _BAD.search(name):
        return False
    return all(len(part.encode()) <= _LONGEST_PART for part in name.split("/"))


class Refs:
    """The refs of one bare repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, ref: str) -> str | None:
        """What `ref` ("refs/heads/main") points at; None when there is no such ref, or no such name can be."""
        if _BAD.search(ref) or not ref.startswith("refs/"):
            return None
        try:
            line = (self._folder / ref).read_text("ascii")
        except OSError:  # missing, a directory, below a file, or longer than a file name may be
            return self._packed().get(ref)
        found = _SHA_LINE.fullmatch(line)
        return found[1] if found else None

    def under(self, prefix: str) -> dict[str, str]:
        """Name below `prefix` ("refs/heads/") to object, sorted by name."""
        found = {ref: sha for ref, sha in self._packed().items() if ref.startswith(prefix)}
        for file in (self._folder / prefix).rglob("*"):
            ref = file.relative_to(self._folder).as_posix()
            if not file.name.endswith(".lock") and file.is_file() and (sha := self.get(ref)):
                found[ref] = sha
        return {ref.removeprefix(prefix): found[ref] for ref in sorted(found)}

    def _packed(self) -> dict[str, str]:
        try:
            lines = (self._folder / "packed-refs").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ", 1) for line in lines if line[:1] not in "#^")
        return {ref: sha for sha, ref in pairs}
