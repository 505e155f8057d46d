"""`Tools` for what nobody waits for: each answer is small and quick, or is done without."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.http import Http
from remediators.api import Completed, Fetched, Tools
from remediators.errors import RegistryError

# The document of the most published packages of npm has 20 MB.
LARGEST = 24 * 2**20


@dataclass(slots=True)
class Hurried:
    """`seconds` are for everything that is fetched from now on, together; tools run as they always do."""

    http: Http
    tools: Tools
    seconds: float
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        """As `Tools.run`."""
        return self.tools.run(argv, cwd, env)

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        """As `Tools.fetch`; RegistryError once the time is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise RegistryError(f"{url} is not asked: {self.seconds:g} s have passed, and it is not needed")
        return self.http.fetch_once(url, accept, etag, LARGEST, left)
