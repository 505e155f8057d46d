"""Routine updates as change sets: the policy's groups, non-major ones per manifest, each other major alone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.pipeline.find import Judge
from bot.pipeline.planning import choose
from bot.pipeline.planning.branches import branch_name
from bot.pipeline.planning.targets import (
    Spot,
    Target,
    change_order,
    change_to,
    dependency_of,
    spot,
    unique,
    versions_of,
)
from bot.policy import patterns
from bot.policy.model import Policy
from remediators.ecosystems import Ecosystems
from state.model import Change, Facts, Finding, Kind, Remediation


def routine_updates(
    routine: Sequence[Finding], facts: Facts, ecosystems: Ecosystems, policy: Policy, target_branch: str, now: datetime
) -> tuple[Remediation, ...]:
    """Every routine change set, in the order in which they should be made: the smaller steps first."""
    updates = _Updates(facts, ecosystems, policy, target_branch, now)
    minor, major = tuple(updates.targets(routine, major=False)), tuple(updates.targets(routine, major=True))
    return (
        *updates.grouped(minor),
        *updates.by_manifest(minor),
        *updates.grouped(major, "/major"),
        *updates.alone(major),
    )


def newest_updates(
    routine: Sequence[Finding], facts: Facts, ecosystems: Ecosystems, policy: Policy, now: datetime
) -> Mapping[tuple[str, str], str]:
    """(key of a finding, version before) to the newest version that may be taken, whatever moves the package first."""
    updates = _Updates(facts, ecosystems, policy, "", now)
    # What lies beyond the major version is the newer.
    return {
        (target.finding.key, target.change.before): target.change.after
        for major in (False, True)
        for target in updates.targets(routine, major=major)
    }


@dataclass(frozen=True, slots=True)
class _Updates:
    facts: Facts
    ecosystems: Ecosystems
    policy: Policy
    target_branch: str
    now: datetime

    def targets(self, routine: Sequence[Finding], *, major: bool) -> Iterable[Target]:
        """The newest version of each occurrence within, or beyond, its major version."""
        for finding in routine:
            judge = Judge(finding.ecosystem, finding.package, self.facts, self.ecosystems)
            for occurrence in finding.occurrences:
                dependency = dependency_of(finding, occurrence, self.facts)
                choice = judge.options(dependency, occurrence.version, self.policy, self.now)
                best = choose.newest(choice, judge.hits, self._steps(finding, occurrence.version, major))
                if best is not None:
                    yield Target(finding, change_to(finding, occurrence, best))

    def _steps(self, finding: Finding, before: str, major: bool) -> choose.Fits:
        step = self.ecosystems.versions(finding.ecosystem).step
        return lambda after: (step(before, after) == "major") is major

    def _group(self, target: Target) -> str | None:
        return patterns.group(self.policy.groups, target.finding.ecosystem, target.finding.package)

    def grouped(self, targets: Sequence[Target], suffix: str = "") -> Iterable[Remediation]:
        """One change set for each group of the policy."""
        for name in self.policy.groups:
            members = [target for target in targets if self._group(target) == name]
            if members:
                yield self._remediation(f"group/{name}{suffix}", members)

    def by_manifest(self, targets: Sequence[Target]) -> Iterable[Remediation]:
        """Updates that are in no group, one change set per manifest."""
        found: dict[str, list[Target]] = {}
        for target in targets:
            if self._group(target) is None:
                found.setdefault(target.change.manifest, []).append(target)
        for manifest, members in sorted(found.items()):
            yield self._remediation(f"outdated/{manifest}", members)

    def alone(self, targets: Sequence[Target]) -> Iterable[Remediation]:
        """Updates that are in no group, one change set per package."""
        found: dict[str, list[Target]] = {}
        for target in targets:
            if self._group(target) is None:
                found.setdefault(target.finding.key, []).append(target)
        for _, members in sorted(found.items()):
            finding = members[0].finding
            yield self._remediation(f"major/{finding.ecosystem}/{finding.package}", members)

    def _remediation(self, key: str, targets: Sequence[Target]) -> Remediation:
        changes = tuple(sorted({t.change for t in targets}, key=change_order))
        findings = unique(t.finding.key for t in targets)
        title = _title(key, changes)
        return Remediation(key, Kind.OUTDATED, title, branch_name(key), self.target_branch, findings, changes)


def without(update: Remediation, spots: Collection[Spot]) -> Remediation | None:
    """An update without what it moves of these packages; itself when that is nothing, None when it is everything."""
    changes = tuple(change for change in update.changes if spot(change) not in spots)
    if not changes or changes == update.changes:
        return update if changes else None
    moved = {f"{c.ecosystem}:{c.package}:" for c in changes}
    findings = tuple(key for key in update.findings if any(key.startswith(package) for package in moved))
    return replace(update, title=_title(update.key, changes), findings=findings, changes=changes)


def _title(key: str, changes: Sequence[Change]) -> str:
    kind, _, name = key.partition("/")
    packages = unique(c.package for c in changes)
    counted = f"{packages[0]} to {changes[0].after}" if len(packages) == 1 else f"{len(packages)} dependencies"
    match kind:
        case "group":
            group, _, major = name.partition("/")
            return f"Update {counted} of the group {group}{' (major)' if major else ''}"
        case "major":
            return f"Update {packages[0]} to {versions_of(changes)} (major)"
        case _:
            return f"Update {counted} in {name}"
