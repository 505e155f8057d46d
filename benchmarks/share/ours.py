"""The bot's way, measured from within: `python -m benchmarks.share.ours KIND FOLDER AFTER REPORT`.

It is a process of its own that does to one unit of a folder what `bot run` does to it once the fix is chosen: edit,
relock in a scratch and check, through the same adapters. It writes what changed into the folder, and into REPORT the
seconds that it took and what its own memory was before, which a bot has anyway.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.measure import PAGE
from benchmarks.share.kinds import KINDS, Kind
from bot.__main__ import OBJECTS_BETWEEN_LOOKS
from bot.app import App
from bot.config import load
from bot.pipeline.making.apply import rework_unit
from remediators.api import Reader, Unit, Upgrade
from remediators.ecosystems import Ecosystems
from remediators.registered import ecosystems


def main() -> None:
    """Do it once."""
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    name, place, after, report = sys.argv[1:]
    kind, folder = named(name), Path(place)
    read = reader(folder)
    with App.start(load({}, os.environ, None), os.environ) as app:
        toolbox = app.toolbox
        # A run does that while git clones.
        toolbox.prepare()
        unit = unit_of(kind, toolbox.ecosystems, read)
        remediator = toolbox.ecosystems.named(kind.remediator)
        # A scan comes before a fix.
        remediator.parse(unit, read)
        index = toolbox.indexes.get(remediator.ecosystem)
        moves = (Upgrade(kind.moved.package, kind.moved.before, after, direct=True),)
        standing = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20
        started, spent = time.perf_counter(), os.times()
        changed = rework_unit(unit, remediator, read, moves, index, toolbox)
        wall, done = time.perf_counter() - started, os.times()
    for path, content in changed.items():
        (folder / path).write_bytes(content)
    Path(report).write_text(json.dumps({"wall": wall, "cpu": sum(done[:4]) - sum(spent[:4]), "standing": standing}))


def named(name: str) -> Kind:
    """The kind of that name."""
    return next(kind for kind in KINDS if kind.name == name)


def reader(folder: Path) -> Reader:
    """Reads the files of a folder."""

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return read


def unit_of(kind: Kind, known: Ecosystems, read: Reader) -> Unit:
    """The unit that the lockfile of a kind is."""
    remediator = known.named(kind.remediator)
    return next(
        remediator.expand(unit, read)
        for unit in remediator.units(kind.files)
        if kind.lockfile in (unit.manifest, unit.lockfile)
    )


def locked(kind: Kind, folder: Path) -> str | None:
    """The version that a project has locked of the package that moves."""
    known, read = ecosystems(), reader(folder)
    parsed = known.named(kind.remediator).parse(unit_of(kind, known, read), read)
    return next((one.version for one in parsed.dependencies if one.package == kind.moved.package), None)


if __name__ == "__main__":
    main()
