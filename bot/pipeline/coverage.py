"""What a scan could judge, and what it is blind to: what was not looked at is not gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from state.model import Dependency, Failure


@dataclass(frozen=True, slots=True)
class Coverage:
    """`read` is whether every file was; `blind` are the packages, as "ecosystem:package", that a look-up failed for."""

    read: bool
    blind: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.read and not self.blind

    def blind_to(self, keys: Iterable[str]) -> bool:
        """Whether the package of any of these findings could not be looked up."""
        return any(key.startswith(f"{package}:") for key in keys for package in self.blind)

    def judges(self, keys: Iterable[str]) -> bool:
        """Whether the absence of these findings means that they are gone; without a name, of any finding."""
        known = tuple(keys)
        return self.read and not self.blind_to(known) if known else self.whole


def coverage(dependencies: Iterable[Dependency], failed: Iterable[Failure]) -> Coverage:
    """What can be judged of these dependencies. A failure that is no package's is everybody's."""
    packages = {f"{d.ecosystem}:{d.package}" for d in dependencies}
    subjects = {f.subject for f in failed if f.fault}
    return Coverage(subjects <= packages, frozenset(subjects & packages))
