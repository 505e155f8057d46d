"""`overrides` of npm: what has to stand there so that a package gets a version that others refuse.

| stands there                     | to move ms from 2.0.0 to 2.0.5 | why                                              |
|----------------------------------|--------------------------------|--------------------------------------------------|
| nothing that applies             | `"ms@2.0.0": "2.0.5"` is added | who asks for other versions keeps them           |
| `"ms": "2.0.0"`, at any depth    | `"ms": "2.0.5"`                | it leads to the old version itself               |
| `"ms": "$ms"`                    | as it is                       | it follows what the project asks for             |
| `"ms": {".": "2.0.0", …}`        | `"ms": {".": "2.0.5", …}`      | npm's form for a package and what is below it    |
| the project asks for `ms` `^2.0` | `"ms@2.0.0": "$ms"`            | npm refuses one that contradicts it (EOVERRIDE)  |

Source: npm's "package.json" reference, `overrides`. A key with a range applies where that range and the one
asked for have a version in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.json_members import with_string
from remediators.documents.json_spans import Json, Path, read
from remediators.errors import BlockedError
from remediators.npm.manifest import Manifest, is_range, manifest
from remediators.versions.npm import NpmVersions

FIELD = "overrides"
_ITSELF = "."
_VERSIONS = NpmVersions()


def with_overrides(name: str, content: bytes, upgrades: Sequence[Upgrade]) -> bytes:
    """The root package.json `content`, with an entry for each of the upgrades that ask for one.

    Raises ManifestError when `overrides` is not an object.
    """
    for upgrade in upgrades:
        if upgrade.override:
            root = manifest(read(content, name))
            for path, version in _entries(root, upgrade).items():
                content = with_string(read(content, name), path, version)
    return content


def check_known(lockfile: str, version: int) -> None:
    """Raise BlockedError when the npm that writes such a lockfile knows no overrides."""
    if version < 2:
        raise BlockedError(
            f"{lockfile}: lockfile version {version} is of an npm that knows no `overrides`: "
            "let npm 8.3 or newer write it anew"
        )


def _entries(root: Manifest, upgrade: Upgrade) -> Mapping[Path, str]:
    top = root.document.value
    overrides = top.get(FIELD) if isinstance(top, dict) else None
    found = {path: value for path, value in _leaves(overrides, (FIELD,)) if _name(path) == upgrade.package}
    general = {path for path in found if len(_places(path)) == 2 and _applies(path, upgrade)}
    stale = {
        path: upgrade.after
        for path, value in found.items()
        if is_range(value) and (path in general or _VERSIONS.satisfies(upgrade.before, value))
    }
    if general:
        return stale
    key = f"{upgrade.package}@{upgrade.before}"
    below = overrides.get(key) if isinstance(overrides, dict) else None
    path: Path = (FIELD, key, _ITSELF) if isinstance(below, dict) else (FIELD, key)
    return {**stale, path: f"${upgrade.package}" if _is_own(root, upgrade) else upgrade.after}


def _leaves(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))


def _places(path: Path) -> Path:
    """The path without npm's word for the package itself."""
    return path[:-1] if path[-1] == _ITSELF else path


def _name(path: Path) -> str:
    key = str(_places(path)[-1])
    return key[:1] + key[1:].partition("@")[0]


def _applies(path: Path, upgrade: Upgrade) -> bool:
    """Whether npm looks at the entry for a requirement that admits the version from which the package moves."""
    asked = str(_places(path)[-1])[1:].partition("@")[2]
    return not is_range(asked) or _VERSIONS.satisfies(upgrade.before, asked)


def _is_own(root: Manifest, upgrade: Upgrade) -> bool:
    """Whether the project itself asks for the package by a range that the entry would apply to."""
    return any(
        line.key == line.package == upgrade.package and line.is_range and _VERSIONS.satisfies(upgrade.before, line.spec)
        for line in root.requirements
    )
