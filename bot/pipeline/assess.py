"""What a scan of a project's head says and what is planned upon it, before anything is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.pipeline import find, gather, progress
from bot.pipeline.coverage import Coverage, coverage
from bot.pipeline.outcome import Notes
from bot.pipeline.planning import plan
from bot.pipeline.planning.plan import Plan
from bot.pipeline.workplace import Inventory, Workplace
from bot.policy import accept
from bot.policy.accept import Judged
from state.model import Facts, Failure, Finding


@dataclass(frozen=True, slots=True)
class Assessed:
    """One project's. `findings` are all that were found; `judged` says which of them the policy accepts."""

    inventory: Inventory
    facts: Facts
    findings: tuple[Finding, ...]
    coverage: Coverage
    judged: Judged
    plan: Plan

    @property
    def present(self) -> Mapping[str, Finding]:
        """What is to be acted on, by any name."""
        return progress.by_any_name(self.judged.active)


def assess(place: Workplace, notes: Notes) -> Assessed:
    """Read, look up, find and plan; what was found and what failed is noted."""
    project, run = place.project, place.run
    store, policy, toolbox = run.adapters.store, run.policy, run.adapters.toolbox
    run.progress(project.path, "reading dependencies")
    inventory = place.inventory()
    notes.cloned, notes.dependencies = place.opened, len(inventory.dependencies)
    run.progress(project.path, "looking up advisories and releases")
    facts = gather.facts(inventory.dependencies, inventory.failed, toolbox, policy.outdated)
    found = find.find(facts, toolbox.ecosystems, policy, run.now())
    notes.findings, notes.failed = found.findings, [*facts.failed, *found.failed]
    seeing = coverage(facts.dependencies, notes.failed)
    judged = accept.judge(found.findings, policy, facts.threats, run.now(), store.acceptances(project.id))
    since = {t.finding.key: t.first_seen for t in store.findings(project.id)}
    branch = project.default_branch or ""
    whole = plan.plan(judged.active, facts, toolbox.ecosystems, policy, branch, run.now(), since)
    notes.failed += [Failure(key, words, fault=False) for key, words in judged.ended.items()]
    notes.rejected = [*judged.rejected, *whole.rejected]
    return Assessed(inventory, facts, found.findings, seeing, judged, whole)
