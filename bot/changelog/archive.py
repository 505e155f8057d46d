"""The texts inside a release archive, read from memory: nothing is unpacked to disk, and no bomb goes off."""

from __future__ import annotations

import io
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

LARGEST_TEXT = 2 * 2**20
MOST_TEXT = 16 * 2**20
LARGEST_UNPACKED = 96 * 2**20
MOST_FILES = 20_000
MOST_HEADERS = 4 * 2**20
# Text packs to a tenth or so; what packs to less than this is made to burst.
HIGHEST_RATIO = 100

_NAME = re.compile(
    r"(?:change[-_ ]?log|changes|history|news|release[-_ ]?notes|releases|whats[-_ ]?new)"
    r"(?:\.(?:md|markdown|rst|txt|adoc))?",
    re.IGNORECASE,
)
_METADATA = "pkg-info"
# Next to the manifest, or one folder further down (`package/docs/changelog.rst`).
_DEEPEST = 2
_CHUNK = 2**16
# What a byte of them counts: those for all files are copied for each.
_TELLING_MORE = {
    tarfile.XHDTYPE: 1,
    tarfile.XGLTYPE: 256,
    tarfile.SOLARIS_XHDTYPE: 1,
    tarfile.GNUTYPE_LONGNAME: 1,
    tarfile.GNUTYPE_LONGLINK: 1,
}
_OF_DIRECTORY = b"PK\x01\x02"
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)
"""What the standard library raises for archives that are broken, encrypted or packed in an unknown way."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The changelog that lies highest in an archive, "" for none; `metadata` is the PKG-INFO of a Python project."""

    changelog: str = ""
    metadata: bytes = b""


class ArchiveError(Exception):
    """An archive that cannot be read, or is refused; the message says why."""


def texts(content: bytes) -> Inside:
    """What a zip or gzipped tar holds of these.

    Raises ArchiveError for what is neither, is broken, or unpacks to more than a release holds.
    """
    read = _of_zip if content[:4] == b"PK\x03\x04" else _of_tar if content[:2] == b"\x1f\x8b" else None
    if read is None:
        raise ArchiveError("it is neither a zip nor a gzipped tar")
    changelog: Found | None = None
    metadata, read_so_far = b"", 0
    try:
        for rank, written in read(content):
            read_so_far += len(written)
            if read_so_far > MOST_TEXT:
                raise ArchiveError(f"its texts have more than {MOST_TEXT:,} bytes")
            if rank[1] == _METADATA:
                metadata = metadata or written
            elif changelog is None or rank < changelog[0]:
                changelog = rank, written
    except _UNREADABLE as error:
        raise ArchiveError(f"it cannot be read: {type(error).__name__}") from error
    return Inside(changelog[1].decode("utf-8", "replace") if changelog else "", metadata)


Found = tuple[tuple[int, str], bytes]
"""How deep a file lies and its name, which put the best first; and its bytes."""


def _rank(path: str) -> tuple[int, str] | None:
    """None for what is neither, or does not lie where one does."""
    parts = path.replace("\\", "/").removeprefix("./").split("/")
    within = len(parts) - 2
    if parts[-1].casefold() == _METADATA:
        return (within, _METADATA) if within == 0 else None
    is_one = _NAME.fullmatch(parts[-1]) is not None and 0 <= within < _DEEPEST and ".." not in parts
    return (within, parts[-1].casefold()) if is_one else None


def _of_zip(content: bytes) -> Iterator[Found]:
    # Counted before each of them becomes an object.
    entries = content.count(_OF_DIRECTORY)
    if entries > MOST_FILES:
        raise ArchiveError(f"it holds {entries:,} files, more than {MOST_FILES:,}")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            rank = _rank(entry.filename)
            if rank is None or entry.is_dir() or entry.file_size > LARGEST_TEXT:
                continue
            if entry.compress_type not in _PACKED or entry.file_size > HIGHEST_RATIO * max(entry.compress_size, 1):
                raise ArchiveError(f"its {entry.filename[:100]!r} unpacks to more than a text does")
            with archive.open(entry) as file:
                yield rank, file.read(LARGEST_TEXT)


def _of_tar(content: bytes) -> Iterator[Found]:
    # As a stream: nothing is kept of what is passed over.
    with tarfile.open(fileobj=_Unpacked(content), mode="r|", bufsize=_CHUNK, tarinfo=_headers()) as archive:
        for count, member in enumerate(archive):
            # The archive keeps its members.
            member.pax_headers = {}
            if count > MOST_FILES:
                raise ArchiveError(f"it holds more than {MOST_FILES:,} files")
            rank = _rank(member.name)
            if rank is None or not member.isreg() or member.size > LARGEST_TEXT:
                continue
            file = archive.extractfile(member)
            if file is not None:
                yield rank, file.read(LARGEST_TEXT)


def _headers() -> type[tarfile.TarInfo]:
    """The headers of one archive; those that only tell more of the next one are limited in all."""
    left = MOST_HEADERS

    class Header(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            nonlocal left
            header = super().frombuf(buf, encoding, errors)
            # A size may be below zero: base 256, as GNU's tar writes what octal digits do not hold, has a sign.
            left -= abs(header.size) * _TELLING_MORE.get(header.type, 0)
            if left < 0:
                raise ArchiveError(f"its headers have more than {MOST_HEADERS:,} bytes")
            return header

    return Header


class _Unpacked(io.RawIOBase):
    """A gzipped file unpacked as it is read; refuses to go on when it bursts."""

    def __init__(self, content: bytes) -> None:
        self._packed = io.BytesIO(content)
        self._allowed = min(LARGEST_UNPACKED, HIGHEST_RATIO * len(content) + LARGEST_TEXT)
        self._zip = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._waiting = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        found = bytearray()
        while len(found) < size and not self._zip.eof:
            packed = self._waiting or self._packed.read(_CHUNK)
            if not packed:
                break
            new = self._zip.decompress(packed, size - len(found))
            self._waiting = self._zip.unconsumed_tail
            self._allowed -= len(new)
            if self._allowed < 0:
                raise ArchiveError("it unpacks to more than a release does")
            found += new
        return bytes(found)
