"""What releases on a simple index require, asked once each; a page tells where the wheels of all of them are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from remediators.api import Tools
from remediators.errors import RegistryError
from remediators.registries.python_metadata import metadata_beside, metadata_within, required
from remediators.registries.recent import Recent

_KEPT_PACKAGES = 64
# A page that lists more releases is asked for again rather than kept unasked.
_LEARNED_RELEASES = 100
_KEPT_RELEASES = 1024


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of a release. `metadata` is whether the index offers that apart; `size` in bytes, None if not told."""

    name: str
    url: str
    metadata: bool
    size: int | None

    @property
    def cost(self) -> tuple[bool, bool, int, str]:
        """Smaller is better to look into: with its metadata apart, for any platform, of few bytes."""
        return (not self.metadata, not self.name.endswith("-none-any.whl"), self.size or 0, self.name)


Wheels = Mapping[Version, Wheel | None]
"""The wheel to look into by release; None for one that is published as source only."""


class PypiRequirements:
    """Remembers what it was told. `wheels` lists those of a package on an index (None is the default one)."""

    def __init__(self, wheels: Callable[[str, str | None, Tools], Wheels]) -> None:
        self._ask = wheels
        self._wheels: Recent[tuple[str, str | None], Wheels] = Recent(_KEPT_PACKAGES)
        self._required: Recent[tuple[str, str, str | None], Mapping[str, str]] = Recent(_KEPT_RELEASES)

    def learn(self, package: str, index: str | None, wheels: Wheels) -> None:
        """Keep what a page told someone else."""
        if len(wheels) <= _LEARNED_RELEASES:
            self._wheels.keep((canonicalize_name(package), index), wheels)

    def near(self, package: str, version: str, index: str | None) -> bool:
        """Whether a release can be told of without asking for the page of its package."""
        name = canonicalize_name(package)
        wheels = self._wheels.known((name, index))
        told = self._required.known((name, version, index)) is not None
        return told or (wheels is not None and Version(version) in wheels)

    def of(self, package: str, version: str, index: str | None, tools: Tools, apart: bool) -> Mapping[str, str]:
        """Normalised name to range; `apart` asks for no wheel, only for metadata that the index offers apart from it.

        Raises RegistryError for a release without a wheel: only a build could tell.
        """
        name = canonicalize_name(package)
        return self._required.get((name, version, index), lambda: self._asked(name, version, index, tools, apart))

    def _asked(self, package: str, version: str, index: str | None, tools: Tools, apart: bool) -> Mapping[str, str]:
        wanted = Version(version)
        wheels = self._wheels.get(
            (package, index), lambda: self._ask(package, index, tools), lambda kept: wanted in kept
        )
        wheel = wheels.get(wanted)
        if wheel is None:
            found = "is published as source only" if wanted in wheels else "does not exist"
            raise RegistryError(f"{package} {version} {found}: what it requires cannot be read; choose another release")
        if apart and not wheel.metadata:
            raise RegistryError(f"{package} {version}: the index offers no metadata apart from the wheel")
        metadata = metadata_beside(package, wheel.url, tools) if wheel.metadata else None
        return required(metadata_within(package, wheel.url, wheel.size, tools) if metadata is None else metadata)
