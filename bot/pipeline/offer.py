"""Offer a project's proven change sets in GitLab: looked up side by side, pushed in one go, published in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Self, TypeVar

from bot.pipeline.fix import Fixed, second_opinion
from bot.pipeline.outcome import STANDING, Did, Notes
from bot.pipeline.publish import Publisher, Standing
from bot.pipeline.render import Subject
from bot.pipeline.workplace import Workplace
from bot.ports import Commit, DisagreementError
from remediators.api import RemediationError
from state.model import Finding, Remediation, RemediationState, TrackedRemediation

# Reads of GitLab at a time. Writes go one by one: GitLab answers 409 to some that come together.
READERS = 8

_Item = TypeVar("_Item")

Alone = Callable[[Remediation], AbstractContextManager[None]]
"""Keeps to one remediation what GitLab refuses for it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A change set that is committed here and proven, and not yet published."""

    tracked: TrackedRemediation
    concerned: tuple[Finding, ...]
    commit: Commit
    fixed: Fixed

    @property
    def remediation(self) -> Remediation:
        """The plan that it carries out."""
        return self.tracked.remediation


@dataclass(frozen=True, slots=True)
class _Offer:
    """A change set that may have its merge request, and what GitLab has of it."""

    made: Made
    tracked: TrackedRemediation
    subject: Subject
    standing: Standing


class Offering:
    """One project's. What is added is looked up in GitLab while the next is made."""

    def __init__(self, place: Workplace, publisher: Publisher, notes: Notes, alone: Alone) -> None:
        self._place = place
        self._publisher = publisher
        self._notes = notes
        self._alone = alone
        self._looks: dict[str, Future[Standing]] = {}
        self._made: list[Made] = []
        self._threads = ThreadPoolExecutor(READERS, "look")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    @property
    def made(self) -> Sequence[Made]:
        """What was added."""
        return tuple(self._made)

    def add(self, made: Made) -> None:
        """Have a change set published with the others."""
        look = partial(self._publisher.look, made.tracked, made.remediation, self._place.checkout())
        self._looks[made.remediation.key] = self._threads.submit(look)
        self._made.append(made)

    def publish(self) -> None:
        """Issue, branch and merge request of each; one that fails leaves the others alone."""
        offers = self._each(self._made, lambda made: made.remediation, self._judged)
        pushing = self._threads.submit(self._push, offers)
        begun = self._each(offers, lambda offer: offer.made.remediation, self._with_issue)
        pushed = pushing.result()
        for offer in begun:
            with self._alone(offer.made.remediation):
                self._open(offer, pushed)

    def refuse(self, tracked: TrackedRemediation, subject: Subject, state: RemediationState) -> None:
        """Have the issue say why a change set is not offered."""
        based = replace(tracked, base=self._place.project.head)
        refused = self._publisher.block(based, subject, state)
        self._notes.add(refused, Did.BLOCKED if state is RemediationState.BLOCKED else Did.FAILED)

    def _each(
        self, items: Iterable[_Item], whose: Callable[[_Item], Remediation], act: Callable[[_Item], _Offer | None]
    ) -> list[_Offer]:
        done: list[_Offer] = []
        for item in items:
            with self._alone(whose(item)):
                offer = act(item)
                done.extend([offer] if offer is not None else [])
        return done

    def _judged(self, made: Made) -> _Offer | None:
        """A change set with its second opinion; None when there is to be no merge request."""
        run, project, tracked = self._place.run, self._place.project, made.tracked
        subject = Subject(made.remediation, made.concerned, done=made.fixed.remediation)
        try:
            proof = second_opinion(made.fixed, run.adapters.toolbox)
        except RemediationError as error:
            # A contradiction stands until something changes; an auditor that cannot say may, the next time.
            refused = isinstance(error, DisagreementError)
            state = RemediationState.BLOCKED if refused else RemediationState.FAILED
            self.refuse(tracked, replace(subject, reason=str(error)), state)
            return None
        subject = replace(subject, proof=proof)
        standing = self._looks[made.remediation.key].result()
        proven = replace(tracked, state=RemediationState.PROVEN, reason="", updated_at=run.now())
        run.adapters.store.save_remediation(project.id, proven)
        run.adapters.store.save_proof(project.id, made.remediation.key, proof, run.now())
        ended = self._publisher.refused(proven, subject, standing)
        if ended is None:
            return _Offer(made, proven, subject, standing)
        self._notes.add(ended, STANDING[ended.state], proof)
        return None

    def _push(self, offers: Sequence[_Offer]) -> frozenset[str]:
        """Push in one go what may be pushed; what that leaves is pushed, or refused, with its merge request."""
        ready = {
            offer.made.remediation.branch: offer.made.commit
            for offer in offers
            if not offer.standing.taken_over and offer.standing.lacks(offer.made.commit)
        }
        return self._place.checkout().push_all(ready) if len(ready) > 1 else frozenset()

    def _with_issue(self, offer: _Offer) -> _Offer:
        tracked = self._publisher.ensure_issue(offer.tracked, offer.subject, offer.standing.issue)
        return replace(offer, tracked=tracked)

    def _open(self, offer: _Offer, pushed: Collection[str]) -> None:
        made, standing = offer.made, offer.standing
        if made.remediation.branch in pushed:
            standing = replace(standing, tip=made.commit)
        done = self._publisher.open(offer.tracked, offer.subject, standing, self._place.checkout(), made.commit)
        did = Did.UPDATED if made.tracked.state is RemediationState.MR_OPEN else Did.OPENED
        said = did if done.state is RemediationState.MR_OPEN else STANDING[done.state]
        self._notes.add(done, said, offer.subject.proof)
