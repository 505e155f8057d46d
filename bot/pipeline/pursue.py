"""Take one planned remediation as far as it goes now: leave it, make and prove it, publish it, or say why not."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.errors import CheckoutError, ForgeError
from bot.pipeline import follow, reasons, render, wording
from bot.pipeline.conclude import Conclusion
from bot.pipeline.coverage import Coverage
from bot.pipeline.fix import Fixed, fix
from bot.pipeline.ground import Ground, Tree
from bot.pipeline.offer import Made, Offering
from bot.pipeline.outcome import STANDING, Did, Notes
from bot.pipeline.plan import NoWay, Plan
from bot.pipeline.prove import NotAuditedError
from bot.pipeline.publish import Publisher
from bot.pipeline.render import Subject
from bot.pipeline.survey import inputs_digest
from bot.pipeline.workplace import Run, Workplace
from bot.ports import Commit
from remediators.api import RegistryError, RemediationError, ToolError
from state.model import (
    Facts,
    Finding,
    Kind,
    Rejected,
    Remediation,
    RemediationState,
    TrackedRemediation,
)


@dataclass(slots=True)
class Pursuit:
    """One project's planned remediations, taken one at a time; a failure of one leaves the next alone."""

    place: Workplace
    publisher: Publisher
    facts: Facts
    findings: tuple[Finding, ...]
    planned: tuple[Remediation, ...]
    coverage: Coverage
    notes: Notes
    _offering: Offering = field(init=False)
    _prepared: bool = field(default=False, init=False)
    _refused: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._offering = Offering(self.place, self.publisher, self.notes, self._alone)

    @property
    def run(self) -> Run:
        """What every project's run shares."""
        return self.place.run

    @staticmethod
    def preview(made: Plan, tracked: Iterable[TrackedRemediation], notes: Notes) -> None:
        """Note what would be done, and do nothing."""
        known = {t.remediation.key: t for t in tracked}
        for remediation in (*made.remediations, *(no.remediation for no in made.no_way)):
            before = known.get(remediation.key)
            if before is not None and before.state in STANDING and before.remediation.changes == remediation.changes:
                notes.add(before, STANDING[before.state])
            else:
                notes.plan(remediation)

    def everything(self, made: Plan, tracked: Mapping[str, TrackedRemediation]) -> None:
        """Take each in turn, what failed before last: it must not stand in the way of the others for ever.

        Raises BotError for what concerns them all: GitLab is away, or the token may not write.
        """
        failed = {key for key, t in tracked.items() if t.state is RemediationState.FAILED}
        with self._offering:
            for remediation in sorted(made.remediations, key=lambda r: r.key in failed):
                with self._alone(remediation):
                    self.pursue(remediation, tracked.get(remediation.key))
            # All are made before the first is published: the second opinion is asked for meanwhile.
            made_all = self._offering.made
            self._prepare((eco, *pin) for one in made_all for eco, pins in one.fixed.moved.items() for pin in pins)
            self._offering.publish()
        for no_way in made.no_way:
            with self._alone(no_way.remediation):
                self.hold(no_way, tracked.get(no_way.remediation.key))

    @contextlib.contextmanager
    def _alone(self, remediation: Remediation) -> Iterator[None]:
        """Keep to one remediation what GitLab refuses for it, as a protected branch; a second time is no accident."""
        try:
            yield
        except (CheckoutError, ForgeError) as error:
            alone = error.about_one if isinstance(error, ForgeError) else self.place.opened
            if not alone or self._refused:
                raise
            self._refused = True
            self._fail(remediation, str(error))

    def _fail(self, remediation: Remediation, reason: str) -> None:
        store, project_id, now = self.run.adapters.store, self.place.project.id, self.run.now()
        stored = {t.remediation.key: t for t in store.remediations(project_id)}
        known = follow.taken_up(remediation, stored.get(remediation.key), now)
        state = RemediationState.FAILED
        failed = replace(known, remediation=remediation, state=state, reason=reason, updated_at=now)
        store.save_remediation(project_id, failed)
        self.notes.add(failed, Did.FAILED)

    def pursue(self, remediation: Remediation, tracked: TrackedRemediation | None) -> None:
        """Leave one as it stands, or make and prove it; what became of it is in the notes or among the made."""
        now = self.run.now()
        known = follow.taken_up(remediation, tracked, now)
        in_the_dark = known.state is RemediationState.MR_OPEN and self.coverage.blind_to(known.remediation.findings)
        unmoved = known.base == self.place.project.head and follow.standing(known, remediation, None, now)
        if in_the_dark or unmoved:
            self.notes.add(known, STANDING[known.state])
            return
        if self._over_limit(known):
            limit = self.run.policy.open_merge_requests
            waiting = replace(known, remediation=remediation, reason=f"{limit} merge requests are open, the limit")
            self.notes.add(waiting, Did.WAITING)
            return
        inputs = self._inputs(remediation)
        if follow.standing(known, remediation, inputs, now):
            self._remember_base(known)
            self.notes.add(known, STANDING[known.state])
            return
        self._make(replace(known, remediation=remediation, inputs=inputs))

    def hold(self, no_way: NoWay, tracked: TrackedRemediation | None) -> None:
        """Have an issue say why a vulnerable package cannot be fixed, and take back what was offered as its fix."""
        remediation = no_way.remediation
        known = follow.taken_up(remediation, tracked, self.run.now())
        if known.state is RemediationState.MERGED:
            self.notes.add(known, Did.MERGED)
            return
        said = known.state is RemediationState.BLOCKED and known.reason == no_way.reason
        if not (said and known.remediation == remediation):
            if known.merge_request is not None:
                why = f"This change does not help any more: {wording.plain(no_way.reason)}."
                Conclusion(self.run.adapters.forge, self.place.project).take_back(known, why)
            concerned = tuple(f for f in self.findings if f.key in remediation.findings)
            subject = Subject(remediation, concerned, reason=no_way.reason)
            known = self.publisher.block(replace(known, remediation=remediation), subject, RemediationState.BLOCKED)
        self.notes.add(known, Did.BLOCKED)

    def _over_limit(self, known: TrackedRemediation) -> bool:
        if known.remediation.kind is Kind.VULNERABLE or known.state is RemediationState.MR_OPEN:
            return False
        tracked = self.run.adapters.store.remediations(self.place.project.id)
        standing = {t.remediation.key for t in tracked if t.state is RemediationState.MR_OPEN}
        standing |= {made.remediation.key for made in self._offering.made}
        return len(standing) >= self.run.policy.open_merge_requests

    def _inputs(self, remediation: Remediation) -> str:
        units = self.place.survey().units_of({c.manifest for c in remediation.changes})
        return inputs_digest(units, self.place.checkout().paths, render.change_lines(remediation))

    def _remember_base(self, known: TrackedRemediation) -> None:
        self.run.adapters.store.save_remediation(self.place.project.id, replace(known, base=self.place.project.head))

    def _make(self, tracked: TrackedRemediation) -> None:
        remediation = tracked.remediation
        concerned = tuple(f for f in self.findings if f.key in remediation.findings)
        self.run.progress(self.place.project.path, remediation.title)
        try:
            self._prepare_planned()
            commit, fixed = self._fix(remediation, concerned)
        except RemediationError as error:
            passing = isinstance(error, (ToolError, RegistryError, NotAuditedError))
            state = RemediationState.FAILED if passing else RemediationState.BLOCKED
            why = reasons.of(error)
            self.notes.rejected.extend(Rejected(key, why) for key in remediation.findings)
            self._offering.refuse(tracked, Subject(remediation, concerned, reason=why.words), state)
        else:
            self._offering.add(Made(tracked, concerned, commit, fixed))

    def _prepare_planned(self) -> None:
        """Tell the second opinion, once, of every pin that the plan brings in: one question instead of many."""
        if not self._prepared:
            self._prepared = True
            self._prepare((c.ecosystem, c.package, c.after) for r in self.planned for c in r.changes if c.after)

    def _prepare(self, pins: Iterable[tuple[str, str, str]]) -> None:
        box = self.run.adapters.toolbox
        for ecosystem, group in itertools.groupby(sorted(set(pins)), key=lambda pin: pin[0]):
            # A failure is none of the change at hand: the check of each asks again, about its own pins.
            with contextlib.suppress(RemediationError):
                box.crosschecks.prepare(ecosystem, {(package, version) for _, package, version in group})

    def _fix(self, remediation: Remediation, concerned: tuple[Finding, ...]) -> tuple[Commit, Fixed]:
        checkout = self.place.checkout()
        made: list[Commit] = []

        def keep(done: Remediation, files: Mapping[str, bytes]) -> Tree:
            commit = checkout.commit(files, render.commit(Subject(remediation, concerned, done=done)))
            made.append(commit)
            changed = frozenset(checkout.changed_files(commit))
            return Tree(commit.tree, checkout.head, checkout.reader(commit.sha), changed)

        reader, run = checkout.reader(checkout.head), self.run
        ground = Ground(checkout.paths, reader, self.place.survey(), self.facts, run.policy, run.now())
        fixed = fix(remediation, concerned, ground, keep, run.adapters.toolbox)
        return made[-1], fixed
