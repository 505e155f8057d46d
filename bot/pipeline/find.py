"""Findings from facts: what is vulnerable, what is outdated. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.osv import match
from bot.pipeline.gather import by_package
from bot.pipeline.planning import choose
from bot.policy import patterns
from bot.policy.model import STEPS, Policy
from remediators.ecosystems import Ecosystems
from state.model import Advisory, Dependency, Facts, Failure, Finding, Kind, Occurrence, Scope

OUTDATED = "outdated"
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the facts shows. `failed` adds what the facts did not allow to be judged."""

    findings: tuple[Finding, ...]
    failed: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """The facts about one package, ready to be asked about versions."""

    ecosystem: str
    package: str
    facts: Facts
    ecosystems: Ecosystems
    _judged: dict[str, Mapping[str, tuple[Advisory, ...]]] = field(default_factory=dict, compare=False, repr=False)

    def clusters(self, version: str) -> Mapping[str, tuple[Advisory, ...]]:
        """Advisory clusters that affect `version`, by canonical id. Each version is compared once."""
        if version not in self._judged:
            known = self.facts.advisories.get((self.ecosystem, self.package), ())
            versions = self.ecosystems.versions(self.ecosystem)
            self._judged[version] = dict(match.hits(known, self.ecosystem, self.package, version, versions))
        return self._judged[version]

    def hits(self, version: str) -> frozenset[str]:
        """The ids of `clusters`."""
        return frozenset(self.clusters(version))

    def current(self, dependency: Dependency) -> str | None:
        """The version in use; None when it cannot be told."""
        versions = self.ecosystems.versions(self.ecosystem)
        return choose.current_version(dependency, self.facts.releases.get((self.ecosystem, self.package), ()), versions)

    def malicious(self, version: str) -> bool:
        """Whether an advisory says that `version` was made to do harm."""
        return any(advisory.malicious for members in self.clusters(version).values() for advisory in members)

    def options(self, dependency: Dependency, current: str, policy: Policy, now: datetime) -> choose.Options:
        """Newer releases of the package as a routine update, sorted out for this dependency."""
        cooldown = {step: policy.cooldown_days.of(step) for step in STEPS}
        rules = choose.Rules(cooldown, policy.updates.steps, self._ranges(policy), self.malicious)
        return self._sorted_out(dependency, current, rules, now)

    def fixes(self, dependency: Dependency, current: str, policy: Policy, now: datetime) -> choose.Options:
        """Newer releases of the package as the fix of a vulnerability, sorted out for this dependency."""
        cooldown = dict.fromkeys(STEPS, policy.cooldown_days.of("security"))
        rules = choose.Rules(cooldown, policy.updates.fixes, self._ranges(policy), self.malicious)
        return self._sorted_out(dependency, current, rules, now)

    def _ranges(self, policy: Policy) -> tuple[str, ...]:
        return patterns.ranges(policy.allowed, self.ecosystem, self.package)

    def _sorted_out(self, dependency: Dependency, current: str, rules: choose.Rules, now: datetime) -> choose.Options:
        releases = self.facts.releases.get((self.ecosystem, self.package), ())
        return choose.options(dependency, current, releases, self.ecosystems.versions(self.ecosystem), rules, now)


def find(facts: Facts, ecosystems: Ecosystems, policy: Policy, now: datetime) -> Found:
    """Every finding that the facts support, vulnerable ones first; then by package."""
    findings: list[Finding] = []
    failed: list[Failure] = []
    for (ecosystem, package), dependencies in by_package(facts.dependencies).items():
        judge = Judge(ecosystem, package, facts, ecosystems)
        current = {d: version for d in dependencies if (version := judge.current(d)) is not None}
        unreadable = [d for d, version in current.items() if not ecosystems.versions(ecosystem).valid(version)]
        for dependency in unreadable:
            shown = current.pop(dependency)[:_SHOWN]
            reason = f"{dependency.manifest}: {package} {shown!r} is not a version of {ecosystem}: correct it"
            failed.append(Failure(f"{ecosystem}:{package}", reason))
        findings.extend(_vulnerable(judge, current))
        # Without its advisories nobody knows whether a newer version is a better one.
        if policy.outdated and (ecosystem, package) in facts.advisories:
            findings.extend(_outdated(judge, current, policy, now))
    findings.sort(key=lambda f: (f.kind is not Kind.VULNERABLE, f.ecosystem, f.package, f.cluster))
    return Found(tuple(findings), tuple(failed))


def _vulnerable(judge: Judge, current: Mapping[Dependency, str]) -> Iterable[Finding]:
    seen: dict[str, list[Occurrence]] = {}
    advisories: dict[str, dict[str, Advisory]] = {}
    for dependency, version in current.items():
        for cluster, members in judge.clusters(version).items():
            seen.setdefault(cluster, []).append(_occurrence(dependency, version))
            advisories.setdefault(cluster, {}).update({a.id: a for a in members})
    for cluster, occurrences in seen.items():
        named = tuple(advisories[cluster][id_] for id_ in sorted(advisories[cluster]))
        yield Finding(Kind.VULNERABLE, judge.ecosystem, judge.package, cluster, named, tuple(occurrences))


def _outdated(judge: Judge, current: Mapping[Dependency, str], policy: Policy, now: datetime) -> Iterable[Finding]:
    # A peer range says what a library works with, not what is installed: it is never outdated.
    behind = tuple(
        _occurrence(dependency, version)
        for dependency, version in current.items()
        if dependency.direct
        and dependency.scope is not Scope.PEER
        and choose.newest(judge.options(dependency, version, policy, now), judge.hits, lambda _: True) is not None
    )
    if behind:
        yield Finding(Kind.OUTDATED, judge.ecosystem, judge.package, OUTDATED, (), behind)


def _occurrence(dependency: Dependency, version: str) -> Occurrence:
    return Occurrence(
        dependency.manifest,
        dependency.lockfile,
        version,
        dependency.requirement,
        dependency.direct,
        dependency.scope,
        dependency.line,
    )
