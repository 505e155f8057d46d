"""The universes' packages, published: Python's on a simple index, npm's by verdaccio, both on loopback."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fix.audit_endpoint import fronting
from benchmarks.fix.universe import ENVIRONMENTS, Need, Release, Universe, order
from benchmarks.fix.verdaccio import verdaccio
from tests.end_to_end.index import Index, serve

# When a project was locked, with what was there; and when the rest came. Long ago, so that no cooldown holds it.
THEN, SINCE = "2023-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"
LOCKED_AT = "2024-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Registries:
    """Where the packages are. `npm` is None where verdaccio cannot run; `without_npm` says why."""

    python: str
    npm: str | None
    without_npm: str = ""


@contextmanager
def registries(universes: Iterable[Universe], folder: Path) -> Iterator[Registries]:
    """Every package of these universes, served while the block runs."""
    told = tuple(universes)
    with serve() as index:
        for universe in told:
            if universe.kind != "npm":
                _publish(index, universe)
        ours = [universe for universe in told if universe.kind == "npm"]
        if not ours:
            yield Registries(index.url, None, "no universe needs it")
            return
        storage = folder / "verdaccio" / "storage"
        for universe in ours:
            _store(storage, universe)
        with verdaccio(folder / "verdaccio") as started:
            if started.url is None:
                yield Registries(index.url, None, started.reason)
                return
            with fronting(started.url, [flaw for universe in ours for flaw in universe.flaws]) as url:
                yield Registries(index.url, url)


def _publish(index: Index, universe: Universe) -> None:
    for release in universe.releases:
        key = (release.package, release.version)
        index.add(release.package, release.version, uploaded=THEN if release.old else SINCE)
        index.needs[key] = [pep508(need) for need in release.needs]
        if release.yanked:
            index.yanked.add(key)
        if release.python:
            index.python[key] = release.python


def pep508(need: Need) -> str:
    """A requirement with its marker."""
    marker = f" ; {ENVIRONMENTS[need.side][0]}" if need.side else ""
    return f"{need.package}{need.range.pep508()}{marker}"


def _store(storage: Path, universe: Universe) -> None:
    """Write each package as verdaccio keeps it: publishing some thousand releases one by one would take minutes."""
    for package in sorted({release.package for release in universe.releases}):
        folder = storage / package
        folder.mkdir(parents=True)
        releases = universe.of(package)
        versions: dict[str, object] = {}
        for release in releases:
            manifest = _package_json(release)
            archive = _archive(manifest)
            name = f"{package}-{release.version}.tgz"
            (folder / name).write_bytes(archive)
            versions[release.version] = {**manifest, "_id": f"{package}@{release.version}", "dist": {
                "tarball": f"http://registry.example/{package}/-/{name}",
                "shasum": hashlib.sha1(archive).hexdigest(),
                "integrity": "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode(),
            }}  # fmt: skip
        times = {release.version: THEN if release.old else SINCE for release in releases}
        latest = max((release.version for release in releases), key=order)
        document = {
            "_id": package,
            "name": package,
            "dist-tags": {"latest": latest},
            "versions": versions,
            "time": {"created": THEN, "modified": SINCE, **times},
            "_rev": "1-0",
            "_uplinks": {},
            "_distfiles": {},
            "_attachments": {f"{package}-{release.version}.tgz": {} for release in releases},
            "users": {},
            "readme": "",
        }
        (folder / "package.json").write_text(json.dumps(document))


def _package_json(release: Release) -> dict[str, object]:
    needs = {need.package: need.range.npm() for need in release.needs if not need.peer}
    peers = {need.package: need.range.npm() for need in release.needs if need.peer}
    return {
        "name": release.package,
        "version": release.version,
        **({"dependencies": needs} if needs else {}),
        **({"peerDependencies": peers} if peers else {}),
    }


def _archive(manifest: Mapping[str, object]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        content = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)
