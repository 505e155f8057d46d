"""Pyproject files for the scratch that let uv lock a project without ever running its build backend.

uv asks a project's own backend for metadata that is dynamic or malformed, even with `--no-build`; a hostile
backend, or one that it fetches, would run then. The stand-in names a backend that cannot run and gives a
dynamic version a value; what uv locks is the same but for that value, which is taken out again. So is what
the root's stand-in tells of packages that uv need not fetch. Dynamic dependencies are those of the lock.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Unit
from remediators.documents.text_edits import Edit, decoded
from remediators.documents.toml_document import Table, read_toml
from remediators.errors import ToolError
from remediators.uv.dynamic import FIELDS, known_fields
from remediators.uv.lock import LockedPackage, UvLock, read_lock
from remediators.uv.project import MANIFEST
from remediators.uv.static_metadata import Metadata, without_notes

_VERSION = "0"
_NO_BACKEND = {"requires": [], "build-backend": "no_build", "backend-path": ["."]}


@contextmanager
def stood_in(work: Path, unit: Unit, told: Sequence[Metadata], lock: UvLock | None = None) -> Iterator[None]:
    """Within it, every pyproject.toml of a unit in `work` is its stand-in; afterwards they are as before.

    `lock` tells the dependencies of those that have dynamic ones.

    Raises ToolError for a project whose dependencies only its build backend can tell.
    """
    originals = {name: (work / name).read_bytes() for name in unit.files if posixpath.basename(name) == MANIFEST}
    locked = lock.packages if lock else ()
    packages = {_manifest_of(package, unit): package for package in locked if package.folder is not None}
    stand_ins = {
        name: _stand_in(name, raw, packages.get(name), told if name == unit.manifest else ())
        for name, raw in originals.items()
    }
    versionless = frozenset(name for _, name in stand_ins.values() if name)
    try:
        for name, (text, _) in stand_ins.items():
            (work / name).write_text(text, encoding="utf-8", newline="")
        yield
    finally:
        for name, raw in originals.items():
            (work / name).write_bytes(raw)
    if unit.lockfile and versionless:
        file = work / unit.lockfile
        file.write_bytes(_without_versions(unit.lockfile, file.read_bytes(), versionless))
    if unit.lockfile and told:
        file = work / unit.lockfile
        names = frozenset(entry["name"] for entry in told)
        file.write_bytes(without_notes(unit.lockfile, file.read_bytes(), names))


def _manifest_of(package: LockedPackage, unit: Unit) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(unit.manifest), str(package.folder), MANIFEST))


def _stand_in(name: str, raw: bytes, package: LockedPackage | None, told: Sequence[Metadata]) -> tuple[str, str]:
    """The stand-in of a pyproject.toml, and the project's name when its version is made up ("" otherwise)."""
    # Imported late: only a relock needs it.
    import tomlkit

    document = read_toml(name, raw)
    project = document.table("project")
    dynamic = _dynamic(project)
    asked = [field for field in FIELDS if field in dynamic]
    known = known_fields(document, package) if asked else {}
    unknown = [field for field in (*(asked if known is None else ()), "requires-python") if field in dynamic]
    if unknown:
        raise ToolError(
            f"{name}: {unknown[0]} is dynamic: only the project's build backend can tell it, and the bot runs none; "
            "write it in [project]"
        )
    root: dict[str, object] = dict(document.root)
    if "build-system" in root:
        root["build-system"] = _NO_BACKEND
    if "version" in dynamic or asked:
        made_up: dict[str, object] = {field: (known or {})[field] for field in asked}
        made_up |= {"version": _VERSION} if "version" in dynamic else {}
        fields = {key: value for key, value in project.items() if key != "dynamic"}
        root["project"] = {**fields, **made_up, "dynamic": [field for field in dynamic if field not in made_up]}
    if told:
        settings = {**document.table("tool", "uv"), "dependency-metadata": list(told)}
        root["tool"] = {**document.table("tool"), "uv": settings}
    try:
        text = tomlkit.dumps(root)
    except RecursionError as error:
        raise ToolError(f"{name}: its values nest too deeply to be locked; simplify it") from error
    return text, canonicalize_name(str(project.get("name", ""))) if "version" in dynamic else ""


def _dynamic(project: Table) -> list[str]:
    dynamic = project.get("dynamic")
    return [str(field) for field in dynamic] if isinstance(dynamic, list) else []


def _without_versions(lockfile: str, raw: bytes, names: frozenset[str]) -> bytes:
    """The lockfile without the made-up versions of these projects, as uv writes it for dynamic ones."""
    text = decoded(lockfile, raw)
    lines = text.content.split("\n")
    made_up = {
        package.line + 1
        for package in read_lock(lockfile, raw).packages
        if package.name in names and package.folder is not None and package.version == _VERSION
    }
    unexpected = [place for place in made_up if lines[place].strip() != f'version = "{_VERSION}"']
    if unexpected:
        raise ToolError(f"{lockfile} line {unexpected[0] + 1}: a version was expected here; lock the project by hand")
    kept = "\n".join(line for place, line in enumerate(lines) if place not in made_up)
    return text.spliced([Edit(0, len(text.content), kept)])
