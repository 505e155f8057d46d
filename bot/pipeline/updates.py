"""Routine updates as change sets: the policy's groups, non-major ones per manifest, each other major alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.pipeline import choose
from bot.pipeline.branches import branch_name
from bot.pipeline.find import Judge
from bot.pipeline.targets import Target, change_order, change_to, dependency_of, unique, versions_of
from bot.policy import patterns
from bot.policy.model import Policy
from remediators.ecosystems import Ecosystems
from state.model import Facts, Finding, Kind, Remediation


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
                title = f"Update {_counted(members)} of the group {name}{' (major)' if suffix else ''}"
                yield self._remediation(f"group/{name}{suffix}", title, members)

    def by_manifest(self, targets: Sequence[Target]) -> Iterable[Remediation]:
        """Updates that are in no group, one change set per manifest."""
        found: dict[str, list[Target]] = {}
        for target in targets:
            if self._group(target) is None:
                found.setdefault(target.change.manifest, []).append(target)
        for manifest, members in sorted(found.items()):
            yield self._remediation(f"outdated/{manifest}", f"Update {_counted(members)} in {manifest}", members)

    def alone(self, targets: Sequence[Target]) -> Iterable[Remediation]:
        """Updates that are in no group, one change set per package."""
        found: dict[str, list[Target]] = {}
        for target in targets:
            if self._group(target) is None:
                found.setdefault(target.finding.key, []).append(target)
        for _, members in sorted(found.items()):
            finding = members[0].finding
            versions = versions_of(sorted({t.change for t in members}, key=change_order))
            title = f"Update {finding.package} to {versions} (major)"
            yield self._remediation(f"major/{finding.ecosystem}/{finding.package}", title, members)

    def _remediation(self, key: str, title: str, targets: Sequence[Target]) -> Remediation:
        changes = tuple(sorted({t.change for t in targets}, key=change_order))
        findings = unique(t.finding.key for t in targets)
        return Remediation(key, Kind.OUTDATED, title, branch_name(key), self.target_branch, findings, changes)


def _counted(targets: Sequence[Target]) -> str:
    changes = sorted({t.change for t in targets}, key=change_order)
    packages = unique(c.package for c in changes)
    return f"{packages[0]} to {changes[0].after}" if len(packages) == 1 else f"{len(packages)} dependencies"
