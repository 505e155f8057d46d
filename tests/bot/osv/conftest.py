from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.osv import record
from state.model import Advisory, Affected, Severity, VersionRange

SHARED = Path(__file__).parents[3].parent / "shared" / "advisories"

Dump = Callable[[str], Iterator[Advisory]]
Make = Callable[..., Advisory]


@pytest.fixture(scope="session")
def dump() -> Dump:
    """Every record of one ecosystem's dump."""

    def read(ecosystem: str) -> Iterator[Advisory]:
        path = SHARED / f"{ecosystem}.zip"
        if not path.is_file():
            pytest.skip(f"there is no {path}")
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield record.advisory(json.loads(archive.read(name)))

    return read


@pytest.fixture(scope="session")
def make() -> Make:
    """An advisory about one PyPI package "demo" (or others)."""

    def advisory(
        name: str = "GHSA-1",
        aliases: Iterable[str] = (),
        *events: str,
        ranges: Iterable[VersionRange] = (),
        versions: Iterable[str] = (),
        ecosystem: str = "PyPI",
        package: str = "demo",
    ) -> Advisory:
        spelled = tuple((word, bound) for word, _, bound in (event.partition(" ") for event in events))
        spans = (*ranges, VersionRange("ECOSYSTEM", spelled)) if spelled else tuple(ranges)
        return Advisory(
            id=name,
            aliases=tuple(aliases),
            summary="",
            severity=Severity.UNKNOWN,
            score=None,
            url="",
            modified=datetime(2026, 1, 1, tzinfo=UTC),
            published=None,
            withdrawn=False,
            malicious=False,
            affected=(Affected(ecosystem, package, spans, tuple(versions)),),
        )

    return advisory
