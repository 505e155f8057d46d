"""The plan of one project: a change set per vulnerable package, most pressing first, then routine updates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.pipeline.find import Judge
from bot.pipeline.planning import choose, priority
from bot.pipeline.planning.branches import branch_name, fix_key
from bot.pipeline.planning.targets import Target, change_order, change_to, dependency_of, fix_title, unique
from bot.pipeline.planning.updates import routine_updates
from bot.policy.model import Policy
from remediators.ecosystems import Ecosystems
from state.model import Facts, Finding, Kind, Obstacle, Occurrence, Reason, Rejected, Remediation, Severity

SWITCHED_OFF = Reason(Obstacle.HELD_BY_POLICY, "fixes are switched off by the policy (updates.security: none)")

ASKED = "the policy of this project has a person approve such changes"


@dataclass(frozen=True, slots=True)
class NoWay:
    """A vulnerable package that nothing can be done about now: a change set without changes, and why."""

    remediation: Remediation
    whys: tuple[Reason, ...]

    @property
    def reason(self) -> str:
        """Why, in words."""
        return "; ".join(why.words for why in self.whys)


@dataclass(frozen=True, slots=True)
class Plan:
    """Change sets in the order in which they should be made, and why the other findings have none.

    `approvals` is why a person should approve a change set, by its key.
    """

    remediations: tuple[Remediation, ...]
    no_way: tuple[NoWay, ...]
    rejected: tuple[Rejected, ...]
    approvals: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all that it asks for."""
        return frozenset(r.key for r in (*self.remediations, *(no.remediation for no in self.no_way)))


def plan(
    findings: Sequence[Finding],
    facts: Facts,
    ecosystems: Ecosystems,
    policy: Policy,
    target_branch: str,
    now: datetime,
    first_seen: Mapping[str, datetime] | None = None,
) -> Plan:
    """The whole plan for one project and branch. `first_seen` is since when findings are known, by their key."""
    planner = _Planner(facts, ecosystems, policy, target_branch, now, first_seen or {})
    vulnerable = [f for f in findings if f.kind is Kind.VULNERABLE]
    fixes = planner.fixes(vulnerable)
    # A security fix moves the package first; its routine update waits for the next look.
    busy = {(f.ecosystem, f.package) for f in vulnerable}
    routine = [f for f in findings if f.kind is Kind.OUTDATED and (f.ecosystem, f.package) not in busy]
    updates = routine_updates(routine, facts, ecosystems, policy, target_branch, now)
    planned = (*fixes.remediations, *updates)
    asked = {r.key: ASKED for r in planned if _asks(r, vulnerable, policy)}
    return Plan(planned, fixes.no_way, fixes.rejected, {**asked, **fixes.approvals})


def _asks(remediation: Remediation, vulnerable: Sequence[Finding], policy: Policy) -> bool:
    """Whether the policy wants a person to approve a change set: by the worst of what it fixes."""
    fixed = [f.severity for f in vulnerable if f.key in remediation.findings]
    return policy.approval.asks(min(fixed, key=tuple(Severity).index) if fixed else None)


