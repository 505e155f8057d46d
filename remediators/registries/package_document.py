"""The document of a package on an npm registry, walked: each release is reduced before the next is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from remediators.api import Fetched
from remediators.bounds import PACKAGE_DOCUMENT
from remediators.errors import RegistryError
from remediators.index_urls import without_credentials
from remediators.registries.json_walk import Walk

T = TypeVar("T")

_BESIDE = frozenset(("time", "readme"))
MOST_RELEASES = 25_000
"""Six times what the package with the most has."""


def read_document(
    package: str, answer: Fetched, reduce: Callable[[dict[str, Any]], T | None]
) -> tuple[Mapping[str, Any], Mapping[str, T]]:
    """Times and readme as they stand in the document, and its releases, each `reduce`d before the next is read.

    What reduces to None is left out. Raises RegistryError for what is no such document, and for more than is read.
    """
    place = without_credentials(answer.url)
    if excess := PACKAGE_DOCUMENT.excess(answer.body):
        raise RegistryError(f"{package}: {place} answers with a document that {excess}: look after it by hand")
    try:
        walk = Walk(answer.body)
        document, versions = _walked(walk, reduce)
        walk.end()
    except (ValueError, RecursionError) as error:
        raise RegistryError(
            f"{package}: {place} did not answer with JSON that can be read ({error}): check the registry's URL"
        ) from error
    if versions is None:
        raise RegistryError(f"{package}: {place} lists no versions: it was unpublished, or this is no npm registry")
    return document, versions


def _walked(
    walk: Walk, reduce: Callable[[dict[str, Any]], T | None]
) -> tuple[Mapping[str, Any], Mapping[str, T] | None]:
    document: dict[str, Any] = {}
    versions: Mapping[str, T] | None = None
    if not walk.begins(b"{"):
        walk.value()
        return {}, None
    for key in walk.members():
        if key == "versions" and walk.begins(b"{"):
            versions = _reduced_versions(walk, reduce)
            continue
        value = walk.value()
        if key in _BESIDE:
            document[key] = value
    return document, versions


def _reduced_versions(walk: Walk, reduce: Callable[[dict[str, Any]], T | None]) -> Mapping[str, T]:
    versions: dict[str, T] = {}
    for number, version in enumerate(walk.members()):
        if number == MOST_RELEASES:
            raise ValueError(f"it lists more than {MOST_RELEASES:,} versions")
        written = walk.value()
        reduced = reduce(written) if isinstance(written, dict) else None
        if reduced is not None:
            versions[version] = reduced
    return versions
