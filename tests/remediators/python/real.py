"""Real lock tools written in Python and a real index, for tests that skip where none is in reach."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from remediators.api import Completed, Fetched, Remediator, Unit, Upgrade
from remediators.errors import ToolError
from tests.remediators.real_tools import RealTools

ATTEMPTS = 3
OUT_OF_REACH = re.compile(
    r"Failed to fetch|error sending request|dns error|timed out|Temporary failure|cannot be reached|"
    r"Max retries exceeded|ConnectionError|ConnectError|All attempts to connect"
)
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class PythonTools:
    """The real tools, trusting the certificates that this machine is told to trust; the commands that ran.

    `cache` is where the tools themselves are kept, None for the home.
    """

    real: RealTools
    cache: Path | None = None
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        self.ran.append(tuple(argv))
        trusted = {name: os.environ[name] for name in _TRUST if name in os.environ}
        kept = {"UV_CACHE_DIR": str(self.cache)} if self.cache else {}
        return self.real.run(argv, cwd, {**trusted, **kept, **(env or {})})

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
    pytest.skip(f"no package index in reach: {said[-200:]}")


def versions(remediator: Remediator, unit: Unit, work: Path) -> dict[str, str | None]:
    """What a unit in `work` has locked."""
    parsed = remediator.parse(unit, lambda path: (work / path).read_bytes())
    return {dependency.package: dependency.version for dependency in parsed.dependencies}


def upgraded(remediator: Remediator, unit: Unit, work: Path, tools: PythonTools, *upgrades: Upgrade) -> None:
    """Edit and relock a unit in `work`, as the pipeline does. The lockfile is as before when the index is away."""
    files = {path: (work / path).read_bytes() for path in unit.files}
    # What a tool learned before in the same home could hide that it asks no index now.
    home = work.parent / f"{work.name}-home"
    home.mkdir(exist_ok=True)
    fresh = PythonTools(RealTools(home), tools.cache)

    def attempt() -> None:
        for path, raw in {**files, **remediator.edit(unit, files, upgrades)}.items():
            (work / path).write_bytes(raw)
        remediator.relock(unit, work, upgrades, None, fresh)

    reached(attempt)
