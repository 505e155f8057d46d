"""What must change in package.json for an upgrade, spliced in place: requirements, and overrides where asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.json_spans import Path, replaced
from remediators.errors import ManifestError
from remediators.npm.manifest import SECTIONS, Manifest, Requirement
from remediators.npm.overrides import check_known, with_overrides
from remediators.npm.range import rewritten, widened
from remediators.npm.units import Project
from remediators.versions.npm import NpmVersions
from state.model import Scope

_VERSIONS = NpmVersions()


def edited(project: Project, upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The manifests that must change, by path; of each, only versions inside requirement strings differ.

    With a lockfile, a requirement changes when it stands for `before` there and refuses `after`; without one,
    also when it admits both. A dist-tag stays. Raises ManifestError when a range cannot be rewritten.
    """
    changed: dict[str, bytes] = {}
    for folder, manifest in project.manifests.items():
        # A linked folder outside this one is a unit of its own.
        if folder.startswith(".."):
            continue
        strings = _strings(project, folder, manifest, [upgrade for upgrade in upgrades if upgrade.direct])
        if strings:
            changed[manifest.name] = replaced(manifest.document, strings)
    return changed


def overridden(project: Project, changed: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
    """The manifests that `edited` changed, and the root one with its overrides.

    Raises BlockedError when the npm of that lockfile knows none, ManifestError when one cannot be spliced in.
    """
    if not any(upgrade.override for upgrade in upgrades):
        return changed
    if project.lock is not None:
        check_known(project.lock.name, project.lock.version)
    root = project.manifests[""].document
    content = changed.get(root.name, root.text.encode())
    return {**changed, root.name: with_overrides(root.name, content, upgrades)}


def _strings(project: Project, folder: str, manifest: Manifest, upgrades: Sequence[Upgrade]) -> Mapping[Path, str]:
    strings: dict[Path, str] = {}
    for upgrade in upgrades:
        for requirement in manifest.requirements:
            if _is_concerned(project, folder, requirement, upgrade):
                spec = moved_spec(requirement, upgrade)
                strings[requirement.path] = requirement.prefix + spec
    return strings


def _is_concerned(project: Project, folder: str, requirement: Requirement, upgrade: Upgrade) -> bool:
    if requirement.package != upgrade.package or not requirement.is_range:
        return False
    refuses = not _VERSIONS.satisfies(upgrade.after, requirement.spec)
    admits_before = _VERSIONS.satisfies(upgrade.before, requirement.spec)
    copy = project.lock.copy_from(folder, requirement.key) if project.lock else None
    if copy is not None:
        return refuses and copy.version == upgrade.before
    # What is nobody's floor: a peer requirement says what works, not what is installed.
    raises_floor = project.lock is None and SECTIONS[requirement.section] is not Scope.PEER
    return admits_before and (refuses or raises_floor)


def moved_spec(requirement: Requirement, upgrade: Upgrade) -> str:
    """The range that a requirement becomes; a peer's is widened. Raises ManifestError when there is none."""
    try:
        if SECTIONS[requirement.section] is Scope.PEER:
            return widened(requirement.spec, upgrade.after)
        return rewritten(requirement.spec, upgrade.before, upgrade.after)
    except ValueError as error:
        place = f"{requirement.manifest}:{requirement.line}: {requirement.key}"
        raise ManifestError(f"{place}: {error}: edit it by hand") from error
