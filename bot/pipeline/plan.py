"""Change sets from findings: one per vulnerable package, non-major updates per manifest, each major alone. Pure."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.config import PolicySettings
from bot.pipeline import choose
from bot.pipeline.find import Judge
from remediators.api import Ecosystems, Versions
from state.model import Change, Dependency, Facts, Finding, Kind, Occurrence, Rejected, Remediation, Severity

BRANCH_PREFIX = "remediation/"
# Git keeps a branch as a file, and file systems take 255 bytes for a name.
LONGEST = 170
SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Target:
    """What a finding's occurrence moves to."""

    finding: Finding
    change: Change
    remaining: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NoWay:
    """A vulnerable package that nothing can be done about now: a change set without changes, and why."""

    remediation: Remediation
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Change sets in the order in which they should be made, and why the other findings have none."""

    remediations: tuple[Remediation, ...]
    no_way: tuple[NoWay, ...]
    rejected: tuple[Rejected, ...]


def plan(
    findings: Sequence[Finding],
    facts: Facts,
    ecosystems: Ecosystems,
    policy: PolicySettings,
    target_branch: str,
    now: datetime,
) -> Plan:
    """The whole plan for one project and branch."""
    planner = _Planner(facts, ecosystems, policy, target_branch, now)
    vulnerable = [f for f in findings if f.kind is Kind.VULNERABLE]
    fixes, no_way, rejected = planner.fixes(vulnerable)
    # A security fix moves the package first; its routine update waits for the next look.
    busy = {(f.ecosystem, f.package) for f in vulnerable}
    routine = [f for f in findings if f.kind is Kind.OUTDATED and (f.ecosystem, f.package) not in busy]
    return Plan((*fixes, *planner.groups(routine), *planner.majors(routine)), no_way, rejected)


@dataclass(frozen=True, slots=True)
class _Planner:
    facts: Facts
    ecosystems: Ecosystems
    policy: PolicySettings
    target_branch: str
    now: datetime

    def fixes(
        self, vulnerable: Sequence[Finding]
    ) -> tuple[tuple[Remediation, ...], tuple[NoWay, ...], tuple[Rejected, ...]]:
        """One change set per vulnerable package, the most urgent first."""
        grouped: dict[tuple[str, str], list[Finding]] = {}
        for finding in vulnerable:
            grouped.setdefault((finding.ecosystem, finding.package), []).append(finding)
        remediations: list[Remediation] = []
        no_way: list[NoWay] = []
        rejected: list[Rejected] = []
        for (ecosystem, package), findings in sorted(grouped.items(), key=lambda item: _urgency(item[1])):
            judge = Judge(ecosystem, package, self.facts, self.ecosystems)
            targets, refused = self._fix_package(judge, findings)
            rejected.extend(refused)
            if targets:
                remediations.append(self._fix(package, ecosystem, targets))
            elif (ecosystem, package) in self.facts.releases:
                no_way.append(self._no_way(package, ecosystem, findings, refused))
        return tuple(remediations), tuple(no_way), tuple(rejected)

    def _fix_package(self, judge: Judge, findings: Sequence[Finding]) -> tuple[list[Target], list[Rejected]]:
        if (judge.ecosystem, judge.package) not in self.facts.releases:
            reason = f"the releases of {judge.package} could not be looked up: whether there is a fix is not known"
            return [], [Rejected(finding.key, reason) for finding in findings]
        targets: list[Target] = []
        rejected: list[Rejected] = []
        fixes: dict[Occurrence, choose.Fix | str] = {}
        for finding in findings:
            for occurrence in finding.occurrences:
                if occurrence not in fixes:
                    fixes[occurrence] = self._fix_occurrence(judge, finding, occurrence)
            outcomes = [_for(finding, occurrence, fixes[occurrence]) for occurrence in finding.occurrences]
            targets.extend(o for o in outcomes if isinstance(o, Target))
            reasons = sorted({o for o in outcomes if isinstance(o, str)})
            rejected.extend(Rejected(finding.key, reason) for reason in reasons)
        return targets, rejected

    def _fix_occurrence(self, judge: Judge, finding: Finding, occurrence: Occurrence) -> choose.Fix | str:
        """The best that can be done about one place of a package, whichever of its findings asks."""
        dependency = self._dependency(finding, occurrence)
        choice = judge.options(dependency, occurrence.version, self.policy, self.now)
        return choose.lowest_fix(occurrence.version, choice, judge.hits)

    def _fix(self, package: str, ecosystem: str, targets: Sequence[Target]) -> Remediation:
        keys = _unique(t.finding.key for t in targets)
        changes = tuple(sorted({t.change for t in targets}, key=_change_order))
        what = f"{len(keys)} vulnerabilities" if len(keys) > 1 else targets[0].finding.cluster
        title = f"Update {package} to {_versions(changes)} to fix {what}"
        return self._remediation(f"vulnerable/{ecosystem}/{package}", Kind.VULNERABLE, title, keys, changes)

    def _no_way(self, package: str, ecosystem: str, findings: Sequence[Finding], refused: Sequence[Rejected]) -> NoWay:
        keys = tuple(f.key for f in findings)
        title = f"Vulnerable {package}: no fix can be applied"
        remediation = self._remediation(f"vulnerable/{ecosystem}/{package}", Kind.VULNERABLE, title, keys, ())
        return NoWay(remediation, "; ".join(_unique(no.reason for no in refused)))

    def groups(self, routine: Sequence[Finding]) -> Iterable[Remediation]:
        """Non-major updates, one change set per manifest."""
        by_manifest: dict[str, list[Target]] = {}
        for target in self._updates(routine, major=False):
            by_manifest.setdefault(target.change.manifest, []).append(target)
        for manifest, targets in sorted(by_manifest.items()):
            changes = tuple(sorted({t.change for t in targets}, key=_change_order))
            packages = _unique(c.package for c in changes)
            what = f"{packages[0]} to {changes[0].after}" if len(packages) == 1 else f"{len(packages)} dependencies"
            keys = _unique(t.finding.key for t in targets)
            title = f"Update {what} in {manifest}"
            yield self._remediation(f"outdated/{manifest}", Kind.OUTDATED, title, keys, changes)

    def majors(self, routine: Sequence[Finding]) -> Iterable[Remediation]:
        """Major updates, one change set per package."""
        by_finding: dict[str, list[Target]] = {}
        for target in self._updates(routine, major=True):
            by_finding.setdefault(target.finding.key, []).append(target)
        for key, targets in sorted(by_finding.items()):
            finding = targets[0].finding
            changes = tuple(sorted({t.change for t in targets}, key=_change_order))
            title = f"Update {finding.package} to {_versions(changes)} (major)"
            name = f"major/{finding.ecosystem}/{finding.package}"
            yield self._remediation(name, Kind.OUTDATED, title, (key,), changes)

    def _updates(self, routine: Sequence[Finding], *, major: bool) -> Iterable[Target]:
        for finding in routine:
            judge = Judge(finding.ecosystem, finding.package, self.facts, self.ecosystems)
            versions = self.ecosystems.versions(finding.ecosystem)
            for occurrence in finding.occurrences:
                dependency = self._dependency(finding, occurrence)
                choice = judge.options(dependency, occurrence.version, self.policy, self.now)
                fits = functools.partial(_is_step, versions, major, occurrence.version)
                best = choose.newest(choice, judge.hits, fits)
                if best is not None:
                    yield Target(finding, _change(finding, occurrence, best))

    def _dependency(self, finding: Finding, occurrence: Occurrence) -> Dependency:
        return next(
            d
            for d in self.facts.dependencies
            if (d.ecosystem, d.package, d.manifest, d.line, d.requirement)
            == (finding.ecosystem, finding.package, occurrence.manifest, occurrence.line, occurrence.requirement)
        )

    def _remediation(
        self, key: str, kind: Kind, title: str, findings: tuple[str, ...], changes: tuple[Change, ...]
    ) -> Remediation:
        return Remediation(key, kind, title, branch_name(key), self.target_branch, findings, changes)


def branch_name(key: str) -> str:
    """The branch of a remediation: its key, in characters that a git reference may have, at most LONGEST of them.

    A scope's slash becomes a plus: `babel` and `@babel/core` cannot be a file and a folder of one name. Where more
    has to change, a digest of the key keeps two branches apart.
    """
    flat = re.sub(r"@([^/]+)/", r"\1+", key)
    safe = re.sub(r"[^A-Za-z0-9._/+-]+", "-", flat)
    parts = (re.sub(r"\.{2,}", ".", part).strip(".-").removesuffix(".lock") for part in safe.split("/"))
    name = "/".join(part or "_" for part in parts)
    if name == flat and len(name) <= LONGEST:
        return BRANCH_PREFIX + name
    return f"{BRANCH_PREFIX}{name[:LONGEST].rstrip('./')}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _for(finding: Finding, occurrence: Occurrence, fix: choose.Fix | str) -> Target | str:
    if isinstance(fix, str):
        return fix
    if finding.cluster in fix.remaining:
        return f"no fixed version: {fix.version} fixes other findings of {finding.package}, not this one"
    return Target(finding, _change(finding, occurrence, fix.version), fix.remaining)


def _is_step(versions: Versions, major: bool, before: str, after: str) -> bool:
    return (versions.step(before, after) == "major") is major


def _change(finding: Finding, occurrence: Occurrence, after: str) -> Change:
    return Change(
        finding.ecosystem,
        finding.package,
        occurrence.version,
        after,
        occurrence.manifest,
        occurrence.lockfile,
        occurrence.direct,
    )


def _change_order(change: Change) -> tuple[str, str, str, str]:
    return (change.manifest, change.package, change.before, change.after)


def _urgency(findings: Sequence[Finding]) -> tuple[int, str]:
    return (min(SEVERITIES.index(f.severity) for f in findings), findings[0].package)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _versions(changes: Sequence[Change]) -> str:
    return " and ".join(_unique(c.after for c in changes))


def targets_of(remediations: Iterable[Remediation]) -> Mapping[tuple[str, str, str], str]:
    """(ecosystem, package, version before) to the version that the first change set moves it to."""
    targets: dict[tuple[str, str, str], str] = {}
    for remediation in remediations:
        for change in remediation.changes:
            targets.setdefault((change.ecosystem, change.package, change.before), change.after)
    return targets
