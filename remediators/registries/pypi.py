"""The simple repository API: what an index publishes of a Python project.

Source: PEP 691 and PEP 700 (JSON), PEP 503 and PEP 592 (HTML) as fallback; PEP 440 versions from file names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from remediators.api import Fetched, RegistryError, Tools
from remediators.index_urls import without_credentials
from remediators.registries.moments import in_utc, moment
from remediators.registries.pypi_requirements import PypiRequirements, Wheel, Wheels
from remediators.versions.pypi import pythons
from state.model import Listing, Release

if TYPE_CHECKING:
    from pypi_simple import Link

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_JSON = "application/vnd.pypi.simple.v1+json"
_METADATA_ATTRIBUTES = ("data-core-metadata", "data-dist-info-metadata")
"""PEP 714's name and the one before it."""
_EVERYWHERE = "pip"
_HTML = ("application/vnd.pypi.simple.v1+html", "text/html")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file of a release. `sha256` is "" where the index gives none; `published` is UTC.

    `metadata` is whether the index offers the file's metadata apart; `size` is in bytes, None where it is not told.
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


class PypiRegistry:
    """`Registry` of PyPI and of every index that speaks its protocol."""

    ecosystem = "PyPI"

    def __init__(self) -> None:
        self._requirements = PypiRequirements(_wheels)

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        """Every release of `package`, unordered; `known` itself when the index says that it is unchanged.

        Raises RegistryError when the index has no such package or cannot be reached.
        """
        page = _page(package, index, tools, known.etag if known else "")
        if known is not None and page.status == 304:
            return known
        return Listing(_releases(_files(package, page)), page.etag)

    def requirements(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        """What a release requires, by the metadata beside one of its wheels, or in it.

        Raises RegistryError for a release without a wheel: only a build could tell.
        """
        return self._requirements.of(package, version, index, tools)

    def default(self, tools: Tools) -> str:
        """The index that pip and uv ask unless they are told otherwise."""
        return _endpoint(None)

    def file_urls(self, index: str | None, tools: Tools) -> frozenset[str]:
        """Where the files of pip lie, which every index of general use has. Raises RegistryError."""
        return frozenset(file.url for file in project_files(_EVERYWHERE, index, tools))


def project_files(package: str, index: str | None, tools: Tools) -> tuple[ProjectFile, ...]:
    """Every file of `package` whose name tells a version. Raises RegistryError."""
    return _files(package, _page(package, index, tools, ""))


def _wheels(package: str, index: str | None, tools: Tools) -> Wheels:
    found: dict[Version, Wheel | None] = {}
    for file in project_files(package, index, tools):
        wheel = Wheel(file.name, file.url, file.metadata, file.size) if file.name.endswith(".whl") else None
        known = found.setdefault(file.version, wheel)
        if wheel is not None and (known is None or wheel.cost < known.cost):
            found[file.version] = wheel
    return found


def _page(package: str, index: str | None, tools: Tools, etag: str) -> Fetched:
    url = f"{_endpoint(index).rstrip('/')}/{canonicalize_name(package)}/"
    page = tools.fetch(url, _ACCEPT, etag)
    if page.status == 404:
        raise RegistryError(f"no such package {package} at {url}; check its name, or the index it should come from")
    return page


def _endpoint(index: str | None) -> str:
    if index:
        return without_credentials(index)
    # Imported late: pypi-simple costs 170 ms, and a project that names its index needs no default.
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return PYPI_SIMPLE_ENDPOINT


def _files(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    content_type = page.content_type.partition(";")[0].strip().lower()
    if content_type == _JSON:
        return _files_of_json(package, page)
    if content_type in _HTML:
        return _files_of_html(package, page)
    raise RegistryError(
        f"{package}: {without_credentials(page.url)} answered with {content_type or 'no content type'}, "
        "which is not the simple repository API; check the address of the index"
    )


def _files_of_json(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    from pypi_simple import ProjectPage, UnsupportedRepoVersionError

    try:
        project = ProjectPage.from_json_data(json.loads(page.body), page.url)
    except (ValueError, RecursionError, UnsupportedRepoVersionError) as error:
        reason = str(error).partition("\n")[0]
        raise RegistryError(
            f"{package}: {without_credentials(page.url)} cannot be read as PEP 691 JSON: {reason}"
        ) from error
    named = ((file, _version(file.filename, package)) for file in project.packages)
    return tuple(
        ProjectFile(
            name=file.filename,
            version=version,
            sha256=file.digests.get("sha256", ""),
            requires=file.requires_python or "",
            yanked=file.is_yanked,
            published=in_utc(file.upload_time) if file.upload_time else None,
            url=file.url.partition("#")[0],
            metadata=bool(file.has_metadata),
            size=file.size,
        )
        for file, version in named
        if version is not None
    )


def _files_of_html(package: str, page: Fetched) -> tuple[ProjectFile, ...]:
    from pypi_simple import RepositoryPage, UnsupportedRepoVersionError

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


def _releases(files: Iterable[ProjectFile]) -> tuple[Release, ...]:
    in_order = sorted(files, key=lambda file: file.version)
    return tuple(_release(tuple(group)) for _, group in groupby(in_order, key=lambda file: file.version))


def _release(files: Sequence[ProjectFile]) -> Release:
    """One release: yanked when all its files are, published with its first file."""
    return Release(
        version=str(files[0].version),
        published=min((file.published for file in files if file.published), default=None),
        yanked=all(file.yanked for file in files),
        requires=_requires(files),
    )


def _requires(files: Sequence[ProjectFile]) -> str:
    """The release's `Requires-Python`: the source archive's, else the one that admits the most Pythons.

    Files of one release rarely differ. Where they do (wheels built per Python), the source archive speaks
    for all of them; without one, the release installs wherever any of its wheels does.
    """
    archives = [file.requires for file in files if not file.name.endswith(".whl")]
    choice = archives or sorted(file.requires for file in files)
    return max(choice, key=lambda requires: len(pythons(requires)))
