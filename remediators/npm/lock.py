"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3: what is installed where, and who needs it.

Source: npm's "package-lock.json" reference. Version 1 is a tree of `dependencies`; versions 2 and 3 have a
flat `packages`, keyed by folder ("node_modules/a/node_modules/b"; "" is the root, "packages/x" a workspace).
A tree is read into the same folders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from remediators.bounds import check_packages
from remediators.documents.json_objects import objects
from remediators.documents.json_spans import Document, Json, Path
from remediators.errors import ManifestError
from remediators.npm.manifest import SECTIONS, asked, is_package_name
from remediators.versions.npm import NpmVersions
from state.model import Failure, Scope

NEWEST = 3
FOLDER = "node_modules/"
_FLAGS = {"dev": Scope.DEV, "devOptional": Scope.OPTIONAL, "optional": Scope.OPTIONAL, "peer": Scope.PEER}
"""What only a part of the tree needs carries some of these; the first that is set decides."""
_ELSEWHERE = ("git", "file:", "link:", "http:", "https:")
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Copy:
    """One installed copy of a package. `needs` maps (section, key) to the requirement as written.

    `resolved` is the archive's URL, "" where the lockfile leaves it out.
    """

    folder: str
    package: str
    version: str
    scope: Scope
    bundled: bool
    resolved: str
    needs: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lockfile, read. `version` is its lockfileVersion, `flat` whether it has `packages`.

    `local` are the folders of the repository's own packages; `elsewhere` are those of which no registry
    has the content: links (None), and what is not handled (why).
    """

    document: Document
    version: int
    flat: bool
    copies: Mapping[str, Copy]
    local: tuple[str, ...]
    elsewhere: Mapping[str, Failure | None]

    @property
    def name(self) -> str:
        """The path of the file."""
        return self.document.name

    def found_from(self, folder: str, key: str) -> str | None:
        """The folder that Node.js finds when code in `folder` asks for `key`; None when it is not installed."""
        while True:
            candidate = f"{folder}/{FOLDER}{key}" if folder else FOLDER + key
            if candidate in self.copies or candidate in self.elsewhere:
                return candidate
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def copy_from(self, folder: str, key: str) -> Copy | None:
        """The copy that code in `folder` gets for `key`; None when it gets none from a registry."""
        return self.copies.get(self.found_from(folder, key) or "")

    def lines(self) -> Mapping[str, int]:
        """The line of every folder's entry."""
        place = _flat_folder if self.flat else _tree_folder
        found = objects(self.document.text)
        return {folder: line for path, line in found if (folder := place(path)) is not None}


def lock(document: Document) -> Lock:
    """The lock that a document holds. Raises ManifestError for a newer format or a shape that is no lock."""
    name, top = document.name, _object(document.value, document.name)
    version = top.get("lockfileVersion", 1)
    if type(version) is not int or version < 1:
        raise ManifestError(f"{name}: lockfileVersion {version!r} is not a version: let npm write the file anew")
    if version > NEWEST:
        raise ManifestError(
            f"{name}: lockfile version {version} is newer than this program understands ({NEWEST}): update the bot"
        )
    flat = "packages" in top
    entries = _object(top["packages"], name) if flat else dict(_tree(top, name, ""))
    check_packages(name, len(entries))
    copies: dict[str, Copy] = {}
    elsewhere: dict[str, Failure | None] = {}
    for folder, value in entries.items():
        entry = _object(value, name, folder)
        if not _is_installed(folder) or _is_absent(entry):
            continue
        found = None if entry.get("link") is True else _copy(folder, entry, name)
        if isinstance(found, Copy):
            copies[folder] = found
        else:
            elsewhere[folder] = found
    local = tuple(folder for folder in entries if folder and not _is_installed(folder))
    return Lock(document, version, flat, copies, local, elsewhere)


def with_known_registry(before: Lock, after: Lock, elsewhere: Collection[str]) -> Mapping[Path, str]:
    """The URLs that `after` has to name so that every archive comes from the one registry that `before` names.

    npm writes the URL of the registry that it asked, which may be a mirror that only this machine reaches.
    `elsewhere` are the scopes with a registry of their own.
    """
    known = {root for copy in before.copies.values() if (root := _registry(copy))}
    if len(known) != 1:
        return {}
    (registry,) = known
    return {
        ("packages", copy.folder, "resolved"): registry + copy.resolved.removeprefix(other)
        for copy in after.copies.values()
        if (other := _registry(copy)) not in {"", registry} and copy.package.partition("/")[0] not in elsewhere
    }


def _registry(copy: Copy) -> str:
    """The registry in an archive's URL; "" when it does not tell."""
    root, name, _ = copy.resolved.partition(f"/{copy.package}/-/")
    return root if name else ""


def _tree(parent: Mapping[str, Json], name: str, folder: str) -> Iterator[tuple[str, Json]]:
    for key, value in _object(parent.get("dependencies", {}), name, folder).items():
        here = f"{folder}/{FOLDER}{key}" if folder else FOLDER + key
        yield here, value
        yield from _tree(_object(value, name, here), name, here)


def _is_installed(folder: str) -> bool:
    return folder.startswith(FOLDER) or f"/{FOLDER}" in folder


def _is_absent(entry: Mapping[str, Json]) -> bool:
    """npm also notes optional peers that it did not install; they have nothing but flags."""
    return "version" not in entry and "resolved" not in entry and bool({"optional", "peer"} & entry.keys())


def _copy(folder: str, entry: Mapping[str, Json], name: str) -> Copy | Failure:
    version, resolved = _text(entry, "version"), _text(entry, "resolved")
    if version.startswith(_ELSEWHERE) or resolved.startswith(("git", "file:")):
        reason = f"{name}: {folder!r} does not come from a registry and is not handled: check it yourself"
        return Failure(name, reason, fault=False)
    key = folder.rpartition(FOLDER)[2]
    _, aliased, version = asked("", version)
    package = _text(entry, "name") or aliased or key
    if not is_package_name(package) or not _VERSIONS.valid(version):
        return Failure(name, f"{name}: {folder!r} is not a package at a version: let npm write the file anew")
    return Copy(
        folder=folder,
        package=package,
        version=version,
        scope=next((scope for flag, scope in _FLAGS.items() if entry.get(flag) is True), Scope.RUNTIME),
        bundled=entry.get("inBundle") is True or entry.get("bundled") is True,
        resolved=resolved,
        needs=dict(_needs(entry)),
    )


def _needs(entry: Mapping[str, Json]) -> Iterator[tuple[tuple[str, str], str]]:
    # In a tree, `dependencies` are the nested copies and `requires` is what the package needs.
    sections = ("requires",) if "requires" in entry else SECTIONS
    for section in sections:
        needed = entry.get(section)
        for key, wanted in needed.items() if isinstance(needed, dict) else ():
            if isinstance(wanted, str):
                yield (section, key), wanted


def _flat_folder(path: Path) -> str | None:
    return str(path[1]) if len(path) == 2 and path[0] == "packages" else None


def _tree_folder(path: Path) -> str | None:
    sections, keys = path[::2], path[1::2]
    if len(sections) != len(keys) or any(section != "dependencies" for section in sections):
        return None
    return "/".join(FOLDER + str(key) for key in keys)


def _text(entry: Mapping[str, Json], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _object(value: Json, name: str, what: str = "") -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ManifestError(f"{name}: {what or 'the lockfile'!r} is not a JSON object: let npm write the file anew")
    return value
