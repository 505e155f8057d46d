"""Packs written in Python: many new objects in two files, where loose ones would take a file each."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

# gitformat-pack(5): object types in a pack, and the start of a version 2 index.
_TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_INDEX_START = b"\377tOc\0\0\0\2"


def write_pack(folder: Path, objects: Mapping[str, tuple[str, bytes]]) -> None:
    """Store objects (kind and body by name) in a pack of `folder`, a repository's `objects/pack`."""
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(objects)))
    places: dict[str, tuple[int, int]] = {}
    for sha, (kind, body) in objects.items():
        entry = _entry_header(_TYPES[kind], len(body)) + zlib.compress(body, 1)
        places[sha] = (len(pack), zlib.crc32(entry))
        pack += entry
    checksum = _sha1(pack)
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"pack-{checksum.hex()}"
    # git looks for the index: it comes last, when the pack is whole.
    stem.with_suffix(".pack").write_bytes(bytes(pack) + checksum)
    stem.with_suffix(".idx").write_bytes(_index(places, checksum))


def _index(places: Mapping[str, tuple[int, int]], pack_checksum: bytes) -> bytes:
    names = sorted(places)
    first_bytes = [int(name[:2], 16) for name in names]
    fanout, counted = [], 0
    for value in range(256):
        while counted < len(names) and first_bytes[counted] <= value:
            counted += 1
        fanout.append(counted)
    index = b"".join(
        [
            _INDEX_START,
            struct.pack(">256I", *fanout),
            *(bytes.fromhex(name) for name in names),
            *(struct.pack(">I", places[name][1]) for name in names),
            *(struct.pack(">I", places[name][0]) for name in names),
            pack_checksum,
        ]
    )
    return index + _sha1(index)


def _entry_header(type_: int, size: int) -> bytes:
    # Four bits of the size beside the type, then seven at a time, the lowest first.
    current, size = (type_ << 4) | (size & 15), size >> 4
    header = bytearray()
    while size:
        header.append(current | 128)
        current, size = size & 127, size >> 7
    header.append(current)
    return bytes(header)


def _sha1(content: bytes | bytearray) -> bytes:
    return hashlib.sha1(content, usedforsecurity=False).digest()
