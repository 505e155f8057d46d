"""Make a change set real: edit the manifests, relock in a scratch directory, read back what is allowed to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.pipeline.survey import Survey
from bot.ports import Toolbox
from remediators.api import Reader, Remediator, Unit, Upgrade
from remediators.errors import ManifestError
from state.model import Change, Dependency, Kind, Remediation

# A lockfile of a large monorepo is a few MB; more is not a lockfile.
READ_BACK_LIMIT = 64 * 1024 * 1024


def rework(survey: Survey, reader: Reader, remediation: Remediation, toolbox: Toolbox) -> Mapping[str, bytes]:
    """The new bytes of every file that a change set touches, by path.

    Raises RemediationError when a manifest cannot be edited or a tool fails.
    """
    overlay: dict[str, bytes] = {}

    def read(path: str) -> bytes | None:
        return overlay[path] if path in overlay else reader(path)

    for unit in survey.units:
        remediator = toolbox.ecosystems.named(unit.remediator)
        upgrades = upgrades_of(unit, remediator, remediation)
        if upgrades:
            overlay.update(rework_unit(unit, remediator, read, upgrades, index_of(unit, survey, toolbox), toolbox))
    changed = {path: content for path, content in overlay.items() if content != reader(path)}
    if not changed:
        moved = ", ".join(f"{c.package} {c.before} to {c.after} in {c.manifest}" for c in remediation.changes)
        raise ManifestError(f"nothing changed in any file when moving {moved}")
    return changed


def upgrades_of(unit: Unit, remediator: Remediator, remediation: Remediation) -> tuple[Upgrade, ...]:
    """The part of a change set that lies in a unit."""
    everywhere = remediation.kind is Kind.VULNERABLE
    return tuple(
        Upgrade(change.package, change.before, change.after, change.direct, everywhere, change.override)
        for change in remediation.changes
        # What nothing requires any more goes by itself.
        if change.after and change.ecosystem == remediator.ecosystem and concerns(unit, change)
    )


def concerns(unit: Unit, change: Change | Dependency) -> bool:
    """Whether a change, or an entry of the inventory, lies in a unit.

    One manifest can be in several, as that of a compiled file is a unit as well: what it does not name itself is only
    in those with that lockfile.
    """
    named = change.direct or change.lockfile is None or change.lockfile in unit.files
    return named and change.manifest in unit.files


def index_of(unit: Unit, survey: Survey, toolbox: Toolbox) -> str | None:
    """The registry that its tool is told of: the configured one as long as any dependency comes from there."""
    named = [d.index for d in survey.dependencies if d.manifest in unit.files]
    configured = toolbox.indexes.get(toolbox.ecosystems.named(unit.remediator).ecosystem)
    return configured if None in named else next(filter(None, named), configured)


def rework_unit(
    unit: Unit,
    remediator: Remediator,
    read: Reader,
    upgrades: Sequence[Upgrade],
    index: str | None,
    toolbox: Toolbox,
) -> Mapping[str, bytes]:
    """The bytes of every file of a unit after these upgrades. Raises RemediationError."""
    files = {path: content for path in unit.files if (content := read(path)) is not None}
    edited = {**files, **remediator.edit(unit, files, upgrades)}
    with toolbox.workshop.scratch() as work:
        for path, content in edited.items():
            place = inside(work, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        remediator.relock(unit, work, upgrades, index, toolbox.tools)
        return {path: read_back(work, path) for path in edited}


def inside(work: Path, path: str) -> Path:
    """The place of a path in a scratch. Raises ManifestError for one that leads out of it."""
    place = work / path
    if not place.resolve().is_relative_to(work.resolve()):
        raise ManifestError(f"{path}: leads out of the repository, and is not written: remove it")
    return place


def read_back(work: Path, path: str) -> bytes:
    """What a package manager left at a path. Raises ManifestError for what is no plain file of a sensible size."""
    place = work / path
    # A folder on the way may be a link as well.
    if place.resolve() != work.resolve() / path or not place.is_file() or place.stat().st_nlink > 1:
        raise ManifestError(f"{path}: the package manager replaced it by something that is not a plain file")
    if place.stat().st_size > READ_BACK_LIMIT:
        raise ManifestError(f"{path}: the package manager wrote more than {READ_BACK_LIMIT // 2**20} MB")
    return place.read_bytes()
