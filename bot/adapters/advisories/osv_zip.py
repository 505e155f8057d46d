"""Reads the records of an OSV dump: a zip with one JSON file per record in its root. Bounded, whatever it claims."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from bot.adapters.advisories.records import ANY_PACKAGE, indexed
from bot.errors import AdvisoryError
from state.model import AdvisoryRecord

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,128}")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a dump may hold: bytes of one record and of all, unpacked as they are read, and their number."""

    record: int = 16 * 2**20
    total: int = 16 * 2**30
    records: int = 2_000_000


def records(file: IO[bytes], place: str, ecosystem: str, bounds: Bounds) -> Iterator[AdvisoryRecord]:
    """Every record of the dump in `file`, as a stream; broken ones as notes (`advisory_records.indexed`).

    `place` is the dump's name for people. Raises AdvisoryError when it is no readable zip, is larger than
    `bounds`, or holds no record at all.
    """
    left, number = bounds.total, 0
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry.filename for entry in archive.infolist() if _is_record(entry.filename)]
            if len(entries) > bounds.records:
                raise AdvisoryError(f"{place} holds {len(entries):,} records; the limit is {bounds.records:,}")
            for number, entry in enumerate(entries, start=1):
                name = _name(entry, number)
                with archive.open(entry) as stream:
                    raw = _bounded(stream, min(bounds.record, left), f"{place}: {name}")
                left -= len(raw)
                yield indexed(raw, name, ((ecosystem, ANY_PACKAGE),))
    except _UNREADABLE as error:
        raise AdvisoryError(f"{place} is not a readable zip ({error}): get it again") from error
    if not number:
        raise AdvisoryError(f"{place} holds no advisory records: a dump has one JSON file per record in its root")


def _is_record(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix == ".json" and len(path.parts) == 1


def _name(entry: str, number: int) -> str:
    stem = PurePosixPath(entry).stem
    return stem if _PLAIN.fullmatch(stem) else f"number-{number}"


def _bounded(stream: IO[bytes], limit: int, place: str) -> bytes:
    # The sizes in a zip's directory are claims; only what comes out counts.
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise AdvisoryError(f"{place} unpacks to more than {limit:,} bytes: it is no advisory data")
    return raw
