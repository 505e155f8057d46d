"""The sources of a compiled file, edited where they refuse what it is to hold."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.compiled.unit import Compiled
from remediators.documents.text_edits import Edit, decoded
from remediators.documents.toml_document import read_toml
from remediators.errors import BlockedError, ManifestError
from remediators.python.pyproject_requirements import named_requirements
from remediators.python.specifiers import rewritten
from remediators.requirements.edit import moved
from remediators.requirements.file import Entry, read_items

_PROJECT_FILES = frozenset(("pyproject.toml", "setup.cfg", "setup.py", "uv.toml"))


def edited(found: Compiled, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The sources that change. An override goes into the file that uv's command names for such.

    Raises ManifestError, and BlockedError for an override where there is no such file.
    """
    if found.command.tool == "uv export":
        # The project and its uv.lock are a unit of their own.
        return {}
    overridden = [upgrade for upgrade in upgrades if upgrade.override]
    if overridden and not found.overrides:
        raise BlockedError(
            f"{found.lockfile}: {found.command.tool} writes no override into what it compiles: raise who requires "
            f"{overridden[0].package} instead"
        )
    sources = {name: raw for name, raw in files.items() if name != found.lockfile}
    requirements = {name: raw for name, raw in sources.items() if posixpath.basename(name) not in _PROJECT_FILES}
    for upgrade in overridden:
        requirements[found.overrides[0]] = _overriding(found.overrides[0], requirements[found.overrides[0]], upgrade)
    projects = {name: raw for name, raw in sources.items() if name in found.sources and name not in requirements}
    for upgrade in upgrades:
        requirements.update(moved(found.lockfile, requirements, upgrade, locked=True))
        projects.update({name: _project_moved(name, raw, upgrade) for name, raw in projects.items()})
    after = {**requirements, **projects}
    return {name: raw for name, raw in after.items() if raw != files[name]}


def _overriding(name: str, raw: bytes, upgrade: Upgrade) -> bytes:
    """The file that the command names with --overrides, with the new version in it."""
    text = decoded(name, raw)
    package = canonicalize_name(upgrade.package)
    entries = [item for item in read_items(text.content) if isinstance(item, Entry) and item.name == package]
    if entries:
        return text.spliced(Edit(*entry.specifier_span, f"=={upgrade.after}") for entry in entries)
    end = "\r\n" if "\r\n" in text.content else "\n"
    begin = end if text.content and not text.content.endswith("\n") else ""
    return text.spliced([Edit(len(text.content), len(text.content), f"{begin}{package}=={upgrade.after}{end}")])


def _project_moved(name: str, raw: bytes, upgrade: Upgrade) -> bytes:
    document = read_toml(name, raw)
    package = canonicalize_name(upgrade.package)
    named = [item for item in named_requirements(document)[0] if item.requirement.name == package]
    try:
        changes = rewritten([item.requirement.specifier for item in named], upgrade.before, upgrade.after, locked=True)
    except ValueError as error:
        raise ManifestError(f"{name}: {upgrade.package}: {error}; change it by hand") from error
    return document.spliced(
        {named[place].path: Edit(*named[place].requirement.span, new) for place, new in changes.items()}
    )
