"""A folder on this machine as a tree: plain files only, no symlink followed, written back atomically."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.errors import CheckoutError
from remediators.api import ManifestError

SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache"}
)
SIZE_LIMIT = 16 * 1024 * 1024


class Folder:
    """The plain files below a folder, as the pipeline reads a repository."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        if not self._root.is_dir():
            raise CheckoutError(f"{root}: not a folder")
        self.paths = tuple(sorted(self._walk()))

    def reader(self, path: str) -> bytes | None:
        """The bytes of a plain file; None when it is not there. Raises ManifestError for anything else."""
        place = self._root / path
        try:
            if not place.parent.resolve().is_relative_to(self._root):
                raise ManifestError(f"{path}: leaves the folder")
            # O_NOFOLLOW closes the gap between looking and opening.
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ManifestError(f"{path}: cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ManifestError(f"{path}: not a plain file")
            if found.st_size > SIZE_LIMIT:
                raise ManifestError(f"{path}: {found.st_size} bytes; the limit is {SIZE_LIMIT}")
            return file.read(SIZE_LIMIT)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Replace these files, each atomically and with its mode kept."""
        for path, content in files.items():
            place = self._root / path
            new = place.with_name(f".{place.name}.remediation")
            new.write_bytes(content)
            new.chmod(stat.S_IMODE(place.stat().st_mode))
            new.replace(place)

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, files in os.walk(self._root):
            subfolders[:] = [name for name in subfolders if name not in SKIPPED]
            here = Path(folder)
            for name in files:
                place = here / name
                if stat.S_ISREG(place.lstat().st_mode):
                    yield place.relative_to(self._root).as_posix()
