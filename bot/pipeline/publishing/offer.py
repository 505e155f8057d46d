"""Offer a project's proven change sets in GitLab: looked up side by side, pushed in one go, published in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, Self

from bot.pipeline import follow
from bot.pipeline.making.fix import second_opinion
from bot.pipeline.making.made import Made
from bot.pipeline.outcome import STANDING, Did, Notes
from bot.pipeline.planning.targets import joined_to
from bot.pipeline.publishing.publish import Publisher
from bot.pipeline.publishing.standing import Standing
from bot.pipeline.workplace import Workplace
from bot.pipeline.writing import render
from bot.pipeline.writing.news import News
from bot.pipeline.writing.render import Joined, Subject
from bot.ports import DisagreementError
from remediators.errors import RemediationError
from state.model import Proof, Remediation, RemediationState, TrackedRemediation

# Reads of GitLab at a time. Writes of one kind go one by one: GitLab answers 409 to some that come together.
READERS = 8


class Alone(Protocol):
    """Keeps to some remediations what GitLab refuses for them."""

    def __call__(self, *remediations: Remediation) -> AbstractContextManager[None]:
        """Them."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """A change set that may have its merge request, its members as they stand, and what GitLab has of it."""

    made: Made
    tracked: tuple[TrackedRemediation, ...]
    subject: Subject
    standing: Standing
    news: Callable[[], News]


class Offering:
    """One project's. What is added is looked up in GitLab while the next is made."""

    def __init__(self, place: Workplace, publisher: Publisher, notes: Notes, alone: Alone) -> None:
        self._place = place
        self._publisher = publisher
        self._notes = notes
        self._alone = alone
        self._looks: dict[str, Future[Standing]] = {}
        self._made: list[Made] = []
        self._expected = False
        self._threads = ThreadPoolExecutor(READERS, "look")
        self._issues = ThreadPoolExecutor(1, "issues")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for threads in (self._issues, self._threads):
            threads.shutdown(cancel_futures=True)

    @property
    def made(self) -> Sequence[Made]:
        """What was added."""
        return tuple(self._made)

    def expect(self, planned: Remediation) -> None:
        """Have GitLab's branches listed, once, while the first change set is proven; whatever fails is said later."""
        if not self._expected:
            self._expected = True
            self._threads.submit(self._place.checkout().branch, planned.branch)

    def add(self, made: Made) -> None:
        """Have a change set published with the others, instead of those of its members alone."""
        for member in made.members:
            if member.planned.key not in self._looks:
                look = partial(self._publisher.look, member.tracked, member.planned, self._place.checkout())
                self._looks[member.planned.key] = self._threads.submit(look)
        keys = {member.planned.key for member in made.members}
        place = next((n for n, other in enumerate(self._made) if other.remediation.key in keys), len(self._made))
        self._made.insert(place, made)
        self._made = [other for other in self._made if other is made or other.remediation.key not in keys]

    def drop(self, keys: Collection[str]) -> None:
        """Have none of these published."""
        self._made = [made for made in self._made if made.remediation.key not in keys]

    def publish(self, last: Collection[str] = ()) -> None:
        """Issue, branch and merge request of each, of these `last`; one that fails leaves the others alone."""
        ordered = sorted(self._made, key=lambda made: made.remediation.key in last)
        offers: list[_Offer] = []
        for made in ordered:
            with self._alone(*made.planned):
                offers.extend(filter(None, [self._judged(made)]))
        pushing = self._threads.submit(self._push, offers)
        # One issue after the other, while the merge requests of those before it are opened.
        begun = [self._issues.submit(self._with_issue, offer) for offer in offers]
        pushed = pushing.result()
        for offer, with_issue in zip(offers, begun, strict=True):
            with self._alone(*offer.made.planned):
                self._open(with_issue.result(), pushed)

    def refuse(self, tracked: TrackedRemediation, subject: Subject, state: RemediationState) -> None:
        """Have the issue say why a change set is not offered."""
        based = replace(tracked, base=self._place.project.head, retry_at=None)
        if state is RemediationState.FAILED:
            based = follow.tried(based, follow.FAILED_RETRY, self._place.run.now())
        refused = self._publisher.block(based, subject, state)
        self._notes.add(refused, Did.BLOCKED if state is RemediationState.BLOCKED else Did.FAILED)

    def _judged(self, made: Made) -> _Offer | None:
        """A change set with its second opinion; None when there is to be no merge request."""
        proof = self._confirmed(made)
        if proof is None:
            return None
        subject = replace(made.subject, proof=proof)
        standing = self._looks[made.remediation.key].result()
        offer = _Offer(made, self._as_proven(made, proof), subject, standing, partial(self._ask_news, subject))
        closed = standing.refused(made.planned)
        if closed is None:
            return self._hurried(offer)
        offer = self._with_issue(offer)
        ended = self._publisher.refuse(offer.tracked[0], closed)
        self._settle(offer, ended, STANDING[ended.state])
        return None

    def _confirmed(self, made: Made) -> Proof | None:
        """The proof with its second opinion; None, and the issues say why, where that contradicts it or fails."""
        try:
            return second_opinion(made.fixed, self._place.run.adapters.toolbox)
        except RemediationError as error:
            # A contradiction stands until something changes; an auditor that cannot say may, the next time.
            refused = isinstance(error, DisagreementError)
            state = RemediationState.BLOCKED if refused else RemediationState.FAILED
            for member in made.members:
                self.refuse(member.tracked, replace(made.about(member), reason=str(error)), state)
            return None

    def _as_proven(self, made: Made, proof: Proof) -> tuple[TrackedRemediation, ...]:
        """The members as they are stored from now on."""
        project, store, now = self._place.project, self._place.run.adapters.store, self._place.run.now()
        proven = tuple(
            replace(
                member.tracked,
                state=RemediationState.PROVEN,
                # Who is joined to another stays so after a crash.
                reason="" if member is made.members[0] else joined_to(made.remediation),
                updated_at=now,
                retry_at=member.tracked.retry_at if member.tracked.state is RemediationState.MR_OPEN else None,
            )
            for member in made.members
        )
        for tracked in proven:
            store.save_remediation(project.id, tracked)
            store.save_proof(project.id, tracked.remediation.key, proof, now)
        return proven

    def _ask_news(self, subject: Subject) -> News:
        return self._publisher.news(subject.shown, render.carried(subject))

    def _hurried(self, offer: _Offer) -> _Offer:
        """What is new in a change set that has no merge request yet is looked up while others are written."""
        if offer.standing.opened is not None or offer.standing.taken_over:
            return offer
        return replace(offer, news=self._threads.submit(offer.news).result)

    def _push(self, offers: Sequence[_Offer]) -> frozenset[str]:
        """Push in one go what may be pushed; what that leaves is pushed, or refused, with its merge request."""
        ready = {
            offer.made.remediation.branch: offer.made.commit
            for offer in offers
            if not offer.standing.taken_over and offer.standing.lacks(offer.made.commit)
        }
        return self._place.checkout().push_all(ready) if len(ready) > 1 else frozenset()

    def _with_issue(self, offer: _Offer) -> _Offer:
        tracked: list[TrackedRemediation] = []
        for member, known in zip(offer.made.members, offer.tracked, strict=True):
            issue = self._looks[member.planned.key].result().issue
            about = replace(offer.made.about(member), proof=offer.subject.proof)
            tracked.append(self._publisher.ensure_issue(known, about, issue))
        joined = tuple(Joined(t.remediation, t.issue) for t in tracked[1:])
        return replace(offer, tracked=tuple(tracked), subject=replace(offer.subject, joined=joined))

    def _open(self, offer: _Offer, pushed: Collection[str]) -> None:
        made, standing = offer.made, offer.standing
        if made.remediation.branch in pushed:
            standing = replace(standing, tip=made.commit)
        done, written = self._publisher.open(
            offer.tracked[0], offer.subject, standing, self._place.checkout(), made.commit, offer.news
        )
        # What stands in GitLab tells, not what the database knew of it: that may be new.
        wrote = Did.UPDATED if written or made.remediation.branch in pushed else Did.UNCHANGED
        did = Did.OPENED if standing.opened is None else wrote
        self._settle(offer, done, did if done.state is RemediationState.MR_OPEN else STANDING[done.state])

    def _settle(self, offer: _Offer, leader: TrackedRemediation, did: Did) -> None:
        """Have the others share what became of the one that they go by."""
        self._publisher.part(leader.merge_request, [member.planned.key for member in offer.made.members])
        self._notes.add(leader, did, offer.subject.proof)
        for tracked in offer.tracked[1:]:
            standing = self._looks[tracked.remediation.key].result()
            self._notes.add(self._publisher.join(tracked, standing, leader), did, offer.subject.proof)
