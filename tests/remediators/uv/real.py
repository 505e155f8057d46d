"""uv and a real index, for tests; they skip where no index is in reach."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

from remediators.api import Completed, Fetched, Remediator, ToolError, Tools, Unit, Upgrade
from remediators.uv.remediator import Uv
from remediators.uv.run import ENVIRONMENT
from tests.remediators.real_tools import RealTools

REMEDIATOR: Remediator = Uv()
ATTEMPTS = 3
OUT_OF_REACH = re.compile(r"Failed to fetch|error sending request|dns error|timed out|Connection|Temporary failure")


@dataclass(frozen=True, slots=True)
class TrustingTools:
    """The real tools, trusting the certificates that this machine is told to trust."""

    real: RealTools

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        trusted = {name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
        return self.real.run(argv, cwd, {**trusted, **(env or {})})

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        return self.real.fetch(url, accept, etag)


def reached(action: Callable[[], object]) -> None:
    """Do it, again when the index did not answer, and skip the test when it never does."""
    said = ""
    for _ in range(ATTEMPTS):
        try:
            action()
        except ToolError as error:
            said = f"{error} {error.stderr}"
            if not OUT_OF_REACH.search(said):
                raise
        else:
            return
    pytest.skip(f"no package index in reach: {said[:200]}")


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
    parsed = REMEDIATOR.parse(unit, lambda path: (work / path).read_bytes())
    return {dependency.package: dependency.version for dependency in parsed.dependencies}


def upgrade(unit: Unit, work: Path, tools: Tools, *upgrades: Upgrade) -> None:
    for path, raw in REMEDIATOR.edit(unit, {p: (work / p).read_bytes() for p in unit.files}, upgrades).items():
        (work / path).write_bytes(raw)
    reached(lambda: REMEDIATOR.relock(unit, work, upgrades, None, tools))
