"""package.json: what it asks for, line by line, and the Node.js that it promises to run on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediators.bounds import JSON_MANIFEST, check_requirements
from remediators.documents.json_spans import Document, Json, Path, members
from remediators.errors import ManifestError
from remediators.versions.npm import NpmVersions
from state.model import Failure, Scope

SECTIONS = {
    "dependencies": Scope.RUNTIME,
    "optionalDependencies": Scope.OPTIONAL,
    "devDependencies": Scope.DEV,
    "peerDependencies": Scope.PEER,
}
"""Where requirements stand, and what they are for; the most exposed first."""

_NAME = re.compile(r"(?:@[\w.~!'()*-]+/)?[\w~!'()*-][\w.~!'()*-]*", re.ASCII)
_LONGEST_NAME = 214
_SHOWN = 100
_PROTOCOL = "npm:"
_ALIAS = re.compile(r"(?P<name>@?[^@]*)(?:@(?P<range>.*))?", re.DOTALL)
_TAG = re.compile(r"[A-Za-z][\w.~!'()*-]*", re.ASCII)
_ARCHIVES = (".tgz", ".tar.gz", ".tar")
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of a package.json.

    `key` is the folder that it installs to, `package` what is installed there (they differ for an alias).
    `written` is the whole string, `prefix` its alias part ("npm:name@", or berry's "npm:"), `spec` the range or
    dist-tag behind it.
    """

    manifest: str
    section: str
    key: str
    package: str
    written: str
    prefix: str
    spec: str
    line: int

    @property
    def path(self) -> Path:
        """Where it stands in the document."""
        return (self.section, self.key)

    @property
    def is_range(self) -> bool:
        """Whether `spec` is a range; else it is a dist-tag ("latest")."""
        return is_range(self.spec)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package.json, read. `elsewhere` are the keys of lines that no registry can answer, each with the reason."""

    document: Document
    requirements: tuple[Requirement, ...]
    elsewhere: tuple[tuple[str, Failure], ...]
    engines: str

    @property
    def name(self) -> str:
        """The path of the file."""
        return self.document.name


def manifest(document: Document, *, berry: bool = False) -> Manifest:
    """The manifest that a document holds, as npm or Yarn berry reads it.

    Raises ManifestError for one of another shape, or too large.
    """
    JSON_MANIFEST.check(document.name, document.text.encode())
    top = _object(document, document.value, "the file")
    lines = tuple(_lines(document, top))
    check_requirements(document.name, len(lines))
    found = [(line[1], _requirement(document.name, *line, berry=berry)) for line in lines]
    engines = top.get("engines")
    node = engines.get("node") if isinstance(engines, dict) else None
    return Manifest(
        document=document,
        requirements=tuple(line for _, line in found if isinstance(line, Requirement)),
        elsewhere=tuple((key, line) for key, line in found if isinstance(line, Failure)),
        engines=node if isinstance(node, str) and is_range(node) else "",
    )


def asked(key: str, written: str, *, berry: bool = False) -> tuple[str, str, str]:
    """The prefix, package and range of what is asked for under `key`.

    | written       | means                                                                     |
    |---------------|---------------------------------------------------------------------------|
    | `^1.0`        | a range of the key's own package                                          |
    | `npm:b@^1.0`  | a range of another package                                                |
    | `npm:^1.0`    | berry's spelling of the first; npm can do nothing with it                 |
    | `npm:next`    | in berry a dist-tag of the key's own package, else any version of another |
    """
    rest = written.removeprefix(_PROTOCOL)
    found = _ALIAS.fullmatch(rest)
    if rest == written or found is None:
        return "", key, written
    if found["range"] is None and (berry or is_range(rest)):
        return _PROTOCOL, key, rest
    return f"{_PROTOCOL}{found['name']}@", found["name"], found["range"] or ""


def is_package_name(name: str) -> bool:
    """Whether a registry can have a package of that name."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def is_range(spec: str) -> bool:
    """Whether npm reads `spec` as a range of versions rather than as a dist-tag."""
    try:
        _VERSIONS.satisfies("0.0.0", spec)
    except ValueError:
        return False
    # Inside a range npm skips words that it cannot read; what cannot be shown or stored is none for us.
    return spec.isprintable()


def is_tag(spec: str) -> bool:
    """Whether `spec` can be a dist-tag, which a registry resolves."""
    return not is_range(spec) and _TAG.fullmatch(spec) is not None


def _lines(document: Document, top: dict[str, Json]) -> Iterator[tuple[str, str, Json, int]]:
    lines = {member.path: member.line for member in members(document.text, deepest=2)}
    for section in SECTIONS:
        # npm takes an empty array for an empty object, and some old tools wrote one.
        for key, spec in _object(document, top.get(section) or {}, f"`{section}`").items():
            yield section, key, spec, lines[section, key]


def _requirement(name: str, section: str, key: str, spec: Json, line: int, *, berry: bool) -> Requirement | Failure:
    place = f"{name}:{line}: {key[:_LONGEST_NAME]!r}"
    if not isinstance(spec, str):
        return Failure(name, f"{place} has a requirement that is not a string: npm ignores it")
    prefix, package, wanted = asked(key, spec, berry=berry)
    if not is_package_name(package) or not is_package_name(key):
        return Failure(name, f"{place} is not the name of a package that a registry can have: correct it")
    if "/" in wanted or ":" in wanted or wanted.endswith(_ARCHIVES):
        reason = f"{place} does not come from a registry and is not handled: check it yourself"
        return Failure(name, reason, fault=False)
    if not is_range(wanted) and not is_tag(wanted):
        return Failure(name, f"{place}: {wanted[:_SHOWN]!r} is neither a range nor a dist-tag: correct it")
    return Requirement(name, section, key, package, spec, prefix, wanted, line)


def _object(document: Document, value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ManifestError(f"{document.name}: {what} is not a JSON object: correct it")
    return value
