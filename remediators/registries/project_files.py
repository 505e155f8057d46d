"""The page of a project on a simple index: its files, from JSON (PEP 691, PEP 700) or HTML (PEP 503, PEP 592)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from remediators.api import Fetched, RegistryError
from remediators.index_urls import without_credentials
from remediators.registries.moments import moment

if TYPE_CHECKING:
    from pypi_simple import Link

_JSON = "application/vnd.pypi.simple.v1+json"
_MOST_TAGS = 40_000
"""Two for each file; reading one takes some 40 microseconds and two kilobytes."""
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
    if content_type == _JSON:
        return tuple(_files_of_json(package, page))
    if content_type in _HTML:
        return _files_of_html(package, page)
    raise RegistryError(
        f"{package}: {without_credentials(page.url)} answered with {content_type or 'no content type'}, "
        "which is not the simple repository API; check the address of the index"
    )


def _files_of_json(package: str, page: Fetched) -> Iterator[ProjectFile]:
    # Read here rather than by pypi-simple, whose import takes 70 ms and 10 MiB: more than a whole run without it.
    try:
        for file in _document(page)["files"]:
            version = _version(file["filename"], package)
            if version is not None:
                yield _file_of_json(file, version, page.url)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} cannot be read as PEP 691 JSON: {reason}"
        ) from error


def _document(page: Fetched) -> Any:
    document = json.loads(page.body)
    found = str(document["meta"]["api-version"])
    if found.partition(".")[0] != _API:
        raise ValueError(f"version {found} of the API is not known")
    return document


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
        url=urljoin(page, file["url"]).partition("#")[0],
        metadata=any(file.get(name) for name in _METADATA_KEYS),
        size=size if isinstance(size, int) else None,
        attested=isinstance(file.get("provenance"), str),
    )


def _files_of_html(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    from pypi_simple import RepositoryPage, UnsupportedRepoVersionError

    tags = page.body.count(b"<")
    if tags > _MOST_TAGS:
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} is a page of {tags:,} tags, and at most {_MOST_TAGS:,} "
            "are read: use an index that answers with JSON (PEP 691)"
        )
    charset = page.content_type.partition("charset=")[2].strip("\"' ") or None
    try:
        links = RepositoryPage.from_html(page.body, page.url, charset).links
    except (ValueError, RecursionError, UnsupportedRepoVersionError) as error:
        # ValueError: an address or a protocol version that is none.
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} cannot be read as a PEP 503 page: {error}"
        ) from error
    named = ((link, _version(link.text, package)) for link in links)
    files = tuple(_file_of_link(link, version) for link, version in named if version is not None)
    if not files:
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} lists no file of it; "
            "it may be a sign-in page: check the address and the credentials"
        )
    return files


def _file_of_link(link: Link, version: Version) -> ProjectFile:
    algorithm, _, digest = link.url.partition("#")[2].partition("=")
    return ProjectFile(
        name=link.text,
        version=version,
        sha256=digest if algorithm == "sha256" else "",
        requires=link.get_str_attrib("data-requires-python") or "",
        yanked=link.get_str_attrib("data-yanked") is not None,
        published=moment(link.get_str_attrib("data-upload-time")),
        url=link.url.partition("#")[0],
        metadata=any(link.get_str_attrib(name) is not None for name in _METADATA_ATTRIBUTES),
        size=None,
        attested=link.get_str_attrib("data-provenance") is not None,
    )


def _version(filename: str, package: str) -> Version | None:
    """The version in a wheel's or source archive's name; None for other files and other projects."""
    try:
        if filename.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except ValueError:
        # Besides the names that are none, numbers that are too long to be read.
        return None
    return version if name == canonicalize_name(package) else None
