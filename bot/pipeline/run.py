"""The sequence for one project, from its head to its open merge requests; the only wide `except`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import bot
from bot.errors import BotError
from bot.pipeline import follow, policies, progress
from bot.pipeline.adopt import adopt
from bot.pipeline.assess import Assessed, assess
from bot.pipeline.catch_up import CatchUp
from bot.pipeline.outcome import Did, Notes, ProjectOutcome, Status
from bot.pipeline.planning import plan, turn
from bot.pipeline.publishing import automerge
from bot.pipeline.publishing.publish import Publisher
from bot.pipeline.pursue import Pursuit
from bot.pipeline.workplace import Run, Seen, Workplace
from bot.pipeline.writing.news import Newsroom
from state.errors import StoreError
from state.model import FindingTransition, Project, Scan, TrackedFinding, TrackedRemediation

log = logging.getLogger(__name__)

# How far back a day can go: more events than a project has in one.
HISTORY = 1000


def run_project(project: Project, seen: Seen, run: Run) -> ProjectOutcome:
    """Scan, plan, fix and follow one project with its head known. A failure is in the outcome, never raised."""
    notes = Notes(project.path)
    if run.stopping():
        return ProjectOutcome(project.path, Status.SKIPPED, "the bot is stopping; the next run looks at it")
    try:
        with contextlib.ExitStack() as stack:
            if not (run.dry or stack.enter_context(run.adapters.store.claim(project.id))):
                return ProjectOutcome(project.path, Status.SKIPPED, "another bot on this database is at work on it")
            place = Workplace(project, run, stack)
            place.run = replace(run, policy=policies.of(place))
            _sequence(seen, policies.targeted(place), notes)
    except (BotError, StoreError) as error:
        return notes.outcome(str(error))
    except Exception as error:
        log.exception("%s: a bug in the bot", project.path)
        # Its words may hold a secret; the log redacts them.
        return notes.outcome(f"a bug in the bot ({type(error).__name__}); the log has its traceback")
    finally:
        run.progress(project.path, "")
    return notes.outcome()


def _sequence(seen: Seen, place: Workplace, notes: Notes) -> None:
    project, run = place.project, place.run
    assessed = assess(place, notes)
    made, waiting = _turns(assessed.plan, project, run)
    if run.dry:
        planned = (*made.remediations, *(no.remediation for no in made.no_way))
        notes.preview(planned, run.adapters.store.remediations(project.id))
        _wait(waiting, {}, run, notes)
        return
    publisher = _publisher(place, assessed)
    adopt(place, seen, assessed.plan.keys, assessed.findings)
    known = run.adapters.store.findings(project.id)
    dependencies, head = assessed.facts.dependencies, project.head or ""
    moves = progress.seen(assessed.findings, known, dependencies, assessed.coverage, head)
    ended = progress.withdrawn(known, moves)
    tracked = CatchUp(publisher, seen, assessed, ended).remediations(notes)
    notes.followed = True
    _record(project, run, assessed, known, moves)
    Pursuit(
        place, publisher, assessed.facts, assessed.judged.active, made.remediations, assessed.coverage, notes
    ).everything(made, tracked)
    notes.failed += automerge.ask(project, run, assessed.plan.approvals, seen)
    _wait(waiting, tracked, run, notes)
    _progress(project, run, assessed)
    log.debug("%s: done at %s", project.path, project.head)


def _publisher(place: Workplace, assessed: Assessed) -> Publisher:
    run = place.run
    newsroom = Newsroom(run.adapters.toolbox, assessed.facts.dependencies, run.policy.cooldown_days, run.now)
    return Publisher(
        run.adapters, place.project, run.policy, run.now, assessed.plan.approvals, newsroom.about, place.tip
    )


def _turns(whole: plan.Plan, project: Project, run: Run) -> tuple[plan.Plan, tuple[turn.Waiting, ...]]:
    """The part of a plan whose turn it is, and the rest."""
    store, policy, now = run.adapters.store, run.policy, run.now()
    stored = store.remediations(project.id)
    tracked = {t.remediation.key: replace(t, retry_at=None) if run.again else t for t in stored}
    counted = policy.merge_requests_per_day is not None
    opened = turn.opened_lately(store.events(project.id, HISTORY), now) if counted else 0
    go, waiting = turn.turns(whole.remediations, tracked, policy, opened, now)
    return replace(whole, remediations=go), waiting


def _wait(waiting: tuple[turn.Waiting, ...], tracked: Mapping[str, TrackedRemediation], run: Run, notes: Notes) -> None:
    for each in waiting:
        known = follow.taken_up(each.remediation, tracked.get(each.remediation.key), run.now())
        notes.add(replace(known, remediation=each.remediation, reason=each.reason), Did.WAITING)


def _progress(project: Project, run: Run, assessed: Assessed) -> None:
    """Move findings to where exceptions and change sets have them."""
    store, present = run.adapters.store, frozenset(f.key for f in assessed.findings)
    if made := assessed.judged.acceptances:
        store.save_acceptances(project.id, made)
    if news := progress.accepted(store.findings(project.id), assessed.judged, present):
        store.move_findings(project.id, news, run.now())
    if news := progress.progress(store.findings(project.id), store.remediations(project.id), present):
        store.move_findings(project.id, news, run.now())


def _record(
    project: Project,
    run: Run,
    assessed: Assessed,
    known: Sequence[TrackedFinding],
    transitions: Sequence[FindingTransition],
) -> None:
    """Store the scan, unless it says what the stored one says."""
    store, head, findings, seeing = run.adapters.store, project.head or "", assessed.findings, assessed.coverage
    dependencies, inventory = assessed.facts.dependencies, assessed.inventory
    last = store.last_scan(project.id)
    active = {t.finding.key: t.finding for t in known if t.state not in follow.SETTLED}
    same = last is not None and last.complete == seeing.whole and active == {f.key: f for f in findings}
    if same and not inventory.fresh and not transitions:
        return
    scan = Scan(project.id, head, run.now(), seeing.whole, bot.__version__, inventory.failed)
    store.record_scan(scan, dependencies, findings, transitions, progress.clocks(findings, known))
