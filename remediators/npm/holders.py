"""Who holds a package at a version in a tree of npm, by which requirement, and who would not let it move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediators.api import Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.npm.lock import FOLDER, Copy, Lock
from remediators.npm.manifest import Requirement, asked, is_range
from remediators.npm.units import LockedProject
from remediators.versions.npm import NpmVersions

_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Holder:
    """One requirement that leads to an installed copy.

    `owner` is the installed package that has it, None for a package.json (then `file` is its path);
    `folder` is where it is asked from. `written` is the whole string: `prefix` (of an alias) and `spec`.
    """

    owner: Copy | None
    file: str
    folder: str
    section: str
    key: str
    written: str
    prefix: str
    spec: str

    @property
    def who(self) -> str:
        """The name for people."""
        return f"{self.owner.package} {self.owner.version}" if self.owner else self.file

    def admits(self, version: str) -> bool:
        """Whether npm may install `version` for it; a dist-tag may be anything."""
        return not is_range(self.spec) or _VERSIONS.satisfies(version, self.spec)

    def exactly(self, version: str) -> str:
        """What to write for `version` and no other."""
        return self.prefix + version


def holders(tree: LockedProject, package: str, version: str) -> Iterator[Holder]:
    """Every requirement that gets `package` at `version`."""
    return (holder for holder, copy in _edges(tree) if _identity(copy) == (package, version))


def not_locked(tree: LockedProject, package: str) -> Iterator[Holder]:
    """Every line of a package.json that asks for `package` and that the lockfile knows nothing of."""
    for folder, manifest in tree.manifests.items():
        for line in manifest.requirements:
            if line.package == package and tree.lock.found_from(folder, line.key) is None:
                yield _of_manifest(folder, line)


def unmet(tree: LockedProject, overridden: Collection[tuple[str, str]] = ()) -> Mapping[str, Holder]:
    """Every requirement that gets a version it refuses, by words for people; npm lets some pass, of peers above all.

    What is `overridden`, as (package, version), is not meant to meet it.
    """
    return {
        f"{holder.who} needs {copy.package} {holder.spec}": holder
        for holder, copy in _edges(tree)
        if not holder.admits(copy.version) and _identity(copy) not in overridden
    }


def _edges(tree: LockedProject) -> Iterator[tuple[Holder, Copy]]:
    """Every requirement with the copy of what it asks for.

    One that gets another package has that from `overrides` (`"ms": "npm:noop@1"`), and no range of its own in it.
    """
    lock = tree.lock
    for folder, manifest in tree.manifests.items():
        for line in manifest.requirements:
            copy = lock.copy_from(folder, line.key)
            if copy is not None and copy.package == line.package:
                yield _of_manifest(folder, line), copy
    for owner in lock.copies.values():
        for (section, key), written in owner.needs.items():
            copy = lock.copy_from(owner.folder, key)
            prefix, package, spec = asked(key, written)
            if copy is not None and copy.package == package:
                yield Holder(owner, lock.name, owner.folder, section, key, written, prefix, spec), copy


def _of_manifest(folder: str, line: Requirement) -> Holder:
    return Holder(None, line.manifest, folder, line.section, line.key, line.written, line.prefix, line.spec)


def check_movable(tree: LockedProject, upgrade: Upgrade, moving: Collection[tuple[str, str]]) -> None:
    """Raise BlockedError when the package cannot leave its version everywhere it stands.

    Those that are `moving` themselves, as (package, version), hold nothing: what they ask for at their new
    version shows when npm has run. So does what others need of a direct dependency: they may get another
    version of their own. An override sets aside all but a bundle.
    """
    lock = tree.lock
    for copy in copies_at(lock, upgrade):
        bundler = _bundler(lock, copy)
        if bundler is not None:
            raise BlockedError(
                f"{lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
                f"{bundler.package} {bundler.version} bundles it; update {bundler.package}",
                [Requirer(bundler.package, bundler.version, "", bundler.package in _named(tree))],
            )
    found = [
        holder
        for holder in holders(tree, upgrade.package, upgrade.before)
        if holder.admits(upgrade.before) and (holder.owner is None or _identity(holder.owner) not in moving)
    ]
    if not upgrade.direct and not upgrade.override and not all(holder.admits(upgrade.after) for holder in found):
        raise blocked(tree, upgrade, found)


def blocked(tree: LockedProject, upgrade: Upgrade, found: Iterable[Holder]) -> BlockedError:
    """The error that names those of the holders that keep a package from moving."""
    refusing = [holder for holder in found if not holder.admits(upgrade.after)]
    named = {f"{h.who} needs {upgrade.package} {h.spec}" for h in refusing}
    return BlockedError(
        f"{tree.lock.name}: {upgrade.package} {upgrade.before} cannot become {upgrade.after}, blocked: "
        f"{'; '.join(sorted(named)) or 'npm keeps it; look at `overrides` in package.json'}",
        requirers(tree, refusing),
    )


def requirers(tree: LockedProject, found: Iterable[Holder]) -> tuple[Requirer, ...]:
    """The holders as the protocol names them, each once; one in a package.json is its path."""
    named = _named(tree)
    told = (
        Requirer(h.owner.package, h.owner.version, h.spec, h.owner.package in named)
        if h.owner
        else Requirer(h.file, "", h.spec, direct=True)
        for h in found
    )
    return tuple(dict.fromkeys(told))


def _named(tree: LockedProject) -> frozenset[str]:
    return frozenset(line.package for manifest in tree.manifests.values() for line in manifest.requirements)


def copies_at(lock: Lock, upgrade: Upgrade) -> Iterator[Copy]:
    """Every copy that stands at the version from which the upgrade moves."""
    return (copy for copy in lock.copies.values() if _identity(copy) == (upgrade.package, upgrade.before))


def _identity(copy: Copy) -> tuple[str, str]:
    return (copy.package, copy.version)


def _bundler(lock: Lock, copy: Copy) -> Copy | None:
    """The installed package whose archive brings this copy along; what the project itself bundles can move."""
    folder = copy.folder
    while copy.bundled and (folder := folder.rpartition(f"/{FOLDER}")[0]):
        outer = lock.copies.get(folder)
        if outer is not None and not outer.bundled:
            return outer
    return None
