"""Requirements in pyproject.toml that must change for an upgrade, spliced in place, and overrides added to them.

| file                                          | what is rewritten                                                |
|-----------------------------------------------|------------------------------------------------------------------|
| the root, with a uv.lock                      | requirements, constraints and overrides that refuse the version   |
| a member of its workspace                     | requirements that do; uv reads constraints from the root alone    |
| a project beside it that has its own uv.lock  | as a root                                                        |
| one without a lock                            | also what would still admit the old version, as no lock holds it |
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Unit, Upgrade
from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.documents.toml_insertions import with_string
from remediators.errors import BlockedError
from remediators.poetry.manifest import moved, own_requirements
from remediators.python.moves import moves
from remediators.python.pyproject_requirements import PDM_DEVELOPMENT, Array, Named, named_requirements
from remediators.uv.project import MANIFEST
from remediators.uv.workspace import has_member

_TABLE = ("tool", "uv")
_OVERRIDES = "override-dependencies"


def edited(unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The manifests of a unit that must change. Raises ManifestError, and BlockedError as `Uv.edit` says."""
    after = {path: files[path] for path in unit.files if posixpath.basename(path) == MANIFEST}
    root = read_toml(unit.manifest, files[unit.manifest])
    for upgrade in upgrades:
        # A workspace may have a hundred members, of which few name the package.
        words = map(re.escape, canonicalize_name(upgrade.package).split("-"))
        name = re.compile("[-_.]+".join(words).encode(), re.IGNORECASE)
        for path, raw in after.items():
            if path == unit.manifest or name.search(raw):
                after[path] = _moved(unit, root, read_toml(path, raw), upgrade)
        if upgrade.override:
            after[unit.manifest] = _overridden(unit, read_toml(unit.manifest, after[unit.manifest]), upgrade)
    return {path: raw for path, raw in after.items() if raw != files[path]}


def _moved(unit: Unit, root: TomlDocument, document: TomlDocument, upgrade: Upgrade) -> bytes:
    package = canonicalize_name(upgrade.package)
    if unit.lockfile is None and any(asked.package == package for asked in own_requirements(document)[0]):
        return moved(document, upgrade, locked=False)
    # Without a lock nothing tells whether PDM reads the file.
    more = () if unit.lockfile else (PDM_DEVELOPMENT,)
    named = [item for item in _named(document, package, *more) if _counts(item, unit, root, document)]
    specifiers = [item.requirement.specifier for item in named]
    decided, locked = _is_locked(unit, root, document), unit.lockfile is not None
    changes = moves(document.name, specifiers, upgrade, decided=decided, locked=locked)
    edits = {named[place].path: Edit(*named[place].requirement.span, new) for place, new in changes.items()}
    return document.spliced(edits)


def _overridden(unit: Unit, document: TomlDocument, upgrade: Upgrade) -> bytes:
    """With an entry that sets aside what others require; from the fixed version up, as later ones are fixed too."""
    if unit.lockfile is None:
        raise BlockedError(
            f"{unit.manifest} has no uv.lock: an override of {upgrade.package} would bind nobody; lock the project"
        )
    if any(item.path[-2] == _OVERRIDES for item in _named(document, upgrade.package)):
        return document.spliced({})
    return with_string(document, _TABLE, _OVERRIDES, f"{canonicalize_name(upgrade.package)}>={upgrade.after}")


def _named(document: TomlDocument, package: str, *more: Array) -> list[Named]:
    wanted = canonicalize_name(package)
    return [item for item in named_requirements(document, *more)[0] if item.requirement.name == wanted]


def _counts(item: Named, unit: Unit, root: TomlDocument, document: TomlDocument) -> bool:
    return item.scope is not None or not _is_member(unit, root, document)


def _is_locked(unit: Unit, root: TomlDocument, document: TomlDocument) -> bool:
    if document.name == unit.manifest:
        return unit.lockfile is not None
    own_lock = posixpath.join(posixpath.dirname(document.name), "uv.lock")
    return _is_member(unit, root, document) or own_lock in unit.files


def _is_member(unit: Unit, root: TomlDocument, document: TomlDocument) -> bool:
    if document.name == unit.manifest:
        return False
    folder = posixpath.relpath(posixpath.dirname(document.name) or ".", posixpath.dirname(unit.manifest) or ".")
    return has_member(root, folder)
