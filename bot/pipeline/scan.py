"""A folder without any GitLab: findings, the plan, and with `fix` the change itself with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.pipeline import find, gather
from bot.pipeline.making import joint, reasons
from bot.pipeline.making.ground import Ground
from bot.pipeline.planning import plan, updates
from bot.pipeline.survey import Survey, survey, tell
from bot.policy import accept
from bot.policy.document import FILE, PolicyError, Problem
from bot.policy.model import Policy
from bot.policy.resolve import resolve, said, settings
from bot.ports import Toolbox
from remediators.errors import ManifestError
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

    `newest` is what outdated packages could be updated to, by finding and version; a fix may go first.
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
    newest: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[Failure, ...]:
        """What failed, without what is left out by design."""
        return tuple(f for f in self.failed if f.fault)


def scan(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime) -> ScanReport:
    """Find and plan, and change nothing."""
    return _scan(folder, policy, toolbox, now)[0]


def scan_and_fix(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime, outdated: bool) -> ScanReport:
    """Find, plan, make every proven fix in place: vulnerable packages, with `outdated` the updates as well."""
    report, read, policy = _scan(folder, policy, toolbox, now)
    wanted = tuple(r for r in report.planned if outdated or r.kind is Kind.VULNERABLE)
    ground = Ground(folder.paths, folder.reader, read, report.facts, policy, now)
    made = joint.best(wanted, ground, report.findings, toolbox)
    refused = (
        Rejected(k, reasons.of(made.refused[r.key])) for r in wanted if r.key in made.refused for k in r.findings
    )
    proof = made.proof()
    folder.write(made.overlay)
    return replace(report, rejected=(*report.rejected, *refused), fixed=tuple(made.done), proof=proof)


def _scan(folder: Folder, policy: Policy, toolbox: Toolbox, now: datetime) -> tuple[ScanReport, Survey, Policy]:
    policy = _own(folder, policy)
    read = survey(toolbox.ecosystems, folder.paths, folder.reader, lambda _: None, folder.left_out)
    tell(read, "this folder")
    facts = gather.facts(read.dependencies, read.failed, toolbox, policy.outdated)
    found = find.find(facts, toolbox.ecosystems, policy, now)
    judged = accept.judge(found.findings, policy, facts.threats, now)
    made = plan.plan(judged.active, facts, toolbox.ecosystems, policy, "", now)
    # Where nothing was to be asked, there may be no snapshot to name.
    audited = all((d.ecosystem, d.package) in facts.advisories for d in facts.dependencies)
    ended = (Failure(key, words, fault=False) for key, words in judged.ended.items())
    failed = (*facts.failed, *found.failed, *ended)
    rejected = (*judged.rejected, *made.rejected)
    outdated = [f for f in judged.active if f.kind is Kind.OUTDATED]
    newest = updates.newest_updates(outdated, facts, toolbox.ecosystems, policy, now)
    report = ScanReport(audited, facts, found.findings, failed, made.remediations, rejected, newest=newest)
    return report, read, policy


def _own(folder: Folder, policy: Policy) -> Policy:
    """The policy with what the folder's own file says. Raises PolicyError."""
    try:
        data = folder.reader(FILE)
    except ManifestError as error:
        raise PolicyError(FILE, Problem(1, str(error))) from error
    return policy if data is None else resolve((said(policy), settings(data, FILE)))
