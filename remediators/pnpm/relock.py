"""Bring a pnpm-lock.yaml in line with an upgrade, at exactly the wanted version and with nothing else moved.

pnpm itself moves a package as far as the ranges of those who need it allow, whatever version `pnpm update` is told
for one that no package.json names. So while pnpm runs, package.json and catalogs say exactly the new
version, and an override says it for each locked package that has the old one; both are put back afterwards. What
those packages admit, which the lockfile does not tell and an override would set aside, is asked of the registry
before. Measured on a tree of 808 packages, minimist from 1.2.6 to 1.2.7 where 1.2.8 is newest, with pnpm 10 and 8
(seconds with a warm cache, on a machine with other work):

| way                                               | minimist is | lines   | seconds    |
|---------------------------------------------------|-------------|---------|------------|
| `pnpm update minimist --depth Infinity`           | 1.2.8       | 14, 30  | 10.4, 5.5  |
| `pnpm update minimist@1.2.7`                      | 1.2.8       | 14, 420 | 21.4, 18.5 |
| references rewritten in the file, `pnpm install`  | broken      | 8, 8    | 4.8, 3.2   |
| the same, `pnpm install --fix-lockfile`           | 1.2.6       | 0, 2    | 19.1, 6.1  |
| overrides, `pnpm install`, without, once more     | 1.2.7       | 14, 14  | 29.3, 10.2 |
| overrides, `pnpm install`, put back, `--frozen-…` | 1.2.7       | 14, 14  | 9.2, 7.1   |

The last is what is done. Whether pnpm takes what was put back, which is the `--frozen-lockfile` in it, is told without
a second run where that can be told (`frozen`): a start of pnpm is 0.3 to 0.5 s.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path as File

from remediators.api import Reader, Registry, Tools, Unit, Upgrade
from remediators.documents.json_members import with_string
from remediators.documents.json_spans import read as read_json
from remediators.documents.json_spans import replaced
from remediators.documents.yaml_spans import read as read_yaml
from remediators.errors import BlockedError, ToolError
from remediators.inside import check_inside
from remediators.npm.folders import OF_WORKSPACE, check_folders, check_written, places_of
from remediators.pnpm.command import pnpm
from remediators.pnpm.frozen import doubts
from remediators.pnpm.holders import Asked, check_movable, kept, unmet
from remediators.pnpm.overrides import own_overrides, place
from remediators.pnpm.pins import Pins, pins, put_back
from remediators.pnpm.units import PNPMFILES, Project, project


def relock(
    unit: Unit, work: File, upgrades: Sequence[Upgrade], index: str | None, tools: Tools, registry: Registry
) -> None:
    """Move the upgrades in the lockfile of a unit in `work`; a unit without one stays as it is.

    Raises BlockedError naming who holds one back, RegistryError when their ranges cannot be had, and ToolError.
    """
    if unit.lockfile is None:
        return
    before = project(unit, _reader(work))
    if before.lock.has_hooks or any(posixpath.basename(path) in PNPMFILES for path in unit.files):
        raise BlockedError(
            f"{before.lock.name}: blocked, a .pnpmfile.cjs has a say in it, which is code of the repository and is not "
            "run: update it by hand"
        )
    for manifest in before.manifests.values():
        check_folders(manifest)
    if before.workspace is not None:
        check_inside(before.workspace.name, "packages", before.workspace.packages)
        for setting in OF_WORKSPACE:
            check_written(before.workspace.name, setting, before.workspace.top.get(setting))
    for key in before.lock.elsewhere:
        # Before version 9, a folder has no name before its place.
        check_inside(before.lock.name, key, places_of(key[max(key.find("file:"), 0) :]))
    for upgrade in upgrades:
        if upgrade.everywhere:
            check_movable(before, upgrade, upgrades, _asked(before, index, tools, registry))
    used = pins(before, upgrades)
    with pnpm((work / unit.lockfile).parent, before, index, tools) as program:
        with _saying(work, before, used):
            program.install()
        lockfile = work / unit.lockfile
        written = read_yaml(lockfile.read_bytes(), unit.lockfile, deepest=5)
        lockfile.write_bytes(put_back(written, used, any(own_overrides(before))))
        if any(doubts(project(unit, _reader(work)), written.value, used)):
            with _saying(work, before, Pins()):
                program.check()
    _check_moved(before, project(unit, _reader(work)), upgrades)


def _asked(found: Project, index: str | None, tools: Tools, registry: Registry) -> Asked:
    def asked(package: str, version: str) -> Mapping[str, str]:
        return registry.requirements(package, version, found.config.index(package) or index, tools)

    return asked


@contextmanager
def _saying(work: File, found: Project, used: Pins) -> Iterator[None]:
    """While this lasts, the manifests say the pins, and pnpm-workspace.yaml holds only what pnpm may see of it."""
    written = {manifest.name: manifest.document.text.encode() for manifest in found.manifests.values()}
    said = {manifest.name: replaced(manifest.document, used.of(folder)) for folder, manifest in found.manifests.items()}
    overrides, workspace = dict(used.overrides), found.workspace
    in_file, top = place(found) if overrides else ("", ())
    if workspace is not None:
        exact = {path: to for path, (to, _) in used.catalogs.items()}
        written[workspace.name] = workspace.document.text.encode()
        said[workspace.name] = workspace.visible(exact, overrides if in_file == workspace.name else {})
    if in_file in said and (workspace is None or in_file != workspace.name):
        for key, version in overrides.items():
            said[in_file] = with_string(read_json(said[in_file], in_file), (*top, key), version)
    try:
        for path, content in said.items():
            (work / path).write_bytes(content)
        yield
    finally:
        for path, content in written.items():
            (work / path).write_bytes(content)


def _check_moved(before: Project, after: Project, upgrades: Sequence[Upgrade]) -> None:
    lock = after.lock
    for upgrade in upgrades:
        copies = {snapshot.version for snapshot in lock.snapshots.values() if snapshot.package == upgrade.package}
        if upgrade.everywhere and upgrade.before in copies:
            raise kept(after, upgrade)
        if copies and upgrade.after not in copies:
            raise ToolError(
                f"{lock.name}: pnpm chose {upgrade.package} {', '.join(sorted(copies))} where {upgrade.after} was "
                "asked for: look at its overrides"
            )
    found = unmet(after, [(upgrade.package, upgrade.after) for upgrade in upgrades if upgrade.override])
    already = unmet(before) if found else {}
    worse = {words: who for words, who in found.items() if words not in already}
    if worse:
        raise BlockedError(f"{lock.name}: blocked, {'; '.join(sorted(worse))}", tuple(worse.values()))


def _reader(work: File) -> Reader:
    def read(path: str) -> bytes | None:
        file = work / path
        return file.read_bytes() if file.is_file() else None

    return read
