"""Prove a fix: audit the exact tree that is to be committed against the tree that it stands on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.osv import match
from bot.pipeline.planning.choose import current_version
from remediators.ecosystems import Ecosystems
from remediators.errors import RemediationError
from state.model import Audited, Change, Dependency, Facts, Finding, Kind, Proof, Remediation, Snapshot

Place = tuple[str, str, str]
"""(ecosystem, package, manifest)."""

Name = tuple[str, str, str]
"""What a vulnerability is known by, in whichever version: (ecosystem, package, cluster)."""


class NotProvenError(RemediationError):
    """A change set does not do what it says, or does more; the message says which condition failed.

    `introduced` is what it would add that is vulnerable.
    """

    def __init__(self, message: str, introduced: Sequence[Audited] = ()) -> None:
        super().__init__(message)
        self.introduced = tuple(introduced)


class NotAuditedError(NotProvenError):
    """A tree could not be audited because a look-up failed: another try may do."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What one tree holds: which versions stand where, which of them an advisory hits, what a manifest names.

    `malicious` are the (ecosystem, package, version) that are known to be.
    """

    versions: Mapping[Place, frozenset[str]]
    hits: tuple[Audited, ...]
    snapshot: Snapshot
    named: frozenset[Place] = frozenset()
    malicious: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances of a proof: which files changed and which may, the tree, its base, the tools that ran."""

    changed_files: frozenset[str]
    expected_files: frozenset[str]
    tree: str
    base: str
    tools: Mapping[str, str]


def audit(facts: Facts, touched: Collection[str], ecosystems: Ecosystems) -> Audit:
    """Audit a tree. Raises NotProvenError when anything in the `touched` files could not be read, NotAuditedError
    when it could not be looked up.

    What cannot be read elsewhere is the same before and after, and is reported with the scan.
    """
    if facts.snapshot is None:
        raise NotAuditedError("not proven: there is no advisory data")
    if unread := [f.reason for f in facts.failed if f.fault and f.subject in touched]:
        raise NotProvenError("not proven: " + "; ".join(unread))
    unknown = {
        f"{d.package}: its advisories could not be looked up"
        for d in facts.dependencies
        if d.manifest in touched and (d.ecosystem, d.package) not in facts.advisories
    }
    if unknown:
        raise NotAuditedError("not proven: " + "; ".join(sorted(unknown)))
    versions: dict[Place, set[str]] = {}
    for dependency in facts.dependencies:
        version = _version(dependency, facts, ecosystems)
        if version is not None:
            versions.setdefault((dependency.ecosystem, dependency.package, dependency.manifest), set()).add(version)
    frozen = {place: frozenset(found) for place, found in versions.items()}
    packages = sorted({(eco, package, v) for (eco, package, _), found in frozen.items() for v in found})
    named = frozenset((d.ecosystem, d.package, d.manifest) for d in facts.dependencies if d.direct)
    hits = match.audit(packages, facts.advisories, ecosystems.versions)
    malicious = match.malicious(packages, facts.advisories, ecosystems.versions)
    return Audit(frozen, hits, facts.snapshot, named, malicious)


def _version(dependency: Dependency, facts: Facts, ecosystems: Ecosystems) -> str | None:
    releases = facts.releases.get((dependency.ecosystem, dependency.package), ())
    return current_version(dependency, releases, ecosystems.versions(dependency.ecosystem))


def prove(
    remediation: Remediation,
    findings: Iterable[Finding],
    before: Audit,
    after: Audit,
    setting: Setting,
    ecosystems: Ecosystems,
) -> Proof:
    """The proof of a change set. Raises NotProvenError naming the first condition that does not hold.

    Conditions: only expected files changed; every change arrived; the targets are gone where the change
    set acts; nothing malicious came in; nothing new is vulnerable; nothing went down.
    """
    _only_expected_files(setting)
    for change in remediation.changes:
        _arrived(change, remediation.kind, after, ecosystems)
    if remediation.kind is Kind.VULNERABLE:
        _targets_gone(remediation, findings, after)
    _nothing_malicious_came(before, after)
    _nothing_vulnerable_came(before, after)
    _nothing_went_down(before, after, ecosystems)
    had, has = _names(before), _names(after)
    return Proof(
        tree=setting.tree,
        base=setting.base,
        snapshot=after.snapshot,
        fixed=tuple(hit for hit in before.hits if _name(hit) not in has),
        introduced=(),
        remaining=tuple(hit for hit in after.hits if _name(hit) in had),
        changes=tuple(moves(before, after, {c.manifest: c.lockfile for c in remediation.changes}, remediation.changes)),
        tools=setting.tools,
    )


