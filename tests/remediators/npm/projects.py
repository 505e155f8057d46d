"""Projects of npm in memory, for tests: files as text or as the object that their JSON holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from remediators.api import Parsed, Remediator, Unit
from remediators.npm.remediator import Npm

NPM: Remediator = Npm()


def encoded(files: Mapping[str, Any]) -> dict[str, bytes]:
    """The files as bytes."""
    texts = {path: value if isinstance(value, str) else json.dumps(value) for path, value in files.items()}
    return {path: text.encode() for path, text in texts.items()}


def unit_of(files: Mapping[str, Any]) -> Unit:
    """The unit of the package.json at the top."""
    read = encoded(files).get
    unit = next(unit for unit in NPM.units(sorted(files)) if unit.manifest == "package.json")
    return NPM.expand(unit, read)


def parsed(manifest: Any, lock: Any = None, files: Mapping[str, Any] | None = None) -> Parsed:
    """What the project of that package.json holds, with a package-lock.json or without."""
    locked = {} if lock is None else {"package-lock.json": lock}
    project = {"package.json": manifest, **locked, **(files or {})}
    return NPM.parse(unit_of(project), encoded(project).get)


def locked(**copies: Any) -> dict[str, Any]:
    """A lockfile of version 3 with these folders of node_modules."""
    return {"lockfileVersion": 3, "packages": {f"node_modules/{key}": entry for key, entry in copies.items()}}
