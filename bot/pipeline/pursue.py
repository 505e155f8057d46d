"""Take one planned remediation as far as it goes now: leave it, make and prove it, publish it, or say why not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.errors import CheckoutError, ForgeError
from bot.pipeline import follow, together
from bot.pipeline.coverage import Coverage
from bot.pipeline.making.bonds import ExcludedError
from bot.pipeline.making.commits import Making
from bot.pipeline.making.made import Made, Member
from bot.pipeline.outcome import STANDING, Did, Notes
from bot.pipeline.planning import updates
from bot.pipeline.planning.beside import Fixes
from bot.pipeline.planning.plan import Plan
from bot.pipeline.publishing.give_way import GiveWay
from bot.pipeline.publishing.offer import Offering
from bot.pipeline.publishing.publish import Publisher
from bot.pipeline.publishing.refusals import Refusals
from bot.pipeline.together import Tried
from bot.pipeline.workplace import Run, Workplace
from remediators.errors import RemediationError
from state.model import (
    Change,
    Facts,
    Finding,
    Kind,
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
    _making: Making = field(init=False)
    _refusals: Refusals = field(init=False)
    _tried: dict[str, Tried] = field(default_factory=dict, init=False)
    _left: dict[str, TrackedRemediation] = field(default_factory=dict, init=False)
    _dark: set[str] = field(default_factory=set, init=False)
    _beside: Fixes = field(default_factory=lambda: Fixes({}, {}), init=False)
    _refused: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._offering = Offering(self.place, self.publisher, self.notes, self._alone)
        self._making = Making(self.place, self.facts, self.findings)
        self._refusals = Refusals(self.publisher, self._making, self._offering, self.notes)

    @property
    def run(self) -> Run:
        """What every project's run shares."""
        return self.place.run

    def everything(self, made: Plan, tracked: Mapping[str, TrackedRemediation]) -> None:
        """Take each in turn, what failed before last: it must not stand in the way of the others for ever.

        Raises BotError for what concerns them all: GitLab is away, or the token may not write.
        """
        failed = {key for key, t in tracked.items() if t.state is RemediationState.FAILED}
        ordered = sorted(made.remediations, key=lambda r: r.key in failed)
        with self._offering:
            for fix in (r for r in ordered if r.kind is Kind.VULNERABLE):
                with self._alone(fix):
                    self.pursue(fix, tracked)
            refused = together.join(self._fixes(), self._making, self._offering, self._alone)
            self._update([r for r in ordered if r.kind is not Kind.VULNERABLE], tracked, refused)
            self._refuse_all(refused)
            # All are made before the first is published: the second opinion is asked for meanwhile.
            made_all = self._offering.made
            self._making.prepare(
                (eco, *pin) for one in made_all for eco, pins in one.fixed.moved.items() for pin in pins
            )
            self._offering.publish(last=failed)
        GiveWay(self.place, self.notes, self._alone).all()
        # What shared a merge request with others has none after these were published.
        stored = self._stored() if made.no_way else {}
        for no_way in made.no_way:
            with self._alone(no_way.remediation):
                self._refusals.hold(no_way, stored.get(no_way.remediation.key))

    def _update(
        self,
        planned: Sequence[Remediation],
        tracked: Mapping[str, TrackedRemediation],
        refused: Mapping[str, RemediationError],
    ) -> None:
        """Take each routine update in turn, without what a fix moves."""
        self._beside = Fixes.offered(self._offered(tracked, refused)) if planned else self._beside
        for update in planned:
            left = updates.without(update, self._beside.moves.keys())
            with self._alone(update):
                if left is not None:
                    self.pursue(left, tracked)
                elif (crossed := self._beside.crossed(update)) is not None:
                    self._wait(update, tracked.get(update.key), crossed.reason)

    def _offered(
        self, tracked: Mapping[str, TrackedRemediation], refused: Mapping[str, RemediationError]
    ) -> Iterator[tuple[Remediation, Sequence[Change]]]:
        """The fixes that have a merge request, or are to have one, with all that each moves."""
        members = [(made, member.planned) for made in self._offering.made for member in made.members]
        yield from ((planned, made.fixed.proof.changes) for made, planned in members)
        gone = {planned.key for _, planned in members} | {k for k, e in refused.items() if isinstance(e, ExcludedError)}
        # Also what failed since, or cannot be looked up now: its merge request is open all the same.
        for key, known in tracked.items():
            if key not in gone and known.remediation.kind is Kind.VULNERABLE and follow.has_open(known):
                proof = self.run.adapters.store.proof(self.place.project.id, key)
                yield known.remediation, () if proof is None else proof.changes

    def _wait(self, remediation: Remediation, tracked: TrackedRemediation | None, reason: str) -> None:
        known = follow.taken_up(remediation, tracked, self.run.now())
        self.notes.add(replace(known, remediation=remediation, reason=reason), Did.WAITING)

    @contextlib.contextmanager
    def _alone(self, *remediations: Remediation) -> Iterator[None]:
        """Keep to these remediations what GitLab refuses for them, as a protected branch; twice is no accident."""
        try:
            yield
        except (CheckoutError, ForgeError) as error:
            alone = error.about_one if isinstance(error, ForgeError) else self.place.opened
            if not alone or self._refused:
                raise
            self._refused = True
            for remediation in remediations:
                self._fail(remediation, str(error))

    def _fail(self, remediation: Remediation, reason: str) -> None:
        now = self.run.now()
        known = follow.taken_up(remediation, self._stored().get(remediation.key), now)
        known = replace(follow.tried(known, follow.FAILED_RETRY, now), base=self.place.project.head, updated_at=now)
        failed = replace(known, remediation=remediation, state=RemediationState.FAILED, reason=reason)
        self.run.adapters.store.save_remediation(self.place.project.id, failed)
        self.notes.add(failed, Did.FAILED)

    def _stored(self) -> Mapping[str, TrackedRemediation]:
        """Every remediation by key, as it stands after what was done so far."""
        return {t.remediation.key: t for t in self.run.adapters.store.remediations(self.place.project.id)}

    def pursue(self, remediation: Remediation, tracked: Mapping[str, TrackedRemediation]) -> None:
        """Leave one as it stands, or make and prove it; what became of it is in the notes or among the made."""
        known = follow.taken_up(remediation, tracked.get(remediation.key), self.run.now())
        known = replace(known, retry_at=None) if self.run.again and known.state is RemediationState.FAILED else known
        # What shares a merge request stands or moves with it.
        sharing = [(remediation, known), *self._sharing(known, tracked)]
        if any(self._in_the_dark(each) for _, each in sharing):
            self._dark.add(remediation.key)
            self._leave(known)
        elif all(self._unmoved(*each) for each in sharing):
            self._leave(known)
        elif self._over_limit(known):
            limit = self.run.policy.open_merge_requests
            self._wait(remediation, known, f"{limit} merge requests are open, the limit")
        elif all(self._standing(*each) for each in sharing):
            self._remember_base(known)
            self._leave(known)
        else:
            inputs, shown = self._making.inputs(remediation), self._shown(remediation)
            self._make(replace(known, remediation=remediation, inputs=inputs, shown=shown))

    def _sharing(
        self, known: TrackedRemediation, tracked: Mapping[str, TrackedRemediation]
    ) -> Iterator[tuple[Remediation | None, TrackedRemediation]]:
        """The others that are in its merge request, each with its plan, None where there is none any more."""
        if known.state is not RemediationState.MR_OPEN or known.merge_request is None:
            return
        planned = {remediation.key: remediation for remediation in self.planned}
        for key, other in tracked.items():
            if key != known.remediation.key and other.merge_request == known.merge_request:
                yield planned.get(key), other

    def _in_the_dark(self, known: TrackedRemediation) -> bool:
        return known.state is RemediationState.MR_OPEN and self.coverage.blind_to(known.remediation.findings)

    def _unmoved(self, remediation: Remediation | None, known: TrackedRemediation) -> bool:
        return known.base == self.place.project.head and self._standing(remediation, known, here=True)

    def _standing(self, remediation: Remediation | None, known: TrackedRemediation, here: bool = False) -> bool:
        if remediation is None:
            return False
        inputs = None if here else self._making.inputs(remediation)
        return follow.standing(known, remediation, self._shown(remediation), inputs, self.run.now())

    def _shown(self, remediation: Remediation) -> str:
        return self.publisher.shown(remediation, self._making.concerned(remediation))

    def _leave(self, known: TrackedRemediation) -> None:
        self._left[known.remediation.key] = known
        self.notes.add(known, STANDING[known.state])

    def _over_limit(self, known: TrackedRemediation) -> bool:
        if known.remediation.kind is Kind.VULNERABLE or follow.has_open(known):
            return False
        standing = [t.remediation for t in self._stored().values() if follow.has_open(t)]
        standing += [made.remediation for made in self._offering.made]
        routine = {each.key for each in standing if each.kind is not Kind.VULNERABLE}
        return len(routine) >= self.run.policy.open_merge_requests

    def _remember_base(self, known: TrackedRemediation) -> None:
        self.run.adapters.store.save_remediation(self.place.project.id, replace(known, base=self.place.project.head))

    def _make(self, tracked: TrackedRemediation) -> None:
        remediation = tracked.remediation
        self.run.progress(self.place.project.path, remediation.title)
        if not self._tried:
            # The second opinion is told, once, of every pin that the plan brings in: one question instead of many.
            self._making.prepare((c.ecosystem, c.package, c.after) for r in self.planned for c in r.changes if c.after)
        try:
            commit, fixed = self._making.one(remediation, partial(self._offering.expect, remediation))
            if remediation.kind is not Kind.VULNERABLE and (no := self._beside.refusal(fixed.proof.changes)):
                raise no
        except RemediationError as error:
            self._tried[remediation.key] = Tried(tracked, error=error)
        else:
            made = Made((Member(tracked, self._making.concerned(remediation), fixed.remediation),), commit, fixed)
            self._tried[remediation.key] = Tried(tracked, made)
            self._offering.add(made)

    def _fixes(self) -> list[Tried]:
        """Every fix of a vulnerability that was tried, or that stands open and may be bonded to one that was.

        What cannot be judged now stays as it is: it is not made anew, and so is in no other set.
        """
        tried: list[Tried] = []
        for remediation in (r for r in self.planned if r.kind is Kind.VULNERABLE and r.key not in self._dark):
            left = self._left.get(remediation.key)
            if remediation.key in self._tried:
                tried.append(self._tried[remediation.key])
            elif left is not None and left.state is RemediationState.MR_OPEN:
                proof = self.run.adapters.store.proof(self.place.project.id, remediation.key)
                tried.append(Tried(left, proof=proof))
        return tried

    def _refuse_all(self, fixes: Mapping[str, RemediationError]) -> None:
        """Say why these are not offered, and why the updates that could not be made are not."""
        updates_too = {k: t.error for k, t in self._tried.items() if t.planned.kind is not Kind.VULNERABLE and t.error}
        for key, error in {**fixes, **updates_too}.items():
            known = self._tried[key].known if key in self._tried else self._left[key]
            with self._alone(known.remediation):
                self._refusals.refuse(known, error)
