"""uv and a real index, for tests; they skip where no index is in reach."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import uv

from remediators.api import Remediator, Tools, Unit, Upgrade
from remediators.uv.remediator import Uv
from remediators.uv.run import ENVIRONMENT
from tests.remediators.python import real
from tests.remediators.python.real import reached

REMEDIATOR: Remediator = Uv()


def locked(work: Path, tools: Tools, manifest: str, *pins: str, files: Mapping[str, str] | None = None) -> Unit:
    """A unit whose lock a plain uv made."""
    for path, text in {"pyproject.toml": manifest, **(files or {})}.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    plain_lock(work, tools, *pins)
    unit = REMEDIATOR.units(("pyproject.toml", "uv.lock"))[0]
    return REMEDIATOR.expand(unit, lambda path: (work / path).read_bytes() if (work / path).is_file() else None)


def plain_lock(work: Path, tools: Tools, *pins: str) -> None:
    """What uv does when a person asks it to move just these."""
    argv = [uv.find_uv_bin(), "lock", *(part for pin in pins for part in ("--upgrade-package", pin))]
    reached(lambda: tools.run(argv, work, ENVIRONMENT))


def versions(unit: Unit, work: Path) -> dict[str, str | None]:
    return real.versions(REMEDIATOR, unit, work)


def upgrade(unit: Unit, work: Path, tools: Tools, *upgrades: Upgrade) -> None:
    for path, raw in REMEDIATOR.edit(unit, {p: (work / p).read_bytes() for p in unit.files}, upgrades).items():
        (work / path).write_bytes(raw)
    reached(lambda: REMEDIATOR.relock(unit, work, upgrades, None, tools))
