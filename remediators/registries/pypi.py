"""The simple repository API: what an index publishes of a Python project.

Source: PEP 691 and PEP 700 (JSON), PEP 503 and PEP 592 (HTML) as fallback; PEP 440 versions from file names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from remediators.about import About
from remediators.api import Fetched, Tools
from remediators.errors import RegistryError
from remediators.index_urls import without_credentials
from remediators.registries import pypi_about
from remediators.registries.project_files import ProjectFile, read_page
from remediators.registries.pypi_requirements import PypiRequirements, Wheel, Wheels
from remediators.registries.recent import Recent
from remediators.versions.pypi import pythons
from state.model import Listing, Release

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_EVERYWHERE = "pip"
_SHOWN = 100
_KEPT_PACKAGES = 64
_KEPT_FILES = 400
"""A page of more is asked for again rather than kept."""
_LONGEST_PYTHONS = 10_000
"""Characters of all the `Requires-Python` of a project that differ: to compare two takes 20 microseconds for each."""


class PypiRegistry:
    """`Registry` of PyPI and of every index that speaks its protocol."""

    ecosystem = "PyPI"

    def __init__(self) -> None:
        self._requirements = PypiRequirements(lambda *where: _wheels(project_files(*where)))
        self._files: Recent[tuple[str, str | None], tuple[ProjectFile, ...]] = Recent(_KEPT_PACKAGES)

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        """Every release of `package`, unordered; `known` itself when the index says that it is unchanged.

        Raises RegistryError when the index has no such package or cannot be reached.
        """
        page = _page(package, index, tools, known.etag if known else "")
        if known is not None and page.status == 304:
            return known
        files = read_page(package, page)
        told = sum(map(len, {file.requires for file in files}))
        if told > _LONGEST_PYTHONS:
            raise RegistryError(
                f"{package}: {without_credentials(page.url)} asks for Pythons in {told:,} characters, and at most "
                f"{_LONGEST_PYTHONS:,} are read: look after it by hand"
            )
        self._requirements.learn(package, index, _wheels(files))
        if len(files) <= _KEPT_FILES:
            self._files.keep((canonicalize_name(package), index), files)
        return Listing(_releases(files), page.etag)

    def requirements(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        """What a release requires, by the metadata beside one of its wheels, or in it.

        Raises RegistryError for a release without a wheel: only a build could tell.
        """
        return self._requirements.of(package, version, index, tools, apart=False)

    def requirements_apart(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        """The same for a small price: RegistryError also where the index offers it only within the wheel."""
        return self._requirements.of(package, version, index, tools, apart=True)

    def near(self, package: str, version: str, index: str | None) -> bool:
        """Whether `requirements_apart` need not ask for a page, which can be large: a listing told of the release."""
        return self._requirements.near(package, version, index)

    def about(self, package: str, version: str, index: str | None, tools: Tools) -> About:
        """What the index and the metadata beside a wheel tell of a release; who published it, no index does."""
        wanted = Version(version)
        known = self._files.known((canonicalize_name(package), index)) or ()
        # A page that was read before the release came out says nothing of it.
        files = tuple(file for file in known if file.version == wanted) or tuple(
            file for file in project_files(package, index, tools) if file.version == wanted
        )
        return pypi_about.about(package, version, files, tools)

    def default(self, tools: Tools) -> str:
        """The index that pip and uv ask unless they are told otherwise."""
        return _endpoint(None)

    def file_urls(self, index: str | None, tools: Tools) -> frozenset[str]:
        """Where the files of pip lie, which every index of general use has. Raises RegistryError."""
        return frozenset(file.url for file in project_files(_EVERYWHERE, index, tools))


def project_files(package: str, index: str | None, tools: Tools) -> tuple[ProjectFile, ...]:
    """Every file of `package` whose name tells a version. Raises RegistryError."""
    return read_page(package, _page(package, index, tools, ""))


REGISTRY = PypiRegistry()
"""The one that all remediators share: what it learned for one of them need not be asked for another."""


def _wheels(files: Iterable[ProjectFile]) -> Wheels:
    found: dict[Version, Wheel | None] = {}
    for file in files:
        wheel = Wheel(file.name, file.url, file.metadata, file.size) if file.name.endswith(".whl") else None
        known = found.setdefault(file.version, wheel)
        if wheel is not None and (known is None or wheel.cost < known.cost):
            found[file.version] = wheel
    return found


def _page(package: str, index: str | None, tools: Tools, etag: str) -> Fetched:
    try:
        name = canonicalize_name(package, validate=True)
    except InvalidName as error:
        # A lockfile can say anything, and what it says would be a part of the address.
        raise RegistryError(f"{package[:_SHOWN]!r} is not the name of a package; correct it") from error
    url = f"{_endpoint(index).rstrip('/')}/{name}/"
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


def _releases(files: Iterable[ProjectFile]) -> tuple[Release, ...]:
    by_version: dict[Version, list[ProjectFile]] = {}
    for file in files:
        by_version.setdefault(file.version, []).append(file)
    return tuple(map(_release, by_version.values()))


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
    choice = archives or sorted({file.requires for file in files})
    return choice[0] if len(choice) == 1 else max(choice, key=lambda requires: len(pythons(requires)))
