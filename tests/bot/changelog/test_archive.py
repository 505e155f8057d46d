"""The changelog inside a release archive: found where it lies, and refused where the archive is made to burst."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping

import pytest

from bot.changelog.archive import LARGEST_TEXT, MOST_FILES, ArchiveError, Inside, texts


def tar(files: Mapping[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = (len(content), kind) if kind == tarfile.REGTYPE else (0, kind)
            entry.linkname = "/etc/passwd"
            archive.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def zipped(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


PACK = pytest.mark.parametrize("pack", [pytest.param(tar, id="tar"), pytest.param(zipped, id="zip")])


@PACK
@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param({"package/CHANGELOG.md": b"new"}, "new", id="npm"),
        pytest.param({"a-1.0/HISTORY.rst": b"new", "a-1.0/a.py": b""}, "new", id="a source archive"),
        pytest.param({"a-1.0/NEWS": b"new"}, "new", id="no ending"),
        pytest.param({"a-1.0/docs/changes.txt": b"deep", "a-1.0/CHANGES.txt": b"top"}, "top", id="the highest"),
        pytest.param({"a-1.0/docs/release_notes.rst": b"deep"}, "deep", id="a folder further down"),
        pytest.param({"a-1.0/a/b/CHANGELOG.md": b"other"}, "", id="one of something else"),
        pytest.param({"a-1.0/changelog.py": b"other"}, "", id="a module of that name"),
        pytest.param({"../CHANGELOG.md": b"out"}, "", id="leads out"),
        pytest.param({"CHANGELOG.md": b"x"}, "", id="not within the release's folder"),
        pytest.param({"p/CHANGES": b"\xff\xfe1.0"}, "\ufffd\ufffd1.0", id="not UTF-8"),
        pytest.param({"p/CHANGES": os.urandom(LARGEST_TEXT + 1)}, "", id="too long to be a text"),
        pytest.param({}, "", id="none"),
    ],
)
def test_the_changelog(pack: Callable[[Mapping[str, bytes]], bytes], files: Mapping[str, bytes], found: str) -> None:
    assert texts(pack({**files, "p/x": b"x"})).changelog == found


def test_the_metadata_of_a_source_archive() -> None:
    files = {"a-1/PKG-INFO": b"Name: a", "a-1/a.egg-info/PKG-INFO": b"other", "a-1/CHANGES": b"new"}
    assert texts(tar(files)) == Inside("new", b"Name: a")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_plain_files_are_read(kind: bytes) -> None:
    assert texts(tar({"p/CHANGELOG.md": b""}, kind)).changelog == ""


def _nested(depth: int) -> bytes:
    content = b"\0" * 10**6
    for _ in range(depth):
        content = gzip.compress(content)
    return content


def _telling_more(files: int, of_each: int) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for number in range(files):
            entry = tarfile.TarInfo(f"p/{number}")
            entry.pax_headers = {f"key{n}": os.urandom(4).hex() for n in range(of_each)}
            archive.addfile(entry)
    return raw.getvalue()


def _telling_less_than_nothing() -> bytes:
    """A header of negative size (base 256, as GNU's tar writes what octal digits do not hold), then too many others."""
    header = bytearray(tarfile.TarInfo("p").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 7 + bytes(5)
    header[148:156], header[156:157] = b" " * 8, tarfile.GNUTYPE_LONGNAME
    header[148:156] = b"%06o\0 " % sum(header)
    first = tarfile.TarInfo("p/first").tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(first + bytes(header) + gzip.decompress(_telling_more(20, 3 * 10**4)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"<html>", "neither", id="a page"),
        pytest.param(b"", "neither", id="nothing"),
        pytest.param(tar({"p/CHANGES": b"x" * 9000})[:60], "cannot be read", id="half a tar"),
        pytest.param(zipped({"p/CHANGES": b"x" * 9000})[:90], "cannot be read", id="half a zip"),
        pytest.param(gzip.compress(b"no tar at all" * 99), "cannot be read", id="gzip of something else"),
        pytest.param(tar({"p/a": b"\0" * 10**8, "p/CHANGES": b"x"}), "unpacks to more", id="a tar bomb"),
        pytest.param(_nested(2), "cannot be read", id="gzip in gzip"),
        pytest.param(zipped({"p/CHANGES": b"\0" * 10**6}), "unpacks to more", id="a zip bomb"),
        pytest.param(zipped({"p/CHANGES": b"x"}, zipfile.ZIP_LZMA), "unpacks to more", id="packed by what eats memory"),
        pytest.param(zipped({f"p/{n}": b"" for n in range(MOST_FILES + 1)}), "more than", id="too many files, zip"),
        pytest.param(tar({f"p/{n}": b"" for n in range(MOST_FILES + 2)}), "(more|unpacks)", id="too many files, tar"),
        pytest.param(_telling_more(20, 3 * 10**4), "its headers have more than", id="headers, tar"),
        pytest.param(_telling_less_than_nothing(), "its headers have more than", id="a header of negative size, tar"),
        pytest.param(
            zipped({f"{n}/CHANGES": os.urandom(2**15) + b"x" * 2**20 for n in range(16)}), "its texts", id="many texts"
        ),
    ],
)
def test_what_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ArchiveError, match=why):
        texts(content)


def test_a_bomb_costs_neither_time_nor_memory() -> None:
    bomb = tar({"p/a": b"\0" * 10**8, "p/CHANGES": b"x"})
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(ArchiveError):
        texts(bomb)
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 5
    assert peak < 30 * 2**20
