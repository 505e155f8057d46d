"""A folder without any GitLab: findings, the plan, and with `fix` the change itself with its proof."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.pipeline import find, gather, plan, prove, reasons
from bot.pipeline.fix import Ground, Tree, fix, second_opinion
from bot.pipeline.survey import Survey, survey
from bot.policy import accept
from bot.policy.document import FILE, PolicyError, Problem
from bot.policy.model import Policy
from bot.policy.resolve import resolve, said, settings
from bot.ports import Toolbox
from remediators.api import ManifestError, Reader, RemediationError
from state.model import Facts, Failure, Finding, Kind, Proof, Rejected, Remediation


class Folder(Protocol):
    """The plain files below a folder; `left_out` is what else is there, and why it is not read."""

    paths: tuple[str, ...]
    left_out: Mapping[str, str]

    def reader(self, path: str) -> bytes | None:
        """The bytes of a file; None when it is not there. Raises ManifestError."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Replace these files."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a folder holds, what should change, and, after `fix`, what did and the proof of it.

    `audited` is whether every dependency's advisories were looked up; without it nothing counts as clean.
    """

    audited: bool
    facts: Facts
    findings: tuple[Finding, ...]
    failed: tuple[Failure, ...]
    planned: tuple[Remediation, ...]
    rejected: tuple[Rejected, ...]
    fixed: tuple[Remediation, ...] = ()
    proof: Proof | None = None

    @property
    def faults(self) -> tuple[Failure, ...]:
        """What failed, without what is left out by design."""
        return tuple(f for f in self.failed if f.fault)


def scan(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime) -> ScanReport:
    """Find and plan, and change nothing."""
    return _scan(folder, policy, toolbox, now)[0]


def scan_and_fix(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime, outdated: bool) -> ScanReport:
    """Find, plan, make every proven fix in place: vulnerable packages, with `outdated` the updates as well."""
    report, read = _scan(folder, policy, toolbox, now)
    wanted = tuple(r for r in report.planned if outdated or r.kind is Kind.VULNERABLE)
    work = _Fixing(folder, report.facts, read, toolbox)
    rejected = list(report.rejected)
    for remediation in wanted:
        try:
            work.fix(remediation, report.findings)
        except RemediationError as error:
            rejected.extend(Rejected(key, reasons.of(error)) for key in remediation.findings)
    folder.write(work.overlay)
    return ScanReport(
        report.audited,
        report.facts,
        report.findings,
        report.failed,
        report.planned,
        tuple(rejected),
        tuple(work.done),
        work.proof(report.findings) if work.done else None,
    )


def _scan(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime) -> tuple[ScanReport, Survey]:
    policy = _own(folder, policy)
    read = survey(toolbox.ecosystems, folder.paths, folder.reader, lambda _: None, folder.left_out)
    facts = gather.facts(read.dependencies, read.failed, toolbox, policy.outdated)
    found = find.find(facts, toolbox.ecosystems, policy, now)
    judged = accept.judge(found.findings, policy, now)
    made = plan.plan(judged.active, facts, toolbox.ecosystems, policy, "", now)
    # Where nothing was to be asked, there may be no snapshot to name.
    audited = all((d.ecosystem, d.package) in facts.advisories for d in facts.dependencies)
    failed = (*facts.failed, *found.failed)
    rejected = (*judged.rejected, *made.rejected)
    return ScanReport(audited, facts, found.findings, failed, made.remediations, rejected), read


def _own(folder: Folder, policy: Policy) -> Policy:
    """The policy with what the folder's own file says. Raises PolicyError."""
    try:
        data = folder.reader(FILE)
    except ManifestError as error:
        raise PolicyError(FILE, Problem(1, str(error))) from error
    return policy if data is None else resolve((said(policy), settings(data, FILE)))


class _Fixing:
    """Fixes on top of each other, in memory; the folder is written once, at the end."""

    def __init__(self, folder: Folder, facts: Facts, read: Survey, toolbox: Toolbox) -> None:
        self._folder, self._toolbox = folder, toolbox
        self._first = Ground(folder.paths, folder.reader, read, facts)
        self._ground = self._first
        self._tree = _hash({})
        self._proofs: list[Proof] = []
        self.overlay: Mapping[str, bytes] = {}
        self.done: list[Remediation] = []

    def fix(self, remediation: Remediation, findings: tuple[Finding, ...]) -> None:
        """Make and prove one change set on top of those before it. Raises RemediationError, and changes nothing."""
        kept = dict(self.overlay)

        def keep(files: Mapping[str, bytes]) -> Tree:
            kept.update(files)
            return Tree(_hash(kept), self._tree, _over(self._folder, kept), frozenset(files))

        concerned = tuple(f for f in findings if f.key in remediation.findings)
        fixed = fix(remediation, concerned, self._ground, keep, self._toolbox)
        self._proofs.append(second_opinion(fixed, self._toolbox))
        self.overlay, self._tree = kept, _hash(kept)
        self.done.append(remediation)
        reader = _over(self._folder, kept)
        read = survey(self._toolbox.ecosystems, self._folder.paths, reader, lambda _: None)
        facts = gather.facts(read.dependencies, read.failed, self._toolbox, outdated=False)
        self._ground = Ground(self._folder.paths, reader, read, facts)

    def proof(self, findings: tuple[Finding, ...]) -> Proof:
        """One proof over everything that was done, from the folder as it was to the folder as it is now."""
        whole = Remediation(
            key="scan",
            kind=Kind.VULNERABLE,
            title="",
            branch="",
            target_branch="",
            findings=tuple(key for r in self.done for key in r.findings),
            changes=tuple(change for r in self.done for change in r.changes),
        )
        touched = frozenset(self.overlay)
        before = prove.audit(self._first.facts, touched, self._toolbox.ecosystems)
        after = prove.audit(self._ground.facts, touched, self._toolbox.ecosystems)
        tools = {name: version for p in self._proofs for name, version in p.tools.items()}
        setting = prove.Setting(touched, touched, self._tree, _hash({}), tools)
        proof = prove.prove(whole, findings, before, after, setting, self._toolbox.ecosystems)
        return replace(proof, checks=tuple(dict.fromkeys(check for p in self._proofs[-1:] for check in p.checks)))


def _over(folder: Folder, overlay: Mapping[str, bytes]) -> Reader:
    return lambda path: overlay[path] if path in overlay else folder.reader(path)


def _hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over what was changed; stands for the tree that a folder outside git has no hash of."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()
