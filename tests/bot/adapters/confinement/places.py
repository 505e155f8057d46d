"""Workshops that confine their tools, for tests: real bubblewrap, real programs."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import pytest

from bot.adapters.confinement.bubblewrap import Confinement, impossible
from bot.adapters.confinement.egress import Egress
from bot.adapters.credential import Credential
from bot.adapters.registries.allow_list import AllowList, Site
from bot.adapters.tools.run import Limits
from bot.adapters.tools.workshop import LocalWorkshop

PYTHON = sys.executable
POSSIBLE = pytest.mark.skipif(impossible() is not None, reason=f"no sandbox here: {impossible()}")


class Place:
    """A workshop in a folder, whose sandboxes may ask `sites`."""

    def __init__(self, folder: Path, egress: Egress, limits: Limits | None, environ: dict[str, str]) -> None:
        self.folder = folder
        caches = folder / "cache" / "tools"
        confinement = Confinement(caches, egress)
        self.workshop = LocalWorkshop(
            folder / "cache" / "scratch",
            caches,
            {"PATH": os.environ["PATH"], **environ},
            limits=limits,
            credentials={"registry.example": Credential("bot", "pass-of-the-test")},
            confinement=lambda: confinement,
        )

    def python(self, code: str, reach: tuple[Site, ...] = (), **files: str) -> str:
        """What a Python program prints in a scratch with these files."""
        with self.workshop.scratch() as work:
            for name, text in files.items():
                (work / name).write_text(text)
            return self.workshop.run([PYTHON, "-c", code], work, None, reach).stdout.strip()


class Places:
    """Makes them, and ends what they started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._egresses: list[Egress] = []

    def __call__(self, *sites: Site, limits: Limits | None = None, **environ: str) -> Place:
        egress = Egress(AllowList(sites).admits, environ)
        self._egresses.append(egress)
        return Place(self._folder, egress, limits, environ)

    def close(self) -> None:
        for egress in self._egresses:
            egress.close()


def gone(marker: str) -> bool:
    """Whether no process with that in its command line is left, after the moment that killed ones take to die."""
    return any(not running(marker) or select.select([], [], [], 0.05)[0] for _ in range(100))


def running(marker: str) -> bool:
    """Whether a process with that in its command line runs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "cmdline").read_text() and "State:\tZ" not in (process / "status").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue
    return False
