"""The two-method world of the remediators, put together from the workshop and the HTTP client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.http import Http
from bot.ports import Workshop
from remediators.api import Completed, Fetched, Tools


@dataclass(frozen=True, slots=True)
class _Tools:
    http: Http
    workshop: Workshop

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        """As `Tools.run`."""
        if cwd is not None:
            return self.workshop.run(argv, cwd, env)
        with self.workshop.scratch() as empty:
            return self.workshop.run(argv, empty, env)

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        """As `Tools.fetch`."""
        return self.http.fetch(url, accept, etag)


def tools(http: Http, workshop: Workshop) -> Tools:
    """What remediators and registries are given."""
    return _Tools(http, workshop)
