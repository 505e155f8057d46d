"""What a pyproject.toml asks Poetry for: the requirements of [tool.poetry] and of [project], and how one is moved.

Source: Poetry's documentation of the pyproject.toml file and of dependency specification, 1.0 to 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.bounds import check_requirements
from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import TomlDocument
from remediators.documents.toml_spans import Path
from remediators.errors import ManifestError
from remediators.index_urls import without_credentials
from remediators.poetry import constraint as poetry_constraint
from remediators.python import specifiers as python_specifiers
from remediators.python.pyproject_requirements import named_requirements
from state.model import Failure, Scope

_ELSEWHERE = {"git": "Git", "path": "a folder or a file", "file": "a file", "url": "a URL"}
_SECONDARY = frozenset(("secondary", "supplemental", "explicit"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement. `written` is its version constraint, at `path`, from the character `start` of that string on.

    `own` is whether it is in Poetry's own syntax rather than in that of PEP 508. `extras` are those it asks for.
    """

    package: str
    written: str
    path: Path
    start: int
    line: int
    scope: Scope
    own: bool
    extras: tuple[str, ...] = ()
    source: str = ""

    def admits(self, version: str) -> bool:
        """Whether the requirement lets `version` in, prereleases as well."""
        return poetry_constraint.admits(self.written, version)

    @property
    def pinned(self) -> str | None:
        """The one version that it allows; None for a range."""
        pinned = poetry_constraint.pinned if self.own else python_specifiers.pinned
        return pinned(self.written)

    @property
    def specifier(self) -> str:
        """The constraint as PEP 440 says it; as written where it cannot."""
        try:
            alternatives = poetry_constraint.pep440(self.written)
        except ValueError:
            return self.written
        return alternatives[0] if len(alternatives) == 1 else self.written

    def raised(self, before: str, after: str) -> str:
        """The constraint that admits `after` and refuses `before`. Raises ValueError."""
        raised = poetry_constraint.raised if self.own else python_specifiers.raised
        return raised(self.written, before, after)


@dataclass(frozen=True, slots=True)
class Sources:
    """`default` stands in for the ecosystem's own index; `named` is every source by its name in small letters."""

    default: str | None
    named: Mapping[str, str]

    def of(self, asked: Asked) -> str | None:
        """Where a requirement's package comes from; None for the ecosystem's own index."""
        return self.named.get(asked.source.lower()) if asked.source else self.default


def sources(document: TomlDocument) -> Sources:
    """What [[tool.poetry.source]] says; the first source that is not secondary is the default."""
    listed = document.table("tool", "poetry").get("source")
    tables = [table for table in listed if isinstance(table, Mapping)] if isinstance(listed, list) else []
    named = {str(table.get("name", "")).lower(): without_credentials(str(table.get("url", ""))) for table in tables}
    primary = [
        str(table.get("name", "")).lower()
        for table in tables
        if str(table.get("priority", "")).lower() not in _SECONDARY and table.get("secondary") is not True
    ]
    # PyPI itself is named without an address.
    return Sources(named[primary[0]] or None if primary else None, {name: url for name, url in named.items() if url})


def requirements(document: TomlDocument) -> tuple[tuple[Asked, ...], tuple[Failure, ...]]:
    """Every requirement, those of [project] first, and those that are not handled."""
    named, unreadable = named_requirements(document)
    standard = [
        Asked(
            package=item.requirement.name,
            written=item.requirement.specifier,
            path=item.path,
            start=item.requirement.span[0],
            line=item.line,
            scope=item.scope,
            own=False,
            extras=tuple(filter(None, item.requirement.rest[1:].partition("]")[0].split(","))),
        )
        for item in named
        if item.scope is not None and item.path[0] != "tool"
    ]
    own, problems = own_requirements(document)
    return (*standard, *own), (*unreadable, *problems)


def own_requirements(document: TomlDocument) -> tuple[tuple[Asked, ...], tuple[Failure, ...]]:
    """Every requirement of [tool.poetry], and those that are not handled."""
    read = list(_own_requirements(document))
    check_requirements(document.name, len(read))
    asked = tuple(found for found in read if isinstance(found, Asked))
    return asked, tuple(found for found in read if isinstance(found, Failure))


