"""Asks pip-audit for a second opinion on a proven fix; offline, against our own advisory data."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from bot.osv import match
from bot.ports import Advisories, DisagreementError, Workshop
from remediators.api import Versions
from remediators.errors import RemediationError, ToolError
from state.model import Advisory, Proof

ECOSYSTEM = "PyPI"

# A name from a repository becomes a line of a requirements file: it must be nothing but a name (PEP 508).
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# No proxy of this machine may get between pip-audit and the server on loopback.
_DIRECT = {"NO_PROXY": "*", "no_proxy": "*"}
_REPORT = "report.json"
_WORDS = 500
_PINNED = "pinned.txt"

Pin = tuple[str, str]
_Known = Mapping[tuple[str, str], tuple[Advisory, ...]]
_Question = tuple[Pin, frozenset[tuple[str, datetime]]]
"""A pin, and which advisories of its package (id and time of change) the answer rests on."""


@dataclass(frozen=True, slots=True)
class _Report:
    """What pip-audit says of one pinned package: each vulnerability with all its names."""

    package: str
    version: str
    vulnerabilities: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class PipAudit:
    """Crosschecks for PyPI; every other ecosystem has none.

    pip-audit's Python interface is private, so it runs as a process; on pinned input without pip, so
    that nothing is resolved, downloaded or built. It judges each pin on its own, so what it said of one
    holds for every project while the advisories of that package stay the same. It reads our advisories, so
    about a package that none is about it can say nothing, and is not asked.
    """

    advisories: Advisories
    versions: Versions
    workshop: Workshop
    _said: dict[_Question, _Report] = field(default_factory=dict, repr=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def prepare(self, ecosystem: str, pinned: Collection[Pin]) -> None:
        """Begin to ask about these pins, in one process, while the caller goes on; checks on them then need none."""
        if ecosystem == ECOSYSTEM and pinned:
            threading.Thread(target=self._ask_ahead, args=(sorted(set(pinned)),), name="pip-audit").start()

    def _ask_ahead(self, pins: Sequence[Pin]) -> None:
        # Whatever goes wrong here goes wrong again in the check that needs it, and is said there.
        with contextlib.suppress(Exception):
            self._reports(pins)

    def check(self, ecosystem: str, pinned: Sequence[Pin], proof: Proof) -> str | None:
        """One line on what pip-audit says of these (normalised package, version) pins; None where it is not asked.

        It may miss what the proof has, because it reads less of an advisory than we do.
        Raises DisagreementError when it reports what `proof.remaining` lacks under every name, and
        RemediationError when it fails, skips a pin, or advisories for one of them cannot be had.
        """
        if ecosystem != ECOSYSTEM or not pinned:
            return None
        reports, known = self._reports(sorted(set(pinned)))
        if not reports:
            return None
        self._agrees(reports, known, proof)
        found = sum(len(report.vulnerabilities) for report in reports)
        return _line(found, len(reports))

    def _reports(self, pins: Sequence[Pin]) -> tuple[tuple[_Report, ...], _Known]:
        for name, version in pins:
            if not _NAME.fullmatch(name) or not self.versions.valid(version):
                raise RemediationError(f"pip-audit cannot check {name!r} {version!r}: not a name and version of PyPI")
        known = self._known({name for name, _ in pins})
        asked = {pin: _question(pin, known) for pin in pins if known[ECOSYSTEM, pin[0]]}
        # One at a time: projects that run side by side have most of their packages in common.
        with self._asking:
            new = [pin for pin, question in asked.items() if question not in self._said]
            for part in _parts(new):
                self._said.update((asked[pin], report) for pin, report in self._audit(part, known).items())
            return tuple(self._said[question] for question in asked.values()), known

    def _known(self, names: Collection[str]) -> _Known:
        answer = self.advisories.lookup({(ECOSYSTEM, name) for name in names})
        missing = sorted(name for name in names if (ECOSYSTEM, name) not in answer.advisories)
        if missing:
            reasons = "; ".join(dict.fromkeys(failure.reason for failure in answer.failed))
            raise RemediationError(f"pip-audit cannot check {', '.join(missing)}: {reasons}")
        return answer.advisories

    def _audit(self, part: Mapping[str, Pin], known: _Known) -> Mapping[Pin, _Report]:
        # Most that is asked is about packages that no advisory is about, and needs no server.
        from bot.adapters.crosschecks.osv_endpoint import serving

        with self.workshop.scratch() as scratch, serving(known, lambda _: self.versions) as server:
            lines = (f"{name}=={version}\n" for name, (_, version) in part.items())
            (scratch / _PINNED).write_text("".join(lines), "utf-8")
            failure = self._run(scratch, server)
            report = scratch / _REPORT
            if not report.is_file():
                raise RemediationError(f"pip-audit gave no report: {_last_words(failure)}") from failure
            return self._by_pin(part.values(), tuple(_reports(report.read_bytes())))

    def _run(self, scratch: Path, server: str) -> ToolError | None:
        argv = [sys.executable, "-I", "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip"]
        argv += ["--requirement", _PINNED, "--vulnerability-service", "osv", "--osv-url", f"{server}/v1/query"]
        argv += ["--format", "json", "--output", _REPORT, "--desc", "off"]
        argv += ["--cache-dir", str(scratch / "cache"), "--progress-spinner", "off"]
        try:
            self.workshop.run(argv, scratch, _DIRECT, (_site(server),))
        except ToolError as error:
            # Status 1 is both "found something" and "failed": only the report tells them apart.
            return error
        return None

    def _by_pin(self, pins: Collection[Pin], reports: Collection[_Report]) -> Mapping[Pin, _Report]:
        found: dict[Pin, _Report] = {}
        for name, version in pins:
            same = (r for r in reports if r.package == name and self._same(r.version, version))
            report = next(same, None)
            if report is None:
                raise RemediationError(f"pip-audit passed over {name} {version}: its answer is not whole")
            found[name, version] = report
        return found

    def _agrees(self, reports: Collection[_Report], known: _Known, proof: Proof) -> None:
        for report in reports:
            remaining = {
                hit.cluster
                for hit in proof.remaining
                if (hit.ecosystem, hit.package) == (ECOSYSTEM, report.package)
                and self._same(hit.version, report.version)
            }
            clusters = match.clusters(known[ECOSYSTEM, report.package], ECOSYSTEM, report.package)
            for names in report.vulnerabilities:
                meant = {name for name, members in clusters if any(names & member.names for member in members)}
                if not remaining & (names | meant):
                    raise DisagreementError(
                        f"pip-audit reports {match.canonical(names)} in {report.package} {report.version}, "
                        "which the proof does not have among what remains: not published; please report this"
                    )

    def _same(self, left: str, right: str) -> bool:
        return self.versions.compare(left, right) == 0


def _site(server: str) -> tuple[str, int]:
    parts = urlsplit(server)
    return parts.hostname or "", parts.port or 0


def _question(pin: Pin, known: _Known) -> _Question:
    return pin, frozenset((advisory.id, advisory.modified) for advisory in known[ECOSYSTEM, pin[0]])


def _line(found: int, packages: int) -> str:
    said = f"{found} known vulnerabilit{'y' if found == 1 else 'ies'}" if found else "no known vulnerabilities"
    where = f"in {packages} package{'' if packages == 1 else 's'}"
    agreed = ", none that the proof lacks" if found else ""
    return f"pip-audit {metadata.version('pip-audit')}: {said} {where}{agreed}"


def _parts(pins: Sequence[Pin]) -> Iterator[Mapping[str, Pin]]:
    """The pins by the names to write for them, in as few parts as can be; one, nearly always.

    pip-audit refuses two versions of one name, and tells names apart by case; what it asks and reports is normalised.
    """
    left = list(pins)
    while left:
        part: dict[str, Pin] = {}
        later: list[Pin] = []
        for pin in left:
            name = next((spelling for spelling in _spellings(pin[0]) if spelling not in part), None)
            if name is None:
                later.append(pin)
            else:
                part[name] = pin
        yield part
        left = later


def _spellings(name: str) -> Iterator[str]:
    """`name` with its first letter large, then its second, and so on: all mean the same package (PEP 503)."""
    yield name
    yield from (f"{name[:i]}{c.upper()}{name[i + 1 :]}" for i, c in enumerate(name) if c.isalpha())


def _reports(raw: bytes) -> Iterator[_Report]:
    try:
        for entry in json.loads(raw)["dependencies"]:
            if "skip_reason" in entry:
                raise RemediationError(f"pip-audit skipped {entry['name']}: {entry['skip_reason']}")
            found = tuple(frozenset((each["id"], *each["aliases"])) for each in entry["vulns"])
            yield _Report(entry["name"], entry["version"], found)
    except (ValueError, LookupError, TypeError) as error:
        raise RemediationError(f"pip-audit's report cannot be read: {error!r}") from error


def _last_words(failure: ToolError | None) -> str:
    if failure is None:
        return "it said nothing"
    said = " ".join(failure.stderr.rpartition("ERROR:")[2].split())
    return said[-_WORDS:] or str(failure)
