"""The indexes that a pyproject.toml names for uv, and which package comes from which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from remediators.index_urls import without_credentials
from remediators.toml_document import TomlDocument

_LOCAL_SOURCES = ("git", "url", "path", "workspace")


@dataclass(frozen=True, slots=True)
class UvIndexes:
    """`default` replaces the ecosystem's own index; `of_package` holds the packages that are tied to another one.

    `urls` is every index that is named. Credentials are left out. `local` are the packages that come from Git,
    a URL or a folder instead.
    """

    default: str | None
    of_package: Mapping[str, str]
    urls: frozenset[str]
    local: frozenset[str]

    def of(self, package: str) -> str | None:
        """Where `package` comes from; None for the ecosystem's own index."""
        return self.of_package.get(package, self.default)


def read_indexes(document: TomlDocument) -> UvIndexes:
    """What `tool.uv.index`, `tool.uv.index-url` and `tool.uv.sources` say."""
    settings = document.table("tool", "uv")
    listed = settings.get("index")
    tables = [table for table in listed if isinstance(table, Mapping)] if isinstance(listed, list) else []
    legacy = settings.get("index-url")
    named = {str(table.get("name", "")): without_credentials(str(table.get("url", ""))) for table in tables}
    defaults = [str(table.get("url", "")) for table in tables if table.get("default") is True]
    defaults += [legacy] if isinstance(legacy, str) else []
    default = without_credentials(defaults[0]) if defaults else None
    sources = _sources(document)
    return UvIndexes(
        default=default,
        of_package={package: named[name] for package, kind, name in sources if kind == "index" and name in named},
        urls=frozenset((*named.values(), *([default] if default else []))),
        local=frozenset(package for package, kind, _ in sources if kind in _LOCAL_SOURCES),
    )


def _sources(document: TomlDocument) -> list[tuple[str, str, str]]:
    """(package, kind, value) of every key in `tool.uv.sources`; a package may list several."""
    return [
        (canonicalize_name(package), str(kind), str(value))
        for package, source in document.table("tool", "uv", "sources").items()
        for choice in (source if isinstance(source, list) else [source])
        if isinstance(choice, Mapping)
        for kind, value in choice.items()
    ]
