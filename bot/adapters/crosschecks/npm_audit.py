"""Asks npm for a second opinion on a proven fix: `npm audit` over the pins, against our own advisory data."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.adapters.crosschecks.bulk_advisories import SITE, serving
from bot.osv import match
from bot.ports import Advisories, DisagreementError, Workshop
from remediators.api import Versions
from remediators.errors import RemediationError, ToolError
from state.model import Advisory, Proof

ECOSYSTEM = "npm"
_DIRECT = {"NO_PROXY": "*", "no_proxy": "*"}
_FOLDER = "node_modules/pin"

# How long an npm that could not be run is not tried again, in seconds.
MISSING_FOR = 600.0
_WORDS = 200

Pin = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Npm:
    """What became of asking npm for its version, and when by the clock: the version, or why it is `missing`."""

    at: float
    version: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class NpmAudit:
    """Crosschecks for npm, of whichever lockfile. Where npm cannot be run, the line says so; it is tried again later.

    The pins are put to it as a lockfile of their own: it judges each installed version by itself. It reads our
    advisories, so about a package that none is about it is not asked.
    """

    advisories: Advisories
    versions: Versions
    workshop: Workshop
    clock: Callable[[], float] = time.monotonic
    _seen: list[_Npm] = field(default_factory=list, repr=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def prepare(self, ecosystem: str, pinned: Collection[Pin]) -> None:
        """Nothing to prepare: a question takes a second."""

    def check(self, ecosystem: str, pinned: Sequence[Pin], proof: Proof) -> str | None:
        """One line on what npm says of these pins, or why it says nothing; None where it is not asked.

        Raises DisagreementError when it reports what `proof.remaining` lacks under every name, and RemediationError
        when it fails, or advisories for one of the pins cannot be had.
        """
        if ecosystem != ECOSYSTEM or not pinned:
            return None
        known = self._known({name for name, _ in pinned})
        pins = sorted({pin for pin in pinned if known[pin[0]] and self.versions.valid(pin[1])})
        if not pins:
            return None
        npm = self._npm()
        if npm.missing:
            return f"none of npm audit, as npm could not be run: {npm.missing}"
        found = tuple(hit for part in _parts(pins) for hit in _findings(self._audit(part, known), part))
        for (package, version), advisory in found:
            self._agrees(package, version, advisory, known[package], proof)
        agreed = ", none that the proof lacks" if found else ""
        said = f"{len(found)} known vulnerabilit{'y' if len(found) == 1 else 'ies'}" if found else "no vulnerabilities"
        return f"npm audit {npm.version}: {said} in {len(pins)} package{'' if len(pins) == 1 else 's'}{agreed}"

    def _known(self, names: Collection[str]) -> Mapping[str, tuple[Advisory, ...]]:
        answer = self.advisories.lookup({(ECOSYSTEM, name) for name in names})
        missing = sorted(name for name in names if (ECOSYSTEM, name) not in answer.advisories)
        if missing:
            reasons = "; ".join(dict.fromkeys(failure.reason for failure in answer.failed))
            raise RemediationError(f"npm audit cannot check {', '.join(missing)}: {reasons}")
        return {name: answer.advisories[ECOSYSTEM, name] for name in names}

    def _npm(self) -> _Npm:
        with self._asking:
            known = self._seen[-1] if self._seen else None
            if known is None or (known.missing and self.clock() - known.at >= MISSING_FOR):
                self._seen[:] = [self._ask_version()]
            return self._seen[-1]

    def _ask_version(self) -> _Npm:
        try:
            with self.workshop.scratch() as scratch:
                version = self.workshop.run(("npm", "--version"), scratch).stdout.strip()
        except ToolError as error:
            return _Npm(self.clock(), missing=" ".join(str(error).split())[:_WORDS])
        return _Npm(self.clock(), version)

    def _audit(self, pins: Sequence[Pin], known: Mapping[str, tuple[Advisory, ...]]) -> str:
        named = {"name": "pins", "version": "1.0.0"}
        folders = {f"{_FOLDER}{n}": {"name": name, "version": version} for n, (name, version) in enumerate(pins)}
        lock = {**named, "lockfileVersion": 3, "packages": {"": named, **folders}}
        with self.workshop.scratch() as scratch, serving(known, self.versions) as server:
            (scratch / "package.json").write_text(json.dumps(named), "utf-8")
            (scratch / "package-lock.json").write_text(json.dumps(lock), "utf-8")
            argv = ("npm", "audit", "--json", "--package-lock-only", "--audit-level=none", "--fetch-retries=0")
            parts = urlsplit(server)
            reach = ((parts.hostname or "", parts.port or 0),)
            return self.workshop.run((*argv, f"--registry={server}/"), scratch, _DIRECT, reach).stdout

    def _agrees(self, package: str, version: str, advisory: str, known: Sequence[Advisory], proof: Proof) -> None:
        clusters = match.clusters(known, ECOSYSTEM, package)
        meant = {name for name, members in clusters if any(advisory in member.names for member in members)}
        place = (ECOSYSTEM, package, version)
        remaining = {hit.cluster for hit in proof.remaining if (hit.ecosystem, hit.package, hit.version) == place}
        if not remaining & (meant | {advisory}):
            raise DisagreementError(
                f"npm audit reports {advisory} in {package} {version}, "
                "which the proof does not have among what remains: not published; please report this"
            )


def _parts(pins: Sequence[Pin]) -> Iterator[Sequence[Pin]]:
    """The pins in parts that have each package once: npm does not tell which of two versions is hit by what."""
    left = list(pins)
    while left:
        part = {name: (name, version) for name, version in reversed(left)}
        yield list(part.values())
        left = [pin for pin in left if pin != part[pin[0]]]


def _findings(report: str, pins: Sequence[Pin]) -> Iterator[tuple[Pin, str]]:
    """Each pin that is hit, with the advisory's id."""
    try:
        for name, told in json.loads(report)["vulnerabilities"].items():
            hit = [pins[int(node.removeprefix(_FOLDER))] for node in told["nodes"]]
            ids = [via["url"].removeprefix(SITE) for via in told["via"] if isinstance(via, dict)]
            yield from ((pin, advisory) for pin in hit for advisory in ids if pin[0] == name)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise RemediationError(f"npm audit's report cannot be read: {error!r}") from error
