"""The programs that fix, each started in a project as its own documentation says."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.fix.bench import Bench, Ran
from benchmarks.fix.universe import KINDS, Kind, Universe
from conformance.clients import go_program
from conformance.story import Skip

_BIN = Path(sys.executable).parent
# Of the newest ones, the last that Go 1.26 builds.
OSV_SCANNER = "github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.5.1"


class Contestant(Protocol):
    """A program that fixes a project where it stands."""

    @property
    def name(self) -> str:
        """As in the table."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """The lockfiles that it handles."""

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        """Run it in the project; `bench.folder / "advisories" / universe.name` holds the universe's OSV dump."""


@dataclass(frozen=True, slots=True)
class Bot:
    """`bot scan --fix`, with nothing configured but the registries and the advisories."""

    name: str = "bot"
    kinds: Sequence[Kind] = KINDS

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        """As Contestant.fix."""
        home = bench.folder / "homes" / universe.name
        home.mkdir(parents=True, exist_ok=True)
        advisories = {"dumps": [str(bench.folder / "advisories" / universe.name)], "max_age_days": None}
        registries = {"PyPI": {"url": bench.registries.python}}
        if bench.registries.npm:
            registries["npm"] = {"url": bench.registries.npm}
        settings = {
            "BOT_ADVISORIES": json.dumps(advisories),
            "BOT_REGISTRIES": json.dumps(registries),
            "BOT_DATABASE": f"sqlite:///{home / 'bot.db'}",
            "BOT_CACHE": str(bench.folder / "cache" / "bot"),
        }
        return bench.run([_BIN / "bot", "scan", folder, "--fix", "--json"], home, settings)


@dataclass(frozen=True, slots=True)
class PipAudit:
    """`pip-audit --fix` on a list of pins; it reads no uv.lock. Everything is pinned, so pip has nothing to resolve."""

    osv_url: str
    name: str = "pip-audit --fix"
    kinds: Sequence[Kind] = ("flat",)

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        """As Contestant.fix."""
        pinned = ["--requirement", "requirements.txt", "--no-deps", "--disable-pip"]
        service = ["--vulnerability-service", "osv", "--osv-url", f"{self.osv_url}/v1/query"]
        return bench.run([_BIN / "pip-audit", *pinned, *service, "--fix", "--progress-spinner", "off"], folder)


@dataclass(frozen=True, slots=True)
class NpmAudit:
    """`npm audit fix`, and with --force, which leaves the ranges of package.json."""

    force: bool = False
    kinds: Sequence[Kind] = ("npm",)

    @property
    def name(self) -> str:
        """As in the table."""
        return "npm audit fix" + " --force" * self.force

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        """As Contestant.fix."""
        force = ["--force"] if self.force else []
        return bench.npm("audit", "fix", "--package-lock-only", "--ignore-scripts", *force, cwd=folder)


@dataclass(frozen=True, slots=True)
class OsvScanner:
    """`osv-scanner fix`. Its `fix` can be given no index of Python packages, so npm only."""

    program: Path
    strategy: str
    kinds: Sequence[Kind] = ("npm",)

    @property
    def name(self) -> str:
        """As in the table."""
        return f"osv-scanner {self.strategy}"

    def fix(self, universe: Universe, folder: Path, bench: Bench) -> Ran:
        """As Contestant.fix."""
        database = bench.folder / "osv-databases" / universe.name
        # Where it looks for the dump that it would have downloaded (osv-scalibr, osvlocal/matcher.go).
        place = database / "osv-scalibr" / "npm"
        if not place.is_dir():
            place.mkdir(parents=True)
            shutil.copy(bench.folder / "advisories" / universe.name / "npm.zip", place / "all.zip")
        files = ["--lockfile", "package-lock.json"]
        if self.strategy != "in-place":
            files += ["--manifest", "package.json"]
        offline = ["--data-source=native", "--offline-vulnerabilities"]
        command: list[str | Path] = [self.program, "fix", f"--strategy={self.strategy}", *files, *offline]
        return bench.run(command, folder, {"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(database)})


def contestants(osv_url: str) -> tuple[tuple[Contestant, ...], Mapping[str, str]]:
    """All that can run here, and why others cannot."""
    everyone: list[Contestant] = [Bot(), PipAudit(osv_url), NpmAudit(), NpmAudit(force=True)]
    try:
        program = go_program("osv-scanner", OSV_SCANNER)
    except Skip as reason:
        return tuple(everyone), {"osv-scanner": str(reason)}
    return (*everyone, OsvScanner(program, "in-place"), OsvScanner(program, "relax")), {}
