"""The page of a project on a simple index: its files, from JSON (PEP 691, PEP 700) or HTML (PEP 503, PEP 592)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.api import Fetched
from remediators.bounds import PROJECT_PAGE, PROJECT_PAGE_HTML
from remediators.errors import RegistryError
from remediators.index_urls import without_credentials
from remediators.registries.json_walk import Walk
from remediators.registries.moments import moment
from remediators.registries.simple_html import Link, joined, links

_JSON = "application/vnd.pypi.simple.v1+json"
MOST_FILES = 55_000
"""The project with the most (ddtrace) has 47,000 of 2,000 versions; reading one takes some 12 microseconds."""
MOST_VERSIONS = 15_000
_LONGEST_NAME = 255
"""What file systems take."""
_ARCHIVES = (".tar.gz", ".zip")
_HTML = ("application/vnd.pypi.simple.v1+html", "text/html")
_API = "1"
_METADATA_KEYS = ("core-metadata", "dist-info-metadata")
_METADATA_ATTRIBUTES = ("data-core-metadata", "data-dist-info-metadata")
"""PEP 714's name and the one before it."""


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file of a release. `sha256` is "" where the index gives none; `published` is UTC.

    `metadata` is whether the index offers the file's metadata apart; `size` is in bytes, None where it is not told.
    `attested` is whether it has a proof of where it was built (PEP 740).
    """

    name: str
    version: Version
    sha256: str
    requires: str
    yanked: bool
    published: datetime | None
    url: str
    metadata: bool
    size: int | None
    attested: bool


def read_page(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    """Every file of `package` on its page whose name tells a version. Raises RegistryError for what is no such page."""
    content_type = page.content_type.partition(";")[0].strip().lower()
    bound = PROJECT_PAGE if content_type == _JSON else PROJECT_PAGE_HTML
    if excess := bound.excess(page.body):
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} answers with a page that {excess}: look after it by hand"
        )
    if content_type == _JSON:
        return _read_json(package, page)
    if content_type in _HTML:
        return _files_of_html(package, page)
    raise RegistryError(
        f"{package}: {without_credentials(page.url)} answered with {content_type or 'no content type'}, "
        "which is not the simple repository API; check the address of the index"
    )


def _read_json(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    # Read here rather than by pypi-simple, whose import takes 70 ms and 10 MiB: more than a whole run without it.
    try:
        return tuple(_files_of_json(package, Walk(page.body), page.url))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} cannot be read as PEP 691 JSON: {reason}"
        ) from error


def _files_of_json(package: str, walk: Walk, page: str) -> Iterator[ProjectFile]:
    versions, found, listed = _Versions(package), "", False
    for key in walk.members():
        if key == "files":
            listed = True
            for number in walk.items():
                _count(number + 1)
                file = walk.value()
                version = versions.of(file["filename"])
                if version is not None:
                    yield _file_of_json(file, version, page)
        else:
            value = walk.value()
            found = str(value["api-version"]) if key == "meta" else found
    walk.end()
    if found.partition(".")[0] != _API:
        raise ValueError(f"version {found or 'none'} of the API is not known")
    if not listed:
        raise ValueError("it has no `files`")


def _file_of_json(file: Mapping[str, Any], version: Version, page: str) -> ProjectFile:
    uploaded, size, yanked = file.get("upload-time"), file.get("size"), file.get("yanked", False)
    return ProjectFile(
        name=file["filename"],
        version=version,
        sha256=str(file["hashes"].get("sha256", "")),
        requires=str(file.get("requires-python") or ""),
        # The reason, which may be empty, stands for true.
        yanked=yanked is not False and yanked is not None,
        published=moment(uploaded) if isinstance(uploaded, str) else None,
        url=joined(page, file["url"]).partition("#")[0],
        metadata=any(file.get(name) for name in _METADATA_KEYS),
        size=size if isinstance(size, int) else None,
        attested=isinstance(file.get("provenance"), str),
    )


def _files_of_html(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    place = without_credentials(page.url)
    charset = page.content_type.partition("charset=")[2].strip("\"' ").lower()
    versions = _Versions(package)
    files = []
    try:
        for link in links(page.body, page.url, charset, _API):
            version = versions.of(link.text)
            if version is not None:
                files.append(_file_of_link(link, version))
                _count(len(files))
    except ValueError as error:
        raise RegistryError(f"{package}: {place} cannot be read as a PEP 503 page: {error}") from error
    if not files:
        raise RegistryError(
            f"{package}: {place} lists no file of it; it may be a sign-in page: check the address and the credentials"
        )
    return tuple(files)


def _file_of_link(link: Link, version: Version) -> ProjectFile:
    told = link.attributes
    url, _, fragment = link.url.partition("#")
    algorithm, _, digest = fragment.partition("=")
    return ProjectFile(
        name=link.text,
        version=version,
        sha256=digest if algorithm == "sha256" else "",
        requires=told.get("data-requires-python", ""),
        yanked="data-yanked" in told,
        published=moment(told.get("data-upload-time")),
        url=url,
        metadata=any(name in told for name in _METADATA_ATTRIBUTES),
        size=None,
        attested="data-provenance" in told,
    )


def _count(files: int) -> None:
    if files > MOST_FILES:
        raise ValueError(f"it lists more than {MOST_FILES:,} files")


class _Versions:
    """The versions in the names of a project's files; most names have the project and the version of the one before."""

    def __init__(self, package: str) -> None:
        self._package = canonicalize_name(package)
        self._known: dict[tuple[str, str], Version | None] = {}

    def of(self, filename: str) -> Version | None:
        """The version in a wheel's or source archive's name; None for other files and other projects.

        Raises ValueError for more versions than are read.
        """
        # Not by `packaging`: it also multiplies out the tags of a wheel, and a name can hold a billion of them.
        if len(filename) > _LONGEST_NAME:
            return None
        parts = filename.split("-")
        if filename.endswith(".whl") and len(parts) in (5, 6):
            return self._read(parts[0], parts[1])
        for kind in _ARCHIVES:
            if filename.endswith(kind):
                name, _, version = filename.removesuffix(kind).rpartition("-")
                return self._read(name, version)
        return None

    def _read(self, name: str, version: str) -> Version | None:
        key = (name, version)
        if key not in self._known:
            if len(self._known) == MOST_VERSIONS:
                raise ValueError(f"it lists more than {MOST_VERSIONS:,} versions")
            self._known[key] = self._parsed(name, version)
        return self._known[key]

    def _parsed(self, name: str, version: str) -> Version | None:
        try:
            return Version(version) if canonicalize_name(name) == self._package else None
        except ValueError:
            # Besides what is no version, numbers that are too long to be read.
            return None
