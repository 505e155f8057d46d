"""Folders and files that projects of npm, Yarn and pnpm name: what is a place, and none may be outside the repository.

| written                           | leads to                                                |
|-----------------------------------|---------------------------------------------------------|
| `file:../x`, `link:`, `portal:`   | there; `workspace:` to a folder of the workspace        |
| `git+file:///srv/x`               | a repository there                                      |
| `../x`, `..`, `/x`, `~/x`, `a/./b`| there: anything with a slash that has no protocol       |
| `patch:x@SOURCE#../x.patch`       | the source, and the patch; `~/` is the project          |

Source: npm-package-arg 12, `@yarnpkg/plugin-patch`, `@pnpm/local-resolver`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from remediators.documents.json_spans import Json
from remediators.documents.yaml_spans import Yaml
from remediators.inside import check_inside
from remediators.npm.lock import Lock
from remediators.npm.manifest import SECTIONS, Manifest
from remediators.npm.workspaces import WORKSPACES, named

_PNPM = ("overrides", "packageExtensions", "patchedDependencies")
# What may be built is read from a file, of which an error quotes the beginning.
_OF_PNPM = (*_PNPM, "onlyBuiltDependenciesFile")
_ASKING = (
    *((section,) for section in SECTIONS),
    ("overrides",),
    ("resolutions",),
    *(("pnpm", key) for key in _OF_PNPM),
)
OF_WORKSPACE = (*_PNPM, "catalog", "catalogs")
"""Where a pnpm-workspace.yaml can name a folder or a file, besides its globs."""
_LOCAL = re.compile(r"(?:(?:git\+)?file|link|portal|workspace):(?P<place>.*+)", re.DOTALL | re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_PATCH = "patch:"
_OF_PROJECT = re.compile(r"^(?:optional!)?(?:~/*)?")
_DEEPEST_PATCH = 5


def check_folders(manifest: Manifest) -> None:
    """Raise ToolError where one of a package.json is outside the repository: all three look there."""
    check_inside(manifest.name, WORKSPACES, named(manifest.document.value))
    for keys in _ASKING:
        value = manifest.document.value
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        check_written(manifest.name, ".".join(keys), value)


def check_locked(lock: Lock) -> None:
    """Raise ToolError where a lockfile has npm look outside: for a package, or for what one needs."""
    here = posixpath.dirname(lock.name)
    for folder, copy in lock.copies.items():
        for written in copy.needs.values():
            check_inside(lock.name, folder, places_of(written), posixpath.join(here, folder))
    for name, written in _resolved(lock.document.value):
        check_inside(lock.name, name, places_of(written))


def check_written(name: str, setting: str, value: Json | Yaml) -> None:
    """Raise ToolError where a string in a value, a setting of a file, leads outside."""
    for written in _strings(value):
        check_inside(name, setting, places_of(written))


def places_of(written: str, deepest: int = _DEEPEST_PATCH) -> Iterator[str]:
    """The places that something asked for leads to; a range or a tag is a name in the folder itself."""
    if written.startswith(_PATCH) and deepest:
        source, _, patches = written.removeprefix(_PATCH).partition("#")
        asked = unquote(source)
        yield from places_of(asked[1:].partition("@")[2], deepest - 1)
        for patch in patches.partition("::")[0].split("&"):
            yield _OF_PROJECT.sub("", patch)
        return
    found = _LOCAL.match(written)
    if found is None and _SCHEME.match(written):
        return
    place = unquote(found["place"]) if found is not None else written
    yield place[1:] if place.startswith("~/") else place


def _resolved(value: Json) -> Iterator[tuple[str, str]]:
    """Where the packages of a lockfile come from, by how it names them; a link's folder has no protocol."""
    top = value if isinstance(value, dict) else {}
    waiting = [top.get("packages"), top.get("dependencies")]
    while waiting:
        entries = waiting.pop()
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            fields = entry if isinstance(entry, dict) else {}
            found = (fields.get("resolved"), fields.get("version"))
            yield from ((name, written) for written in found if isinstance(written, str))
            waiting.append(fields.get("dependencies"))


def _strings(value: Json | Yaml) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as inner:
                waiting.extend(inner.values())
            case list() as listed:
                waiting.extend(listed)
