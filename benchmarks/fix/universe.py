"""A small world of packages, the project that depends on them, and what ails them; nothing here knows a tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["flat", "uv", "npm"]
KINDS: tuple[Kind, ...] = ("flat", "uv", "npm")
"""Pins in a requirements file; pyproject.toml with uv.lock; package.json with package-lock.json."""

Held = Mapping[str, frozenset[str]]
"""The versions that a lockfile holds, by package."""

ENVIRONMENTS = {"lt": ("python_version < '3.12'", "3.11"), "ge": ("python_version >= '3.12'", "3.13")}
"""The two sides of a marker: how it is written, and a Python on that side."""

PROMISED = ">=3.10"
"""What every Python project promises to run on."""


def order(version: str) -> tuple[int, ...]:
    """The sort key of a version of three numbers."""
    return tuple(map(int, version.split(".")))


@dataclass(frozen=True, slots=True)
class Range:
    """Versions from `low` (included) up to `below` (left out; "" has no end); `exact` is `low` alone."""

    low: str
    below: str = ""
    exact: bool = False

    def admits(self, version: str) -> bool:
        """Whether a version lies inside."""
        if self.exact:
            return version == self.low
        return order(self.low) <= order(version) and (not self.below or order(version) < order(self.below))

    def pep508(self) -> str:
        """As Python's requirements say it."""
        if self.exact:
            return f"=={self.low}"
        return f">={self.low}" + (f",<{self.below}" if self.below else "")

    def npm(self) -> str:
        """As package.json says it: a caret where that means the same."""
        if self.exact:
            return self.low
        if self.below == f"{order(self.low)[0] + 1}.0.0":
            return f"^{self.low}"
        return f">={self.low}" + (f" <{self.below}" if self.below else "")


@dataclass(frozen=True, slots=True)
class Need:
    """What a release, or the project, asks for. `side` is a key of ENVIRONMENTS, "" for both."""

    package: str
    range: Range
    side: str = ""
    peer: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """One published version. `old` ones were there when the project was locked. `python` is its requires-python."""

    package: str
    version: str
    needs: tuple[Need, ...] = ()
    old: bool = False
    yanked: bool = False
    python: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A direct dependency, of a `member` of the workspace or of the project itself (""), for development or not."""

    need: Need
    member: str = ""
    dev: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """A vulnerability: every version from `introduced` up to `fixed` ("": there is no fix)."""

    id: str
    package: str
    introduced: str
    fixed: str

    def hits(self, version: str) -> bool:
        """Whether it affects a version."""
        return order(self.introduced) <= order(version) and (not self.fixed or order(version) < order(self.fixed))


@dataclass(frozen=True, slots=True)
class Universe:
    """One puzzle. `style` says how its manifest is written, so that foreign bytes have something to change."""

    name: str
    kind: Kind
    shape: str
    releases: tuple[Release, ...]
    roots: tuple[Root, ...]
    flaws: tuple[Flaw, ...]
    style: str

    @property
    def direct(self) -> frozenset[str]:
        """What the manifests name."""
        return frozenset(root.need.package for root in self.roots)

    @property
    def members(self) -> tuple[str, ...]:
        """The workspace's other projects."""
        return tuple(sorted({root.member for root in self.roots} - {""}))

    @property
    def sides(self) -> tuple[str, ...]:
        """The environments to look at: both sides of the markers where there is one."""
        needs = [root.need for root in self.roots] + [need for each in self.releases for need in each.needs]
        return tuple(ENVIRONMENTS) if any(need.side for need in needs) else ("",)

    def of(self, package: str) -> tuple[Release, ...]:
        """Every release of a package, ascending."""
        return tuple(sorted((r for r in self.releases if r.package == package), key=lambda r: order(r.version)))

    def open(self, held: Held) -> frozenset[str]:
        """The flaws that are in what a lockfile holds."""
        return frozenset(f.id for f in self.flaws if any(f.hits(v) for v in held.get(f.package, ())))

    def exposure(self, held: Held) -> Mapping[str, int]:
        """How many versions each flaw hits."""
        return {f.id: sum(f.hits(v) for v in held.get(f.package, ())) for f in self.flaws}
