"""Read one repository at one commit: its units, their dependencies, and what of it cannot be read."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from remediators.api import Parsed, Reader, Unit
from remediators.ecosystems import Ecosystems
from remediators.errors import ManifestError
from state.model import Dependency, Failure

LONGEST = 1_000
log = logging.getLogger(__name__)
_ASTRAY = frozenset(("", ".", ".."))


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
    left_out: Mapping[str, str] | None = None,
) -> Survey:
    """Every unit among `paths`, parsed. `prefetch` is told once what is about to be read.

    `left_out` is what else is there, and why it is not read: said of what a unit would have been.
    """
    listed = sorted(paths)
    found = [(remediator, unit) for remediator in ecosystems.remediators for unit in remediator.units(listed)]
    prefetch({path for _, unit in found for path in unit.files})
    units: list[Unit] = []
    dependencies: list[Dependency] = []
    failed = _missed(ecosystems, listed, left_out or {})
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
    return Survey(tuple(units), tuple(dependencies), tuple(map(_cut, failed)))


def tell(read: Survey, place: str) -> None:
    """Log which units were found in a folder or project, and how much in all of them."""
    for unit in read.units:
        log.debug(
            "%s: %s, read by %s", place, " and ".join(filter(None, (unit.manifest, unit.lockfile))), unit.remediator
        )
    log.debug("%s: %d dependencies in %d units", place, len(read.dependencies), len(read.units))


def _cut(failure: Failure) -> Failure:
    """The failure in so many characters as can be read: what it quotes is as long as the repository likes."""
    if max(len(failure.subject), len(failure.reason)) <= LONGEST:
        return failure
    return replace(failure, subject=failure.subject[:LONGEST], reason=f"{failure.reason[:LONGEST]}…")


def _missed(ecosystems: Ecosystems, listed: Sequence[str], left_out: Mapping[str, str]) -> list[Failure]:
    if not left_out:
        return []
    # A path that leads out of the tree is told by what it would be inside.
    meant = {path: "/".join(part for part in path.split("/") if part not in _ASTRAY) for path in left_out}
    everything = sorted({*listed, *meant.values()})
    files = {path for each in ecosystems.remediators for unit in each.units(everything) for path in unit.files}
    return [Failure(path, left_out[path], fault=False) for path in sorted(left_out) if meant[path] in files]


def inputs_digest(units: Iterable[Unit], blobs: Mapping[str, str], changes: Iterable[str]) -> str:
    """A digest of what a remediation is made from: the blobs of its units' files, and its changes."""
    digest = hashlib.sha256()
    for path in sorted({path for unit in units for path in unit.files}):
        digest.update(f"{path}\0{blobs.get(path, '')}\n".encode())
    for change in sorted(changes):
        digest.update(f"{change}\n".encode())
    return digest.hexdigest()
