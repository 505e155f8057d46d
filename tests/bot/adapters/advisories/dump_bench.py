"""Dumps made on the spot, and all that is needed to take them in."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.advisories.dumps import Dumps
from bot.adapters.advisories.local import LocalAdvisories
from bot.adapters.advisories.osv_zip import Bounds
from bot.adapters.advisories.places import place
from bot.adapters.http import Http
from state.store import Store

START = datetime(2026, 11, 19, 12, tzinfo=UTC)
DEMO, OTHER, NPM = ("PyPI", "demo"), ("PyPI", "other"), ("npm", "demo")


def osv(name: str, modified: str = "2026-11-18T00:00:00Z", **fields: object) -> bytes:
    affected = [{"package": {"ecosystem": "PyPI", "name": "demo"}, "versions": ["1.0"]}]
    return json.dumps({"id": name, "modified": modified, "affected": affected, **fields}).encode()


def zipped(records: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in records.items():
            archive.writestr(name, raw)
    return file.getvalue()


def one(name: str = "GHSA-1", **fields: str) -> bytes:
    return zipped({f"{name}.json": osv(name, **fields)})


@dataclass(slots=True)
class Bench:
    folder: Path
    store: Store
    http: Http
    now: datetime = START

    def put(self, content: bytes, name: str = "PyPI.zip", age: int = 0) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (age, age))

    def dumps(self, location: str = "", bounds: Bounds | None = None) -> Dumps:
        return Dumps(place(location or str(self.folder), self.http), self.store, lambda: self.now, bounds)

    def ids(self, dumps: Dumps, *packages: tuple[str, str]) -> Mapping[tuple[str, str], list[str]]:
        answer = LocalAdvisories(self.store, [dumps], lambda: self.now, None).lookup(packages)
        return {package: [a.id for a in found] for package, found in answer.advisories.items()}


@contextlib.contextmanager
def benched(folder: Path) -> Iterator[Bench]:
    """A bench whose database and dumps are below `folder`."""
    dumps = folder / "dumps"
    dumps.mkdir()
    with Store.open(f"sqlite:///{folder}/bot.db") as store, contextlib.closing(Http(sleep=lambda _: None)) as http:
        yield Bench(dumps, store, http)
