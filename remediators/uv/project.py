"""A unit with a uv.lock, read: the projects of its workspace, those beside it, and the settings that bind them all."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from remediators.api import Reader, Unit
from remediators.bounds import TOML_MANIFEST
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.reading import content
from remediators.uv.indexes import UvIndexes, read_indexes
from remediators.uv.lock import UvLock, read_lock

MANIFEST = "pyproject.toml"
SETTINGS = "uv.toml"


@dataclass(frozen=True, slots=True)
class UvProject:
    """`documents` are the pyproject.toml of the root (".") and of its members, by folder as the lock names it."""

    lockfile: str
    lock: UvLock
    documents: Mapping[str, TomlDocument]
    settings: TomlDocument | None

    @property
    def root(self) -> TomlDocument:
        """The pyproject.toml beside the lockfile."""
        return self.documents["."]

    @property
    def urls(self) -> frozenset[str]:
        """Every index that the project names itself."""
        return frozenset(url for folder in self.documents for url in self.indexes(folder).urls)

    @property
    def platform(self) -> str:
        """The Pythons that the project promises to run on; of a workspace those that all its members do."""
        written = [document.table("project").get("requires-python") for document in self.documents.values()]
        promised = [text for text in written if isinstance(text, str)]
        return self.lock.requires_python if len(self.documents) > 1 and promised else "".join(promised)

    def indexes(self, folder: str) -> UvIndexes:
        """Where the project in `folder` takes its packages from; what a member does not say, its root says."""
        root = read_indexes(self.root, self.settings)
        return root if folder == "." else read_indexes(self.documents[folder], None).over(root)


def read_project(unit: Unit, lockfile: str, read: Reader) -> UvProject:
    """The files of a unit. Raises ManifestError when one cannot be read."""
    here = posixpath.dirname(lockfile)
    lock = read_lock(lockfile, content(lockfile, read))
    own = {package.folder for package in lock.packages if package.name in lock.members}
    places = {
        folder: posixpath.normpath(posixpath.join(here, folder, MANIFEST)) for folder in sorted(filter(None, own))
    }
    found = {folder: path for folder, path in places.items() if folder != "." and path in unit.files}
    settings = posixpath.join(here, SETTINGS)
    return UvProject(
        lockfile=lockfile,
        lock=lock,
        documents={
            folder: read_toml(path, content(path, read), TOML_MANIFEST)
            for folder, path in {".": unit.manifest, **found}.items()
        },
        settings=read_toml(settings, content(settings, read), TOML_MANIFEST) if settings in unit.files else None,
    )