def _only_expected_files(setting: Setting) -> None:
    unexpected = sorted(setting.changed_files - setting.expected_files)
    if unexpected:
        raise NotProvenError(f"not proven: files changed that should not: {', '.join(unexpected)}")


def _name(hit: Audited) -> Name:
    return hit.ecosystem, hit.package, hit.cluster


def _names(audited: Audit) -> frozenset[Name]:
    return frozenset(map(_name, audited.hits))


def _arrived(change: Change, kind: Kind, after: Audit, ecosystems: Ecosystems) -> None:
    versions = ecosystems.versions(change.ecosystem)
    found = after.versions.get((change.ecosystem, change.package, change.manifest), frozenset())
    # A routine update moves what the manifest names; what others need may keep the old copy.
    if kind is Kind.VULNERABLE and change.before in found:
        raise NotProvenError(f"not proven: {change.package} {change.before} is still in {change.manifest}")
    if change.direct and not any(versions.compare(v, change.after) >= 0 for v in found):
        held = ", ".join(sorted(found)) or "absent"
        raise NotProvenError(
            f"not proven: {change.package} in {change.manifest} should be {change.after} and is {held}"
        )


def _targets_gone(remediation: Remediation, findings: Iterable[Finding], after: Audit) -> None:
    acted_on = {(c.ecosystem, c.package, c.manifest) for c in remediation.changes}
    still = {(a.ecosystem, a.package, a.version, a.cluster) for a in after.hits}
    for finding in findings:
        if finding.key not in remediation.findings:
            continue
        for place in acted_on:
            for version in after.versions.get(place, ()):
                if (place[0], place[1], version, finding.cluster) in still:
                    where = f"{place[1]} {version} in {place[2]}"
                    raise NotProvenError(f"not proven: {finding.cluster} still affects {where}")


def _nothing_malicious_came(before: Audit, after: Audit) -> None:
    # Counting does not do: a malicious release that takes the place of another adds none.
    came = {
        f"{place[1]} {version} in {place[2]}"
        for place, versions in after.versions.items()
        for version in versions - before.versions.get(place, frozenset())
        if (place[0], place[1], version) in after.malicious
    }
    if came:
        raise NotProvenError(f"not proven: it would bring in what is known to be malicious: {', '.join(sorted(came))}")


def _nothing_vulnerable_came(before: Audit, after: Audit) -> None:
    had, has = _counts(before), _counts(after)
    introduced = tuple(hit for hit in after.hits if has[_name(hit)] > had[_name(hit)])
    if introduced:
        listed = ", ".join(f"{a.package} {a.version} ({a.cluster})" for a in introduced)
        raise NotProvenError(f"not proven: it would add vulnerable packages: {listed}", introduced)


def _counts(audited: Audit) -> Counter[Name]:
    """How often each vulnerability is there, over places and versions."""
    standing = Counter(
        (eco, package, version) for (eco, package, _), found in audited.versions.items() for version in found
    )
    counts: Counter[Name] = Counter()
    for hit in audited.hits:
        counts[_name(hit)] += standing[(hit.ecosystem, hit.package, hit.version)]
    return counts


def _nothing_went_down(before: Audit, after: Audit, ecosystems: Ecosystems) -> None:
    for place, had in before.versions.items():
        has = after.versions.get(place, frozenset())
        versions = ecosystems.versions(place[0])
        # A copy that goes while others stay is no step down: only what came in its place can be one.
        for gone in had - has if has - had else ():
            if all(versions.compare(v, gone) < 0 for v in has):
                raise NotProvenError(
                    f"not proven: {place[1]} in {place[2]} would go down from {gone} to {', '.join(sorted(has))}"
                )


def moves(
    before: Audit, after: Audit, lockfiles: Mapping[str, str | None], planned: Sequence[Change]
) -> Iterable[Change]:
    """Every package whose versions differ, in the manifests given; "" stands for absent on either side."""
    direct = {(c.ecosystem, c.package, c.manifest) for c in planned if c.direct} | before.named | after.named
    for place in sorted(before.versions.keys() | after.versions.keys()):
        had = before.versions.get(place, frozenset())
        has = after.versions.get(place, frozenset())
        if had == has or place[2] not in lockfiles:
            continue
        gone, came = " ".join(sorted(had - has)), " ".join(sorted(has - had))
        yield Change(place[0], place[1], gone, came, place[2], lockfiles[place[2]], place in direct)
