"""The indexes that a pyproject.toml or uv.toml names for uv, and which package comes from which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from remediators.documents.toml_document import TomlDocument
from remediators.index_urls import without_credentials

_LOCAL_SOURCES = ("git", "url", "path", "workspace")


@dataclass(frozen=True, slots=True)
class UvIndexes:
    """`default` replaces the ecosystem's own index; `of_package` holds the packages that are tied to another one.

    `urls` is every index that is named. Credentials are left out. `local` are the packages that come from Git,
    a URL or a folder instead, `sources` those of which the file says anything.
    """

    default: str | None
    of_package: Mapping[str, str]
    urls: frozenset[str]
    local: frozenset[str]
    named: Mapping[str, str]
    sources: Mapping[str, tuple[tuple[str, str], ...]]

    def of(self, package: str, locked_from: str = "") -> str | None:
        """Where `package` comes from; None for the ecosystem's own index.

        `locked_from` is the index in a lockfile: it tells which of several named ones has the package.
        """
        told = without_credentials(locked_from).rstrip("/")
        known = next((url for url in sorted(self.urls) if url.rstrip("/") == told), self.default)
        return self.of_package.get(package, known)

    def over(self, root: UvIndexes) -> UvIndexes:
        """These, and what the workspace's root says where the member says nothing."""
        sources = {**root.sources, **self.sources}
        return _indexes(root.default, {**root.named, **self.named}, sources)


def read_indexes(document: TomlDocument, settings_file: TomlDocument | None = None) -> UvIndexes:
    """What `tool.uv.index`, `tool.uv.index-url` and `tool.uv.sources` say; a uv.toml stands over the first two."""
    settings = document.table("tool", "uv") if settings_file is None else settings_file.root
    listed = settings.get("index")
    tables = [table for table in listed if isinstance(table, Mapping)] if isinstance(listed, list) else []
    legacy = settings.get("index-url")
    named = {str(table.get("name", "")): without_credentials(str(table.get("url", ""))) for table in tables}
    defaults = [str(table.get("url", "")) for table in tables if table.get("default") is True]
    defaults += [legacy] if isinstance(legacy, str) else []
    default = without_credentials(defaults[0]) if defaults else None
    return _indexes(default, named, _sources(document))


def _indexes(
    default: str | None, named: Mapping[str, str], sources: Mapping[str, tuple[tuple[str, str], ...]]
) -> UvIndexes:
    said = [(package, kind, value) for package, choices in sources.items() for kind, value in choices]
    return UvIndexes(
        default=default,
        of_package={package: named[name] for package, kind, name in said if kind == "index" and name in named},
        urls=frozenset((*named.values(), *([default] if default else []))),
        local=frozenset(package for package, kind, _ in said if kind in _LOCAL_SOURCES),
        named=named,
        sources=sources,
    )


def _sources(document: TomlDocument) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The (kind, value) of every source in `tool.uv.sources` by package, which may have several."""
    return {
        canonicalize_name(package): tuple(
            (str(kind), str(value))
            for choice in (source if isinstance(source, list) else [source])
            if isinstance(choice, Mapping)
            for kind, value in choice.items()
        )
        for package, source in document.table("tool", "uv", "sources").items()
    }
