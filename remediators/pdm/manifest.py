"""What a pyproject.toml asks pdm for: requirements, sources and overrides, and how one of them is moved or added.

Source: pdm's documentation of its [tool.pdm] tables, 2.4 to 2.29.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from packaging.utils import canonicalize_name

from remediators.api import Upgrade
from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.documents.toml_insertions import with_pair
from remediators.documents.toml_spans import Path
from remediators.errors import ManifestError
from remediators.index_urls import without_credentials
from remediators.python.pyproject_requirements import PDM_DEVELOPMENT, Named, named_requirements
from remediators.python.specifiers import raised, rewritten
from remediators.versions.pypi import PypiVersions
from state.model import Failure

_OVERRIDES = (("tool", "pdm", "resolution", "overrides"), ("tool", "pdm", "overrides"))
_VERSIONS = PypiVersions()
_MOST_SOURCES = 100
"""Tables and their patterns together; each is tried for each of the thousands of packages of a lockfile."""


def requirements(document: TomlDocument) -> tuple[tuple[Named, ...], tuple[Failure, ...]]:
    """Every requirement in file order, and those that are not handled."""
    named, problems = named_requirements(document, PDM_DEVELOPMENT)
    others = ("tool", "uv")
    return tuple(item for item in named if item.scope is not None and item.path[:2] != others), problems


def overrides(document: TomlDocument) -> Mapping[str, Path]:
    """Where the overrides are written, by normalised name of the package."""
    return {
        canonicalize_name(name): (*table, name)
        for table in reversed(_OVERRIDES)
        for name, value in document.table(*table).items()
        if isinstance(value, str)
    }


def sources(document: TomlDocument) -> tuple[Mapping[str, object], ...]:
    """The tables of [[tool.pdm.source]]. Raises ManifestError for more than are looked through for each package."""
    listed = document.table("tool", "pdm").get("source")
    found = tuple(table for table in listed if isinstance(table, Mapping)) if isinstance(listed, list) else ()
    included = (table.get("include_packages") for table in found)
    patterns = sum(len(each) for each in included if isinstance(each, list))
    if len(found) + patterns > _MOST_SOURCES:
        raise ManifestError(
            f"{document.name} has {len(found):,} sources that name {patterns:,} packages, and at most {_MOST_SOURCES} "
            "of both are looked through: use patterns, such as house-*"
        )
    return found


def index(document: TomlDocument, package: str) -> str | None:
    """Where a package comes from; None for the ecosystem's own index, which a source named `pypi` replaces."""
    default = None
    for source in sources(document):
        url = without_credentials(str(source.get("url", ""))) or None
        included = source.get("include_packages")
        if isinstance(included, list) and any(fnmatchcase(package, str(pattern)) for pattern in included):
            return url
        if source.get("name") == "pypi":
            default = url
    return default


def moved(document: TomlDocument, upgrade: Upgrade) -> bytes:
    """The manifest with the requirements and overrides rewritten that refuse the new version.

    Raises ManifestError when one cannot be.
    """
    package = canonicalize_name(upgrade.package)
    named = [item for item in requirements(document)[0] if item.requirement.name == package]
    specifiers = [item.requirement.specifier for item in named]
    override = overrides(document).get(package)
    try:
        changes = rewritten(specifiers, upgrade.before, upgrade.after, locked=True)
        edits = {named[place].path: Edit(*named[place].requirement.span, new) for place, new in changes.items()}
        if override is not None:
            written = document.string(override)
            new = _override(written, upgrade)
            edits |= {override: Edit(0, len(written), new)} if new != written else {}
    except ValueError as error:
        raise ManifestError(f"{document.name}: {upgrade.package}: {error}; change it by hand") from error
    return document.spliced(edits)


def overridden(document: TomlDocument, upgrade: Upgrade) -> bytes:
    """With an override that sets aside what others require; from the fixed version up, as later ones are fixed too."""
    package = canonicalize_name(upgrade.package)
    edited = read_toml(document.name, moved(document, upgrade))
    if package in overrides(edited):
        return edited.spliced({})
    return with_pair(edited, _OVERRIDES[0], package, f">={upgrade.after}")


def _override(written: str, upgrade: Upgrade) -> str:
    """A bare version is a pin."""
    if _VERSIONS.valid(written):
        return upgrade.after
    return written if _VERSIONS.satisfies(upgrade.after, written) else raised(written, upgrade.before, upgrade.after)
