"""A compiled requirements file, and what it was compiled from: `requirements.in`, pyproject.toml, their includes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from remediators.api import Reader
from remediators.bounds import TOML_MANIFEST
from remediators.compiled.header import Command, read_command
from remediators.documents.text_edits import decoded
from remediators.documents.toml_document import read_toml
from remediators.errors import ManifestError
from remediators.requirements.tree import reached

_DEFAULT_SOURCES = ("requirements.in", "setup.py", "pyproject.toml", "setup.cfg")
"""What pip-compile reads when its command names nothing, in this order."""

_CONFIGURATION = {"pip-compile": (), "uv": ("pyproject.toml", "uv.toml"), "uv export": ("uv.toml",)}
_EXPORTED = {"uv export": ("uv.lock",)}
"""What else a command reads without naming it."""

_NEEDS_BUILD = ("dependencies", "optional-dependencies")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled file: the folder its command ran in, and the files that it names, as paths of the repository."""

    lockfile: str
    command: Command
    folder: str
    sources: tuple[str, ...]
    constraints: tuple[str, ...]
    overrides: tuple[str, ...]

    def from_folder(self, path: str) -> str:
        """A path of the repository as the command names it."""
        return posixpath.relpath(path, self.folder or ".")

    def named(self) -> tuple[str, ...]:
        """Every file that the command names."""
        return (*self.sources, *self.constraints, *self.overrides)

    def files(self, read: Reader) -> tuple[str, ...]:
        """Every file that a recompilation reads, and the lockfile last."""
        includes = (path for name in self.named() if not _is_project(name) for path in reached(name, read))
        configuration = (posixpath.join(self.folder, name) for name in _CONFIGURATION[self.command.tool])
        settings = (path for path in configuration if b"tool.uv" in (read(path) or b"") or path.endswith("uv.toml"))
        settings = (path for path in settings if read(path) is not None)
        besides = _joined(self.folder, _EXPORTED.get(self.command.tool, ()))
        exported = (path for path in besides if read(path) is not None)
        return tuple(dict.fromkeys((*self.named(), *exported, *includes, *settings, self.lockfile)))


def compiled(path: str, read: Reader) -> tuple[Compiled | None, str]:
    """How `path` was compiled; else None with the reason for which a compiled file is not compiled again.

    None and "" is a file that a person wrote. Raises ManifestError for a file that cannot be read.
    """
    raw = read(path)
    command = None if raw is None else read_command(decoded(path, raw).content)
    if command is None or command.refused:
        return None, command.refused if command else ""
    for folder in _folders(path):
        names = command.sources or tuple(filter(None, [_default(folder, command, read)]))
        found = Compiled(
            path,
            command,
            folder,
            _joined(folder, names),
            _joined(folder, command.paths("-c", "--constraint", "--constraints")),
            _joined(folder, command.paths("--override", "--overrides")),
        )
        is_output = not command.output or _joined(folder, (command.output,)) == (path,)
        if names and is_output and path not in found.named() and all(read(name) is not None for name in found.named()):
            return (found, "") if not (reason := _not_run(found, read)) else (None, reason)
    return None, "what it was compiled from is not in the repository"


def _folders(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _joined(folder: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of the repository; one that would leave it stands for no file."""
    paths = (posixpath.normpath(posixpath.join(folder, name)) for name in names)
    return tuple("" if path.startswith(("../", "/")) or path == ".." else path for path in paths)


def _default(folder: str, command: Command, read: Reader) -> str | None:
    if command.tool == "uv export":
        return "pyproject.toml" if read(posixpath.join(folder, "uv.lock")) is not None else None
    if command.tool != "pip-compile":
        return None
    return next((name for name in _DEFAULT_SOURCES if read(posixpath.join(folder, name)) is not None), None)


def _is_project(path: str) -> bool:
    return posixpath.basename(path) in {"pyproject.toml", "setup.cfg", "setup.py"}


def _not_run(found: Compiled, read: Reader) -> str:
    """Why a compilation would need a build, which the bot never makes; "" when it would not."""
    if found.command.tool == "uv export":
        missing = [path for path in _joined(found.folder, _EXPORTED["uv export"]) if read(path) is None]
        return f"it was exported from {missing[0]}, which does not exist" if missing else ""
    for path in found.sources:
        name = posixpath.basename(path)
        if name in {"setup.py", "setup.cfg"}:
            return f"it was compiled from {path}, which only a build could read"
        if name == "pyproject.toml":
            project = read_toml(path, read(path) or b"", TOML_MANIFEST).table("project")
            dynamic = project.get("dynamic")
            unknown = [field for field in _NEEDS_BUILD if isinstance(dynamic, list) and field in dynamic]
            if "name" not in project or unknown:
                return f"it was compiled from {path}, whose dependencies only a build could tell"
        elif posixpath.splitext(name)[1] not in {".in", ".txt"}:
            return f"it was compiled from {path}, which is no requirements file"
    return ""


def project_files(found: Compiled) -> tuple[str, ...]:
    """The pyproject.toml files among the sources."""
    return tuple(path for path in found.sources if posixpath.basename(path) == "pyproject.toml")


def requirement_files(found: Compiled, read: Reader) -> tuple[str, ...]:
    """The requirements files that ask for packages: sources and what they include; not what only limits them."""
    return tuple(dict.fromkeys(path for name in found.sources if not _is_project(name) for path in reached(name, read)))


def checked(path: str, read: Reader) -> Compiled:
    """How `path` was compiled. Raises ManifestError when its header does not tell any more."""
    found, reason = compiled(path, read)
    if found is None:
        raise ManifestError(f"{path} cannot be compiled again: {reason or 'it has no header'}; scan the project again")
    return found