@dataclass(frozen=True, slots=True)
class _Planner:
    facts: Facts
    ecosystems: Ecosystems
    policy: Policy
    target_branch: str
    now: datetime
    first_seen: Mapping[str, datetime]

    def fixes(self, vulnerable: Sequence[Finding]) -> Plan:
        """One change set per vulnerable package, the most pressing first."""
        grouped: dict[tuple[str, str], list[Finding]] = {}
        for finding in vulnerable:
            grouped.setdefault((finding.ecosystem, finding.package), []).append(finding)
        remediations: list[Remediation] = []
        no_way: list[NoWay] = []
        rejected: list[Rejected] = []
        approvals: dict[str, str] = {}
        for (ecosystem, package), findings in sorted(grouped.items(), key=lambda item: self._pressing(item[1])):
            judge = Judge(ecosystem, package, self.facts, self.ecosystems)
            targets, refused = self._fix_package(judge, findings)
            rejected.extend(refused)
            if targets:
                made = self._fix(package, ecosystem, targets)
                remediations.append(made)
                approvals.update((made.key, target.asks) for target in targets if target.asks)
            elif (ecosystem, package) in self.facts.releases and self.policy.updates.fixes:
                no_way.append(self._no_way(package, ecosystem, findings, refused))
        return Plan(tuple(remediations), tuple(no_way), tuple(rejected), approvals)

    def _pressing(self, findings: Sequence[Finding]) -> tuple[bool, float, str]:
        """Sorts by the most pressing finding of a package."""
        marks = (self._priority(finding) for finding in findings)
        known, score = max((mark.known_exploited, mark.score) for mark in marks)
        return (not known, -score, findings[0].package)

    def _priority(self, finding: Finding) -> priority.Priority:
        since = self.first_seen.get(finding.key, self.now)
        return priority.of(finding, self.facts.threats, since, self.policy.due_days, self.now)

    def _fix_package(self, judge: Judge, findings: Sequence[Finding]) -> tuple[list[Target], list[Rejected]]:
        if not self.policy.updates.fixes:
            return [], [Rejected(finding.key, SWITCHED_OFF) for finding in findings]
        if (judge.ecosystem, judge.package) not in self.facts.releases:
            words = f"the releases of {judge.package} could not be looked up: whether there is a fix is not known"
            why = Reason(Obstacle.REGISTRY_UNREACHABLE, words)
            return [], [Rejected(finding.key, why) for finding in findings]
        urgent = frozenset(f.cluster for f in findings if self._urgent(f))
        targets: list[Target] = []
        rejected: list[Rejected] = []
        fixes: dict[Occurrence, choose.Fix | Reason] = {}
        for finding in findings:
            for occurrence in finding.occurrences:
                if occurrence not in fixes:
                    fixes[occurrence] = self._fix_occurrence(judge, finding, occurrence, urgent)
            outcomes = [_for(finding, occurrence, fixes[occurrence]) for occurrence in finding.occurrences]
            targets.extend(o for o in outcomes if isinstance(o, Target))
            reasons = {o.words: o for o in outcomes if isinstance(o, Reason)}
            rejected.extend(Rejected(finding.key, reasons[words]) for words in sorted(reasons))
        return targets, rejected

    def _urgent(self, finding: Finding) -> bool:
        """Whether a fix may be younger than the cooldown, if no older one helps."""
        return finding.severity is Severity.CRITICAL or self._priority(finding).known_exploited

    def _fix_occurrence(
        self, judge: Judge, finding: Finding, occurrence: Occurrence, urgent: frozenset[str]
    ) -> choose.Fix | Reason:
        """The best that can be done about one place of a package, whichever of its findings asks."""
        dependency = dependency_of(finding, occurrence, self.facts)
        choice = judge.fixes(dependency, occurrence.version, self.policy, self.now)
        return choose.lowest_fix(occurrence.version, choice, judge.hits, urgent)

    def _fix(self, package: str, ecosystem: str, targets: Sequence[Target]) -> Remediation:
        keys = unique(t.finding.key for t in targets)
        changes = tuple(sorted({t.change for t in targets}, key=change_order))
        title = fix_title(package, changes, keys)
        key = fix_key(ecosystem, package)
        return Remediation(key, Kind.VULNERABLE, title, branch_name(key), self.target_branch, keys, changes)

    def _no_way(self, package: str, ecosystem: str, findings: Sequence[Finding], refused: Sequence[Rejected]) -> NoWay:
        keys = tuple(f.key for f in findings)
        title = f"Vulnerable {package}: no fix can be applied"
        key = fix_key(ecosystem, package)
        remediation = Remediation(key, Kind.VULNERABLE, title, branch_name(key), self.target_branch, keys, ())
        return NoWay(remediation, tuple({no.reason: no.why for no in refused}.values()))


def _for(finding: Finding, occurrence: Occurrence, fix: choose.Fix | Reason) -> Target | Reason:
    if isinstance(fix, Reason):
        # What has no fixed version may still go, where a newer release of who requires it does without it.
        lost = fix.kind is Obstacle.NO_FIXED_VERSION and not occurrence.direct and occurrence.lockfile is not None
        return Target(finding, change_to(finding, occurrence, "")) if lost else fix
    if finding.cluster in fix.remaining:
        words = f"no fixed version: {fix.version} fixes other findings of {finding.package}, not this one"
        return fix.held.get(finding.cluster, Reason(Obstacle.NO_FIXED_VERSION, words))
    return Target(finding, change_to(finding, occurrence, fix.version), fix.asks)


def targets_of(remediations: Iterable[Remediation]) -> Mapping[tuple[str, str], str]:
    """(key of a finding, version before) to the version that the first change set for that finding moves it to."""
    targets: dict[tuple[str, str], str] = {}
    for remediation in remediations:
        for change in remediation.changes:
            package = f"{change.ecosystem}:{change.package}:"
            for key in remediation.findings:
                if key.startswith(package):
                    targets.setdefault((key, change.before), change.after)
    return targets
