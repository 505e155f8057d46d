"""A folder on this machine as a tree: plain files only, no symlink followed, written back atomically."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.errors import CheckoutError
from remediators.errors import ManifestError
from state.model import Failure

SKIPPED = frozenset(
    {".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache"}
)
SIZE_LIMIT = 16 * 1024 * 1024

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})
_WORDS = {errno.ELOOP: "it is a symbolic link, and none is followed"}


class Folder:
    """The plain files below a folder, as the pipeline reads a repository.

    `failed` are the folders below it that could not be listed: nothing in them is among `paths`. `left_out` is what
    is no plain file, and why it is not read.
    """

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))
        self._read: dict[str, bytes] = {}
        if not self._root.is_dir():
            raise CheckoutError(f"{root}: not a folder; name one that holds a project")
        refused: list[OSError] = []
        left_out: dict[str, str] = {}
        self.left_out: Mapping[str, str] = left_out
        self.paths = tuple(sorted(self._walk(refused, left_out)))
        self.failed = tuple(map(self._unlisted, refused))

    def reader(self, path: str) -> bytes | None:
        """The bytes of a plain file; None when it is not there. Raises ManifestError for anything else."""
        try:
            # O_NOFOLLOW closes the gap between looking and opening.
            descriptor = os.open(self._place(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise ManifestError(f"{path}: cannot be read: {_said(error)}") from error
        try:
            content = _bytes(descriptor, path)
        finally:
            os.close(descriptor)
        self._read.setdefault(path, _digest(content))
        return content

    def write(self, files: Mapping[str, bytes]) -> None:
        """Replace these files, each atomically and with its mode kept; none when one cannot be prepared.

        Raises CheckoutError, also for a file that was changed by someone else after it was first read here.
        """
        staged: list[tuple[Path, Path]] = []
        try:
            for path, content in files.items():
                place = self._place(path)
                self._refuse_changed(path)
                staged.append((_staged(place, content), place))
            for new, place in staged:
                new.replace(place)
        except OSError as error:
            raise CheckoutError(
                f"{error.filename} cannot be written: {_said(error)}; mend that and run again"
            ) from error
        finally:
            for new, _ in staged:
                new.unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        place = self._root / path
        try:
            inside = Path(os.path.realpath(place.parent)).is_relative_to(self._root)
        except ValueError:  # a NUL byte
            inside = False
        if not inside:
            raise ManifestError(f"{path!r}: leaves the folder")
        return place

    def _refuse_changed(self, path: str) -> None:
        before = self._read.get(path)
        now = self.reader(path)
        if before is not None and (now is None or _digest(now) != before):
            raise CheckoutError(f"{path}: changed while it was looked at; nothing was written: run again")

    def _walk(self, refused: list[OSError], left_out: dict[str, str]) -> Iterator[str]:
        for folder, subfolders, files in os.walk(self._root, onerror=refused.append):
            subfolders[:] = [name for name in subfolders if name not in SKIPPED]
            here = Path(folder)
            for name in files:
                place = here / name
                # What vanishes meanwhile is not there.
                with contextlib.suppress(FileNotFoundError):
                    path = place.relative_to(self._root).as_posix()
                    mode = place.lstat().st_mode
                    if stat.S_ISREG(mode):
                        yield path
                    else:
                        kind = "symlink, which is not followed" if stat.S_ISLNK(mode) else "special file"
                        left_out[path] = f"{path}: is a {kind}: name the file itself"

    def _unlisted(self, error: OSError) -> Failure:
        path = Path(error.filename).relative_to(self._root).as_posix()
        return Failure(path, f"{path}: cannot be listed: {error.strerror}; nothing in it was looked at")


def _bytes(descriptor: int, path: str) -> bytes:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise ManifestError(f"{path}: not a plain file")
    if found.st_size > SIZE_LIMIT:
        raise ManifestError(f"{path}: {found.st_size} bytes; the limit is {SIZE_LIMIT}")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(SIZE_LIMIT)


def _staged(place: Path, content: bytes) -> Path:
    """The new content beside the old, under a name that nobody else has, with the mode of the old."""
    mode = stat.S_IMODE(place.lstat().st_mode)
    descriptor, name = tempfile.mkstemp(prefix=".remediation-", dir=place.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        new.chmod(mode)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return new


def _said(error: OSError) -> str:
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
