"""OSV dumps made for a test."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def record(id_: str, package: str, fixed: str | None, ecosystem: str = "PyPI", introduced: str = "0") -> dict[str, Any]:
    """One advisory: every version below `fixed` is affected; None: there is no fix."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    kind = "SEMVER" if ecosystem == "npm" else "ECOSYSTEM"
    return {
        "schema_version": "1.7.0",
        "id": id_,
        "summary": f"What {id_} is",
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "affected": [
            {"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": kind, "events": events}]}
        ],
    }


def write(folder: Path, records: Iterable[dict[str, Any]], ecosystems: Iterable[str] = ("PyPI", "npm")) -> Path:
    """`folder` with one zip for each ecosystem."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list(records)
    for ecosystem in ecosystems:
        with zipfile.ZipFile(folder / f"{ecosystem}.zip", "w") as archive:
            # A dump without a record would have no age.
            archive.writestr("OTHER-1.json", json.dumps(record("OTHER-1", "unrelated", None, ecosystem)))
            for one in found:
                if one["affected"][0]["package"]["ecosystem"] == ecosystem:
                    archive.writestr(f"{one['id']}.json", json.dumps(one))
    return folder
