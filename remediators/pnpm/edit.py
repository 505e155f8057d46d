"""What must change for an upgrade with pnpm: requirements in package.json, lines of catalogs, and overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.json_spans import replaced
from remediators.documents.yaml_edits import replaced as replaced_in_yaml
from remediators.documents.yaml_spans import Path
from remediators.errors import ManifestError
from remediators.npm.edit import moved_spec
from remediators.npm.manifest import Requirement
from remediators.npm.range import rewritten
from remediators.pnpm.overrides import overridden
from remediators.pnpm.units import Project
from remediators.versions.npm import NpmVersions

_VERSIONS = NpmVersions()


def edited(project: Project, upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The files that must change, by path; of each, only versions and entries of `overrides` differ.

    A requirement changes when it leads to `before` and refuses `after`. Raises ManifestError when one cannot be
    rewritten, BlockedError when an override has no place.
    """
    direct = [upgrade for upgrade in upgrades if upgrade.direct]
    changed: dict[str, bytes] = {}
    for folder, manifest in project.manifests.items():
        # A linked folder outside this one is a unit of its own.
        if folder.startswith(".."):
            continue
        strings = {
            line.path: line.prefix + moved_spec(line, upgrade)
            for upgrade in direct
            for line in manifest.requirements
            if _is_concerned(project, folder, line, upgrade)
        }
        if strings:
            changed[manifest.name] = replaced(manifest.document, strings)
    lines = dict(line for upgrade in direct for line in _catalog_lines(project, upgrade).items())
    if lines and project.workspace is not None:
        changed[project.workspace.name] = replaced_in_yaml(project.workspace.document, lines)
    return overridden(project, changed, upgrades)


def _is_concerned(project: Project, folder: str, line: Requirement, upgrade: Upgrade) -> bool:
    if line.package != upgrade.package or not line.is_range or _VERSIONS.satisfies(upgrade.after, line.spec):
        return False
    found = project.lock.wanted(folder, line.key)
    return found.version == upgrade.before if found else _VERSIONS.satisfies(upgrade.before, line.spec)


def _catalog_lines(project: Project, upgrade: Upgrade) -> Mapping[Path, str]:
    lines: dict[Path, str] = {}
    for use in project.catalog_uses():
        found = project.lock.wanted(use.folder, use.key)
        if use.entry is None or found is None or (found.package, found.version) != (upgrade.package, upgrade.before):
            continue
        if _VERSIONS.satisfies(upgrade.after, use.entry.spec):
            continue
        try:
            lines[use.entry.path] = rewritten(use.entry.spec, upgrade.before, upgrade.after)
        except ValueError as error:
            place = f"{project.workspace.name if project.workspace else ''}:{use.entry.line}: {use.key}"
            raise ManifestError(f"{place}: {error}: edit it by hand") from error
    return lines
