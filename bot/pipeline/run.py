"""The sequence for one project, from its head to its open merge requests; the only wide `except`."""

from __future__ import annotations

import contextlib
import logging

import bot
from bot.errors import BotError
from bot.pipeline import find, follow, gather, plan, progress
from bot.pipeline.catch_up import CatchUp
from bot.pipeline.coverage import Coverage, coverage
from bot.pipeline.outcome import Notes, ProjectOutcome, Status
from bot.pipeline.publish import Publisher
from bot.pipeline.pursue import Pursuit
from bot.pipeline.workplace import Run, Seen, Workplace
from state.errors import StoreError
from state.model import Facts, Failure, Finding, Project, Scan

log = logging.getLogger(__name__)


def run_project(project: Project, seen: Seen, run: Run) -> ProjectOutcome:
    """Scan, plan, fix and follow one project with its head known. A failure is in the outcome, never raised."""
    notes = Notes(project.path)
    if run.stopping():
        return ProjectOutcome(project.path, Status.SKIPPED, "the bot is stopping; the next run looks at it")
    try:
        with contextlib.ExitStack() as stack:
            if not (run.dry or stack.enter_context(run.adapters.store.claim(project.id))):
                return ProjectOutcome(project.path, Status.SKIPPED, "another bot on this database is at work on it")
            _sequence(project, seen, run, Workplace(project, run, stack), notes)
    except (BotError, StoreError) as error:
        return notes.outcome(str(error))
    except Exception as error:
        log.exception("%s: a bug in the bot", project.path)
        # Its words may hold a secret; the log redacts them.
        return notes.outcome(f"a bug in the bot ({type(error).__name__}); the log has its traceback")
    finally:
        run.progress(project.path, "")
    return notes.outcome()


def _sequence(project: Project, seen: Seen, run: Run, place: Workplace, notes: Notes) -> None:
    adapters, store = run.adapters, run.adapters.store
    head = project.head or ""
    run.progress(project.path, "reading dependencies")
    inventory = place.inventory()
    notes.cloned, notes.dependencies = place.opened, len(inventory.dependencies)
    run.progress(project.path, "looking up advisories and releases")
    facts = gather.facts(inventory.dependencies, inventory.failed, adapters.toolbox, run.policy.outdated)
    found = find.find(facts, adapters.toolbox.ecosystems, run.policy, run.now())
    notes.findings, notes.failed = found.findings, [*facts.failed, *found.failed]
    seeing = coverage(facts.dependencies, notes.failed)
    made = plan.plan(
        found.findings, facts, adapters.toolbox.ecosystems, run.policy, project.default_branch or "", run.now()
    )
    notes.rejected = list(made.rejected)
    if run.dry:
        Pursuit.preview(made, store.remediations(project.id), notes)
        return
    publisher = Publisher(adapters, project, run.policy.labels, run.now)
    planned = {r.key for r in (*made.remediations, *(no.remediation for no in made.no_way))}
    tracked = CatchUp(publisher, seen, progress.by_any_name(found.findings), seeing, planned).remediations(notes)
    notes.followed = True
    _record(project, run, inventory.fresh, facts, found.findings, inventory.failed, seeing)
    pursuit = Pursuit(place, publisher, facts, found.findings, made.remediations, seeing, notes)
    pursuit.everything(made, tracked)
    present = frozenset(f.key for f in found.findings)
    if news := progress.progress(store.findings(project.id), store.remediations(project.id), present):
        store.move_findings(project.id, news, run.now())
    log.debug("%s: done at %s", project.path, head)


def _record(
    project: Project,
    run: Run,
    fresh: bool,
    facts: Facts,
    findings: tuple[Finding, ...],
    unreadable: tuple[Failure, ...],
    seeing: Coverage,
) -> None:
    """Store the scan, unless it says what the stored one says."""
    store, head = run.adapters.store, project.head or ""
    known = store.findings(project.id)
    last = store.last_scan(project.id)
    transitions = progress.seen(findings, known, facts.dependencies, seeing, head)
    active = {t.finding.key: t.finding for t in known if t.state not in follow.SETTLED}
    same = last is not None and last.complete == seeing.whole and active == {f.key: f for f in findings}
    if same and not fresh and not transitions:
        return
    scan = Scan(project.id, head, run.now(), seeing.whole, bot.__version__, unreadable)
    store.record_scan(scan, facts.dependencies, findings, transitions, progress.clocks(findings, known))
