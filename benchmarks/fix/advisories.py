"""A universe's flaws as advisories: an OSV dump for those who read dumps, an OSV server for those who ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fix.universe import Universe
from bot.adapters.crosschecks.osv_endpoint import serving
from bot.osv.record import advisory
from remediators.registered import ecosystems
from state.model import Advisory
from tests.end_to_end import advisories

_ECOSYSTEMS = {"flat": "PyPI", "uv": "PyPI", "npm": "npm"}


def dumps(universe: Universe, folder: Path) -> None:
    """`folder` with the dump of the universe's ecosystem."""
    advisories.write(folder, _records(universe), (_ECOSYSTEMS[universe.kind],))


@contextmanager
def osv_server(universes: Iterable[Universe]) -> Iterator[str]:
    """The base URL of an OSV server that knows every flaw of these universes' Python packages."""
    known: dict[tuple[str, str], tuple[Advisory, ...]] = {}
    for universe in universes:
        if universe.kind != "npm":
            known |= {("PyPI", release.package): () for release in universe.releases}
            for record in _records(universe):
                key = ("PyPI", record["affected"][0]["package"]["name"])
                known[key] = (*known[key], advisory(record))
    with serving(known, ecosystems().versions) as url:
        yield url


def _records(universe: Universe) -> list[dict[str, Any]]:
    ecosystem = _ECOSYSTEMS[universe.kind]
    return [
        advisories.record(
            flaw.id,
            flaw.package,
            flaw.fixed or None,
            ecosystem,
            # OSV's word for "from the first version on".
            "0" if flaw.introduced == "0.0.0" else flaw.introduced,
        )
        for flaw in universe.flaws
    ]
