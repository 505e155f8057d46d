"""What Yarn would have to build or run to resolve a project: refused before it starts, wherever it runs.

Berry takes more for a dependency than a package: `exec:` is a program that makes one, and what comes from Git is built.
It resolves what `resolutions`, `packageExtensions`, catalogs and the lockfile itself ask for as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from remediators.errors import ToolError
from remediators.npm.manifest import SECTIONS
from remediators.yarn.config import EXTENSIONS
from remediators.yarn.project import Project, field, resolved_package

_EXEC = "exec:"
_PATCH = "patch:"
_HARMLESS = ("npm:", "workspace:", "link:", "portal:", "catalog:", _PATCH)
_DEEPEST_PATCH = 5


def check_harmless(found: Project) -> None:
    """Raise ToolError for what Yarn would build or run: `exec:`, and what no registry has and nobody has locked."""
    for entry in found.lock.entries if found.lock.berry else ():
        if entry.problem is not None and "checksum" not in entry.block.fields:
            raise ToolError(f"{entry.problem.reason}; yarn would build it to relock: run yarn install")
    for place, key, written in _asked(found):
        meant = _unpatched(key, written)
        if any(_EXEC in text for text in (written, *meant)):
            reason = "is made by a program of the repository (exec:), which is not run: relock it by hand"
            raise ToolError(f"{place}: {key[:200]!r} {reason}")
        name, spec = meant
        if not _is_harmless(spec) and found.lock.find(found.lock.pattern(name, spec)) is None:
            where = f"does not come from a registry, and is not in {found.lock.name}"
            raise ToolError(f"{place}: {key[:200]!r} {where}; yarn would fetch and build it: run yarn install")


def _is_harmless(spec: str) -> bool:
    return spec.startswith(_HARMLESS) or not (":" in spec or "/" in spec)


def _unpatched(key: str, written: str) -> tuple[str, str]:
    """The package and range that a patch is of, or a patch of a patch; what is no patch is that itself."""
    for _ in range(_DEEPEST_PATCH):
        if not written.startswith(_PATCH):
            break
        source = unquote(written.removeprefix(_PATCH).partition("#")[0])
        name, at, spec = source[1:].partition("@")
        if not at:
            break
        key, written = source[:1] + name, spec
    return key, written


def _asked(found: Project) -> Iterator[tuple[str, str, str]]:
    """Everything that asks for a package: where it stands, the name, and what is asked for."""
    for manifest in found.manifests.values():
        for section in SECTIONS:
            yield from ((manifest.name, key, to) for key, to in _strings(field(manifest, section)))
    if found.lock.berry:
        yield from _asked_of_berry(found)


def _asked_of_berry(found: Project) -> Iterator[tuple[str, str, str]]:
    yield from ((found.root.name, resolved_package(key), to) for key, to in found.resolutions.items())
    settings = found.config.deciding
    extensions = settings.get(EXTENSIONS)
    for extension in extensions.values() if isinstance(extensions, dict) else ():
        needed = extension.get("dependencies") if isinstance(extension, dict) else None
        yield from ((found.config.name, key, to) for key, to in _strings(needed))
    catalogs = settings.get("catalogs")
    for catalog in (settings.get("catalog"), *(catalogs.values() if isinstance(catalogs, dict) else ())):
        yield from ((found.config.name, key, to) for key, to in _strings(catalog))
    for entry in found.lock.entries:
        place = f"{found.lock.name}:{entry.block.line}"
        yield from ((place, key, to) for (_, key), to in entry.needs.items())
        for pattern in entry.patterns:
            name, _, spec = pattern[1:].partition("@")
            yield place, pattern[:1] + name, spec


def _strings(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((key, written) for key, written in value.items() if isinstance(written, str))
