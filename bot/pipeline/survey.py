"""Read one repository at one commit: its units, their dependencies, and what of it cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from remediators.api import Ecosystems, ManifestError, Parsed, Reader, Unit
from state.model import Dependency, Failure


@dataclass(frozen=True, slots=True)
class Survey:
    """What a tree holds. A unit whose parse failed is in `failed` and in none of the others."""

    units: tuple[Unit, ...]
    dependencies: tuple[Dependency, ...]
    failed: tuple[Failure, ...]

    def units_of(self, manifests: Collection[str]) -> tuple[Unit, ...]:
        """The units that hold any of these manifests, as their own or as an include."""
        return tuple(u for u in self.units if u.manifest in manifests or any(f in manifests for f in u.files))


def survey(
    ecosystems: Ecosystems,
    paths: Collection[str],
    reader: Reader,
    prefetch: Callable[[Collection[str]], None],
) -> Survey:
    """Every unit among `paths`, parsed. `prefetch` is told once what is about to be read."""
    listed = sorted(paths)
    found = [(remediator, unit) for remediator in ecosystems.remediators for unit in remediator.units(listed)]
    prefetch({path for _, unit in found for path in unit.files})
    units: list[Unit] = []
    dependencies: list[Dependency] = []
    failed: list[Failure] = []
    for remediator, bare in found:
        try:
            unit = remediator.expand(bare, reader)
            prefetch(unit.files)
            parsed: Parsed = remediator.parse(unit, reader)
        except ManifestError as error:
            failed.append(Failure(bare.manifest, str(error)))
            continue
        units.append(unit)
        dependencies.extend(parsed.dependencies)
        failed.extend(parsed.problems)
    return Survey(tuple(units), tuple(dependencies), tuple(failed))


def inputs_digest(units: Iterable[Unit], blobs: Mapping[str, str], changes: Iterable[str]) -> str:
    """A digest of what a remediation is made from: the blobs of its units' files, and its changes."""
    digest = hashlib.sha256()
    for path in sorted({path for unit in units for path in unit.files}):
        digest.update(f"{path}\0{blobs.get(path, '')}\n".encode())
    for change in sorted(changes):
        digest.update(f"{change}\n".encode())
    return digest.hexdigest()
