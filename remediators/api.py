"""The protocol of an ecosystem: what a remediator and a registry are asked, and the two-method world they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from remediators.about import About
from remediators.errors import Requirer
from state.model import Dependency, Failure, Listing


@dataclass(frozen=True, slots=True)
class Completed:
    """A tool that ended with exit status 0."""

    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer: 200 with a body, 304 without one, or 404. Anything else is a RegistryError."""

    status: int
    body: bytes
    content_type: str
    etag: str
    url: str


class Tools(Protocol):
    """The whole outside world of a remediator."""

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        """Run a package manager in a scratch directory with a scrubbed environment plus `env`.

        `cwd` None is an empty scratch of its own, for questions that concern no project (`npm --version`).

        Raises ToolError when it is not installed, exits non-zero, or takes too long (limits are the caller's).
        """

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        """GET `url`, revalidating with `etag`. Credentials are added by host, never seen here.

        Raises RegistryError when it cannot be reached, refuses, or answers too much.
        """


@dataclass(frozen=True, slots=True)
class Unit:
    """The files that one remediator handles as one: a manifest, its lockfile, and what else its tool needs.

    `files` are every path (POSIX, relative to the repository root) to read, `manifest` and `lockfile` too.
    """

    remediator: str
    manifest: str
    lockfile: str | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a unit holds. `problems` are lines or files that are not handled, each said to the user.

    A unit's own platform requirement (`requires-python`, `engines.node`) is in each `Dependency.platform`.
    """

    dependencies: tuple[Dependency, ...]
    problems: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Move `package` from `before` to `after` in a unit. `direct` says whether the manifest names it.

    `everywhere` is whether no copy of `before` may stay (a fix); without, what others need may keep it.
    `override` is whether to have the package manager set aside what others require of it, where that refuses
    `after`: by an override, a resolution or a constraint that `edit` writes into the manifest.
    """

    package: str
    before: str
    after: str
    direct: bool
    everywhere: bool = True
    override: bool = False


Reader = Callable[[str], bytes | None]
"""Reads a path of the repository at one commit; None when it does not exist. Raises ManifestError for
symlinks, oversized files and anything that is not a plain file."""


class Versions(Protocol):
    """Version order and ranges of one ecosystem; `runs_on` is what its releases run on, in words."""

    runs_on: str

    def valid(self, version: str) -> bool:
        """Whether the ecosystem's own library can read `version`."""

    def compare(self, left: str, right: str) -> int:
        """-1, 0 or 1. Raises ValueError for a version that is not valid."""

    def satisfies(self, version: str, requirement: str) -> bool:
        """Whether an installer would accept `version` for `requirement` ("" accepts all).

        A prerelease counts only where the requirement names one.
        Raises ValueError for a requirement that cannot be read.
        """

    def readable(self, requirement: str) -> bool:
        """Whether all of `requirement` is a range in the ecosystem's own words, with nothing that is passed over."""

    def prerelease(self, version: str) -> bool:
        """Whether `version` is a prerelease (or a development release)."""

    def step(self, before: str, after: str) -> str:
        """The largest part that differs: "major", "minor", "patch", or "" when equal.

        Below 1.0 a minor step counts as major, as SemVer allows it to break.
        """

    def platform_allows(self, release_requires: str, unit_requires: str) -> bool:
        """Whether a release that needs `release_requires` runs everywhere that a unit with `unit_requires` does.

        Both are as written (`>=3.9`, `>=18`); "" is no constraint. A unit without one is not held back.
        """


class Registry(Protocol):
    """One package registry protocol."""

    ecosystem: str

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        """Every release of `package`, unordered; yanked ones included. `known` comes back itself when unchanged.

        `index` is a registry URL, None for the ecosystem's own default.
        Raises RegistryError when the registry has no such package or cannot be reached.
        """

    def requirements(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        """What a release requires at run time: normalised name to range as written ("" accepts all).

        A requirement on another platform counts, one of an extra does not. Asked once for a release per process.
        Raises RegistryError when the registry has no such release, does not tell, or cannot be reached.
        """

    def about(self, package: str, version: str, index: str | None, tools: Tools) -> About:
        """What the registry tells of a release besides: its source, its text, its archives, who published it.

        Raises RegistryError when the registry has no such release, or cannot be reached.
        """

    def default(self, tools: Tools) -> str:
        """The URL of the ecosystem's own index, as its client knows it.

        Raises ToolError when the client has to be asked and cannot tell.
        """

    def file_urls(self, index: str | None, tools: Tools) -> frozenset[str]:
        """Samples of where the files of an index lie: at least one URL of each host besides the index's own.

        Raises RegistryError when the index cannot be asked.
        """


class Remediator(Protocol):
    """One ecosystem's manifests: found, read, edited, relocked. Editing is pure; only `relock` runs a tool."""

    @property
    def name(self) -> str:
        """Its name in a `Unit`."""

    @property
    def ecosystem(self) -> str:
        """The ecosystem by OSV's name."""

    @property
    def versions(self) -> Versions:
        """The version order of the ecosystem."""

    @property
    def registry(self) -> Registry:
        """The registry protocol of the ecosystem."""

    def units(self, paths: Sequence[str]) -> tuple[Unit, ...]:
        """The units among all paths of a repository. Includes that only reading reveals are added by `expand`."""

    def expand(self, unit: Unit, read: Reader) -> Unit:
        """The unit with every file that it includes (`-r`, workspaces); the same unit when there is none.

        Raises ManifestError for an include that leaves the repository.
        """

    def parse(self, unit: Unit, read: Reader) -> Parsed:
        """Every dependency that the unit names or locks, and what of it is not handled.

        Raises ManifestError when a file cannot be read at all (then nothing of the unit counts as audited).
        """

    def requirers(self, unit: Unit, read: Reader, package: str, version: str) -> tuple[Requirer, ...]:
        """Everyone in the unit's lockfile who leads to `package` at `version`, each with the range that it asks for.

        Both a locked package and the manifest itself, which has its path as name and is direct. Empty where there
        is no lockfile. Raises ManifestError when a file cannot be read.
        """

    def edit(self, unit: Unit, files: Mapping[str, bytes], upgrades: Sequence[Upgrade]) -> Mapping[str, bytes]:
        """The files whose bytes must change before the relock; every other byte stays. Pure.

        Only requirements that refuse the new version are rewritten; one with `override` gets its entry. Raises
        ManifestError when an upgrade cannot be spliced in, BlockedError when the tool knows no overrides.
        """

    def relock(self, unit: Unit, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools) -> None:
        """Bring the unit's derived data (lockfile, hashes) in `work` in line with the edited manifest.

        `work` holds `unit.files` and nothing else; only those are copied back. Does nothing for a unit
        that has neither lockfile nor hashes. Raises ToolError, and BlockedError naming who holds one back.
        """

    def tool_versions(self, unit: Unit, read: Reader, tools: Tools) -> Mapping[str, str]:
        """Name to version of the tools that `relock` runs for this unit; empty when it runs none.

        After `relock` it is what ran; before, a range where the newest of it runs. Raises ManifestError, and ToolError
        when one cannot be asked.
        """
