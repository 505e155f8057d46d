"""The requirements that a pyproject.toml names, with their lines, and what in it belongs to tools not handled yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from remediators.bounds import check_requirements
from remediators.documents.toml_document import TomlDocument
from remediators.documents.toml_spans import Path
from remediators.index_urls import redacted
from remediators.python.requirement import PythonRequirement, read_requirement
from state.model import Failure, Scope

Array = tuple[tuple[str | None, ...], Scope | None]
"""Where an array of requirements is, and what it is for."""

_ARRAYS: tuple[Array, ...] = (
    (("project", "dependencies"), Scope.RUNTIME),
    (("project", "optional-dependencies", None), Scope.OPTIONAL),
    (("dependency-groups", None), Scope.DEV),
    (("tool", "uv", "dev-dependencies"), Scope.DEV),
    (("tool", "uv", "constraint-dependencies"), None),
    (("tool", "uv", "override-dependencies"), None),
)
"""Arrays of requirements; None stands for any name, and for a scope: it limits a version and asks for nothing."""

PDM_DEVELOPMENT: Array = (("tool", "pdm", "dev-dependencies", None), Scope.DEV)
"""PDM's own development dependencies, by group; newer ones stand in [dependency-groups]."""

_FOREIGN = (
    (("tool", "poetry"), ("dependencies", "group", "dev-dependencies"), "Poetry"),
    (("tool", "pdm"), ("dev-dependencies",), "PDM"),
    (("tool", "flit", "metadata"), ("requires", "dev-requires", "requires-extra"), "Flit"),
)
"""Where other tools keep requirements of their own."""


@dataclass(frozen=True, slots=True)
class Named:
    """A requirement as a pyproject.toml names it. `scope` is None for one that only limits a version."""

    path: Path
    line: int
    requirement: PythonRequirement
    scope: Scope | None


def named_requirements(document: TomlDocument, *more: Array) -> tuple[tuple[Named, ...], tuple[Failure, ...]]:
    """Every requirement, also those of `more` arrays, and those that are not handled."""
    named: list[Named] = []
    problems: list[Failure] = []
    own = str(document.table("project").get("name", ""))
    placed = [
        (path, span, array[1])
        for path, span in document.spans().items()
        for array in (*_ARRAYS, *more)
        if _is_element(path, array[0])
    ]
    check_requirements(document.name, len(placed))
    for path, span, scope in placed:
        line = document.line(span)
        try:
            requirement = read_requirement(document.string(path))
        except ValueError as error:
            problems.append(_problem(document, path, line, str(error), fault=True))
            continue
        if requirement.url:
            reason = "a URL requirement has no version to look up; depend on a release of an index"
            problems.append(_problem(document, path, line, reason, fault=False))
        # A project names itself to join its own extras.
        elif requirement.name != canonicalize_name(own):
            named.append(Named(path, line, requirement, scope))
    return tuple(named), tuple(problems)


def foreign_requirements(document: TomlDocument, *handled: str) -> Iterator[Failure]:
    """The tables of tools that are not `handled` and hold requirements, as left out."""
    for table, keys, tool in _FOREIGN:
        found = [key for key in keys if key in document.table(*table)]
        if found and tool not in handled:
            where = ".".join((*table, found[0]))
            reason = f"{document.name}: [{where}]: requirements of {tool} are not handled here; keep them in [project]"
            yield Failure(document.name, reason, fault=False)


def _is_element(path: Path, array: tuple[str | None, ...]) -> bool:
    return (
        len(path) == len(array) + 1
        and isinstance(path[-1], int)
        and all(wanted in {None, step} for wanted, step in zip(array, path, strict=False))
    )


def _problem(document: TomlDocument, path: Path, line: int, reason: str, *, fault: bool) -> Failure:
    shown = redacted(document.string(path))
    cut = shown if len(shown) <= 80 else shown[:79] + "…"
    return Failure(document.name, f"line {line} of {document.name}: {reason}: {cut}", fault)
