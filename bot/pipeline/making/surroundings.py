"""What one unit holds and what registries know of it, looked up as the search for a way asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.pipeline.find import Judge
from bot.pipeline.making.apply import concerns
from bot.pipeline.making.ground import Ground
from bot.pipeline.making.search import Spot
from bot.ports import Toolbox
from remediators.api import Reader, Remediator, Unit
from remediators.errors import RegistryError, Requirer
from state.model import Dependency, Facts

NESTED = frozenset({"npm"})

# A list of pins tells nobody's requirements: every one of them is asked about, of so many at most.
ASKED_ABOUT = 80


class UnitSurroundings:
    """`Surroundings` of a unit, on a ground that `read` reads. What is learned of a package is kept."""

    def __init__(
        self, unit: Unit, remediator: Remediator, ground: Ground, read: Reader, index: str | None, toolbox: Toolbox
    ) -> None:
        self.versions = remediator.versions
        self.nested = remediator.ecosystem in NESTED
        self._unit, self._remediator, self._read, self._index = unit, remediator, read, index
        self._ground, self._toolbox = ground, toolbox
        self._facts: Facts = ground.facts
        self._dependencies: dict[str, list[Dependency]] = {}
        for dependency in ground.survey.dependencies:
            if dependency.ecosystem == remediator.ecosystem and concerns(unit, dependency):
                self._dependencies.setdefault(dependency.package, []).append(dependency)
        self._requirements: dict[Spot, Mapping[str, str] | None] = {}
        self._requirers: dict[Spot, Sequence[Requirer]] = {}
        self._candidates: dict[Spot, Sequence[str]] = {}

    def at(self, package: str, version: str) -> tuple[Dependency, ...]:
        """The entries of the inventory for a package at a version."""
        return tuple(d for d in self._dependencies.get(package, ()) if d.version == version)

    def standing(self, package: str) -> tuple[str, ...]:
        """The versions of a package in the unit."""
        return tuple(dict.fromkeys(d.version for d in self._dependencies.get(package, ()) if d.version))

    def named(self, package: str) -> bool:
        """Whether the manifest names the package."""
        return any(d.direct for d in self._dependencies.get(package, ()))

    def candidates(self, package: str, version: str) -> Sequence[str]:
        """Newer releases that may be taken instead, ascending, that are hit by nothing that the present one is not."""
        spot = (package, version)
        if spot not in self._candidates:
            self._candidates[spot] = self._looked_up(package, version)
        return self._candidates[spot]

    def _looked_up(self, package: str, version: str) -> Sequence[str]:
        standing = self.at(package, version)
        if not standing:
            return ()
        key = (self._remediator.ecosystem, package)
        if key not in self._facts.releases:
            published = self._toolbox.releases.lookup({(*key, standing[0].index)})
            self._facts = replace(self._facts, releases={**self._facts.releases, **published.releases})
        if key not in self._facts.advisories:
            answer = self._toolbox.advisories.lookup({key})
            self._facts = replace(self._facts, advisories={**self._facts.advisories, **answer.advisories})
        if key not in self._facts.releases or key not in self._facts.advisories:
            return ()
        judge = Judge(*key, self._facts, self._toolbox.ecosystems)
        choice = judge.fixes(standing[0], version, self._ground.policy, self._ground.now)
        present = judge.hits(version)
        return tuple(v for v in choice.allowed if not judge.hits(v) - present)

    def hits(self, package: str, version: str) -> int:
        """How many known vulnerabilities a version of a package of the unit has."""
        return len(Judge(self._remediator.ecosystem, package, self._facts, self._toolbox.ecosystems).hits(version))

    def requirers(self, package: str, version: str) -> Sequence[Requirer]:
        """Who asks for a package at a version, by the lockfile; for a list of pins by what each of them requires."""
        spot = (package, version)
        if spot not in self._requirers:
            if self._unit.lockfile is not None:
                found = self._remediator.requirers(self._unit, self._read, package, version)
            else:
                found = tuple(self._pinned_requirers(package))
            self._requirers[spot] = found
        return self._requirers[spot]

    def _pinned_requirers(self, package: str) -> Sequence[Requirer]:
        pinned = [d for group in self._dependencies.values() for d in group if d.version and d.package != package]
        if len(pinned) > ASKED_ABOUT:
            return ()
        asked = ((d, self.requirements(d.package, d.version or "")) for d in pinned)
        return [
            Requirer(d.package, d.version or "", needs[package], d.direct)
            for d, needs in asked
            if needs and package in needs
        ]

    def requirements(self, package: str, version: str) -> Mapping[str, str] | None:
        """What a release requires; None when the registry does not tell."""
        spot = (package, version)
        if spot not in self._requirements:
            index = next((d.index for d in self._dependencies.get(package, ()) if d.index), self._index)
            try:
                found = self._remediator.registry.requirements(package, version, index, self._toolbox.tools)
            except RegistryError:
                # The package manager is asked in any case: this is only what is proposed to it.
                self._requirements[spot] = None
            else:
                self._requirements[spot] = found
        return self._requirements[spot]