def platform(document: TomlDocument) -> str:
    """The Pythons that the project runs on, as PEP 440 says it; "" for no promise."""
    requires = document.table("project").get("requires-python")
    if isinstance(requires, str):
        return requires
    python = document.table("tool", "poetry", "dependencies").get("python")
    written = python.get("version") if isinstance(python, Mapping) else python
    try:
        alternatives = poetry_constraint.pep440(written) if isinstance(written, str) else ()
    except ValueError:
        return ""
    return alternatives[0] if len(alternatives) == 1 else ""


def moved(document: TomlDocument, upgrade: Upgrade, *, locked: bool) -> bytes:
    """The manifest with the requirements of a package rewritten; the same bytes when none has to be.

    With a lockfile those that refuse the new version are, without one also those that still admit the old one.
    Raises ManifestError when one cannot be moved.
    """
    package = canonicalize_name(upgrade.package)
    found = [asked for asked in requirements(document)[0] if asked.package == package]
    from_here = [asked for asked in found if asked.admits(upgrade.before)]
    ranges = [asked for asked in found if asked.pinned is None]
    edits: dict[Path, Edit] = {}
    for asked in from_here or ranges:
        if asked.admits(upgrade.after) and (locked or not from_here):
            continue
        try:
            new = asked.raised(upgrade.before, upgrade.after)
        except ValueError as error:
            raise ManifestError(
                f"{document.name} line {asked.line}: {upgrade.package}: {error}; change it by hand"
            ) from error
        edits[asked.path] = Edit(asked.start, asked.start + len(asked.written), new)
    if not (locked or edits or any(asked.admits(upgrade.after) for asked in found)):
        raise ManifestError(
            f"{document.name} has no requirement of {upgrade.package} at {upgrade.before} "
            f"that could move to {upgrade.after}; scan the project again"
        )
    return document.spliced(edits)


def _own_requirements(document: TomlDocument) -> Iterator[Asked | Failure]:
    spans = document.spans()
    for table, scope in _tables(document):
        for key, value in document.table(*table).items():
            package = canonicalize_name(key)
            if package == "python":
                continue
            for path, choice in _choices((*table, key), value):
                elsewhere = next((kind for kind in _ELSEWHERE if kind in choice), None)
                written = choice.get("version")
                if elsewhere is not None:
                    yield _from_elsewhere(document, key, elsewhere)
                # Without a version it only adds to a requirement of [project].
                elif isinstance(written, str):
                    place = path if path in spans else (*path, "version")
                    yield _asked(document, place, document.line(spans[place]), package, choice, scope)


def _asked(
    document: TomlDocument, path: Path, line: int, package: str, choice: Mapping[str, object], scope: Scope
) -> Asked | Failure:
    written, extras = document.string(path), choice.get("extras")
    try:
        poetry_constraint.pep440(written)
    except ValueError as error:
        return Failure(document.name, f"line {line} of {document.name}: {package}: {error}; correct it")
    return Asked(
        package=package,
        written=written,
        path=path,
        start=0,
        line=line,
        scope=Scope.OPTIONAL if choice.get("optional") is True and scope is Scope.RUNTIME else scope,
        own=True,
        extras=tuple(map(str, extras)) if isinstance(extras, list) else (),
        source=str(choice.get("source", "")),
    )


def _tables(document: TomlDocument) -> Iterator[tuple[tuple[str, ...], Scope]]:
    yield ("tool", "poetry", "dependencies"), Scope.RUNTIME
    yield ("tool", "poetry", "dev-dependencies"), Scope.DEV
    for group in document.table("tool", "poetry", "group"):
        yield ("tool", "poetry", "group", group, "dependencies"), Scope.DEV


def _choices(path: Path, value: object) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """A requirement as a table with its path; several where it depends on the environment."""
    match value:
        case str():
            yield path, {"version": value}
        case Mapping():
            yield path, value
        case list():
            for place, choice in enumerate(value):
                yield from _choices((*path, place), choice)


def _from_elsewhere(document: TomlDocument, package: str, kind: str) -> Failure:
    reason = (
        f"{document.name}: {package} comes from {_ELSEWHERE[kind]}, which has no released version; "
        "depend on a release of an index"
    )
    return Failure(document.name, reason, fault=False)
