"""Bring a lockfile of npm in line with an upgrade, at exactly the wanted version and with nothing else moved.

npm itself moves a package as far as the ranges of those who need it allow, and only a direct dependency can
be named with a version. So the requirements that lead to the old version (in package.json, and in the
lockfile those of other packages) say exactly the new version while npm runs, and are put back afterwards.
Measured on a tree of 519 packages; lodash from 4.17.15 to 4.17.19 where 4.18.1 is newest, and four copies of
kind-of 3.2 beside copies of 4.0 and 6.0:

| way                                            | lodash is | lines (both) | other copies of kind-of | seconds |
|------------------------------------------------|-----------|--------------|-------------------------|---------|
| `npm update NAME`                              | 4.18.1    | 6, 6         | moved                   | 0.5     |
| delete the entries, `npm install`              | 4.18.1    | 6, 0         | stay                    | 0.5     |
| `overrides`, `npm install`, without, once more | 4.17.19   | 6, 66        | moved                   | 1.0     |
| exact requirements, `npm install`, put back    | 4.17.19   | 6, 24        | stay                    | 0.4     |

A version 1 lockfile says too little of the packages: npm fetches the rest, it becomes version 3 meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as File

from remediators.api import Reader, Tools, Unit, Upgrade
from remediators.documents.json_members import with_string
from remediators.documents.json_spans import Json, Path, laid_out_like, replaced
from remediators.documents.json_spans import read as read_json
from remediators.errors import BlockedError, ToolError
from remediators.npm.command import Npm
from remediators.npm.folders import check_folders, check_locked
from remediators.npm.holders import (
    Holder,
    blocked,
    check_movable,
    copies_at,
    holders,
    not_locked,
    requirers,
    unmet,
)
from remediators.npm.lock import NEWEST, Lock, with_known_registry
from remediators.npm.overrides import FIELD
from remediators.npm.units import LockedProject, locked_project
from remediators.versions.npm import NpmVersions

_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class _Pin:
    """A requirement that says exactly the new version while npm runs."""

    holder: Holder
    upgrade: Upgrade

    @property
    def exact(self) -> str:
        return self.holder.exactly(self.upgrade.after)


def relock(unit: Unit, work: File, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
    """Move the upgrades in the lockfile of a unit in `work`; a unit without one stays as it is.

    Raises BlockedError naming who holds one back, and ToolError.
    """
    if unit.lockfile is None:
        return
    before = locked_project(unit, _reader(work))
    for manifest in before.manifests.values():
        check_folders(manifest)
    check_locked(before.lock)
    moving = {(upgrade.package, upgrade.before) for upgrade in upgrades}
    for upgrade in upgrades:
        if upgrade.everywhere:
            check_movable(before, upgrade, moving)
    npm = Npm((work / unit.manifest).parent, before.lock, before.config, index, tools)
    with npm.configured():
        pins = _moved(unit, work, before, upgrades, npm)
        if before.lock.version != NEWEST:
            npm.install(before.lock.version)
    # npm indents the lockfile as package.json is indented.
    written = (work / unit.lockfile).read_bytes().decode()
    (work / unit.lockfile).write_bytes(laid_out_like(before.lock.document.text, written).encode())
    after = locked_project(unit, _reader(work))
    _check_moved(after, upgrades, pins)
    found = unmet(after, [(u.package, u.after) for u in upgrades if u.override])
    already = unmet(before) if found else {}
    worse = {words: holder for words, holder in found.items() if words not in already}
    if worse:
        raise BlockedError(f"{after.lock.name}: blocked, {'; '.join(sorted(worse))}", requirers(after, worse.values()))


def _moved(unit: Unit, work: File, before: LockedProject, upgrades: Sequence[Upgrade], npm: Npm) -> Sequence[_Pin]:
    """Let npm move the packages; the lockfile is of the newest version afterwards."""
    own = [pin for pin in _all_pins(before, upgrades) if pin.holder.owner is None]
    # The lockfile does not tell what the new release of a parent asks for, and npm would take the newest of that.
    below: Mapping[Path, str] = {
        (FIELD, f"{parent.package}@{parent.after}", child.package): child.after
        for parent, child in _below_moving(before, upgrades)
    }
    with _pinned(work, before, own, below):
        flat = before
        if not before.lock.flat:
            npm.install(NEWEST)
            flat = locked_project(unit, _reader(work))
        others = [pin for pin in _all_pins(flat, upgrades) if pin.holder.owner is not None]
        exact = {_place(pin.holder, pin.holder.folder): pin.exact for pin in others}
        (work / flat.lock.name).write_bytes(replaced(flat.lock.document, exact))
        npm.install(NEWEST, _looked_at(flat, upgrades, (*own, *others)))
    pins = (*own, *others)
    moved = locked_project(unit, _reader(work)).lock
    settled = {**_as_written(moved, pins), **with_known_registry(before.lock, moved, before.config.scoped)}
    (work / moved.name).write_bytes(replaced(moved.document, settled))
    return pins


def _below_moving(tree: LockedProject, upgrades: Sequence[Upgrade]) -> Iterator[tuple[Upgrade, Upgrade]]:
    """Every package that moves and leads to another that moves, with that one, where no manifest names that one."""
    moving = {(upgrade.package, upgrade.before): upgrade for upgrade in upgrades}
    for upgrade in upgrades:
        if upgrade.everywhere and not upgrade.direct:
            for holder in holders(tree, upgrade.package, upgrade.before):
                owner = holder.owner
                if owner is not None and (parent := moving.get((owner.package, owner.version))) is not None:
                    yield parent, upgrade


def _looked_at(tree: LockedProject, upgrades: Iterable[Upgrade], pins: Iterable[_Pin]) -> Iterable[str]:
    """The names that npm has to be told of: what is pinned, and what an override gives those who refuse it."""
    if not _has_members(tree):
        return ()
    refusing = (holder for u in upgrades if u.override for holder in holders(tree, u.package, u.before))
    return {holder.key for holder in (*(pin.holder for pin in pins), *refusing)}


def _has_members(tree: LockedProject) -> bool:
    """Whether there are workspaces: npm does not look through a link for requirements that are not met any more.

    So it has to be told by name what to look at (@npmcli/arborist 9, build-ideal-tree.js: the walk over the virtual
    tree goes from edge to edge, and a link has none).
    """
    return len(tree.manifests) > 1


def _all_pins(tree: LockedProject, upgrades: Sequence[Upgrade]) -> Iterator[_Pin]:
    """Those of the upgrades; with members also of the copies that stay, as npm updates by name alone."""
    yield from _pins(tree, upgrades)
    if _has_members(tree):
        names = {upgrade.package for upgrade in upgrades}
        moving = {(upgrade.package, upgrade.before) for upgrade in upgrades}
        standing = {(copy.package, copy.version) for copy in tree.lock.copies.values() if copy.package in names}
        for package, version in sorted(standing - moving):
            stays = Upgrade(package, version, version, direct=False)
            yield from (_Pin(holder, stays) for holder in holders(tree, package, version))


def _pins(tree: LockedProject, upgrades: Iterable[Upgrade]) -> Iterator[_Pin]:
    for upgrade in upgrades:
        new = not_locked(tree, upgrade.package) if upgrade.direct else ()
        for holder in (*holders(tree, upgrade.package, upgrade.before), *new):
            if holder.admits(upgrade.after) and (upgrade.everywhere or holder.owner is None):
                yield _Pin(holder, upgrade)


@contextmanager
def _pinned(work: File, tree: LockedProject, pins: Sequence[_Pin], below: Mapping[Path, str]) -> Iterator[None]:
    """While this lasts, the manifests say the exact versions, and the root one has these overrides."""
    documents = [manifest.document for manifest in tree.manifests.values()]
    for document in documents:
        mine = [pin for pin in pins if pin.holder.file == document.name]
        exact: Mapping[Path, str] = {(pin.holder.section, pin.holder.key): pin.exact for pin in mine}
        content = replaced(document, exact)
        if document is tree.manifests[""].document:
            for path, version in below.items():
                content = with_string(read_json(content, document.name), path, version)
        (work / document.name).write_bytes(content)
    try:
        yield
    finally:
        for document in documents:
            (work / document.name).write_bytes(document.text.encode())


def _as_written(lock: Lock, pins: Iterable[_Pin]) -> Mapping[Path, str]:
    """What the lockfile has to say again in place of the exact versions."""
    places = ((_place(pin.holder, folder), pin) for pin in pins for folder in _folders(pin.holder, lock))
    return {place: pin.holder.written for place, pin in places if _at(lock.document.value, place) == pin.exact}


def _check_moved(tree: LockedProject, upgrades: Iterable[Upgrade], pins: Iterable[_Pin]) -> None:
    lock = tree.lock
    for upgrade in upgrades:
        if upgrade.everywhere and any(copies_at(lock, upgrade)):
            raise blocked(tree, upgrade, holders(tree, upgrade.package, upgrade.before))
    for pin in pins:
        wanted = pin.upgrade
        for got in filter(None, (lock.copy_from(folder, pin.holder.key) for folder in _folders(pin.holder, lock))):
            if got.package == wanted.package and _VERSIONS.compare(got.version, wanted.after) < 0:
                raise ToolError(
                    f"{lock.name}: npm chose {got.package} {got.version} for {pin.holder.who} where {wanted.after} "
                    "was asked for: look at `overrides` in package.json"
                )


def _folders(holder: Holder, lock: Lock) -> Sequence[str]:
    """From where the holder asks in a lockfile; npm may have moved it, or removed it."""
    owner = holder.owner
    if owner is None:
        return (holder.folder,)
    return [c.folder for c in lock.copies.values() if (c.package, c.version) == (owner.package, owner.version)]


def _place(holder: Holder, folder: str) -> Path:
    return ("packages", folder, holder.section, holder.key)


def _at(value: Json, place: Path) -> Json:
    for key in place:
        value = value.get(str(key)) if isinstance(value, dict) else None
    return value


def _reader(work: File) -> Reader:
    def read(path: str) -> bytes | None:
        file = work / path
        return file.read_bytes() if file.is_file() else None

    return read
