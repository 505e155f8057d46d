"""Fixes that cannot stand apart: found among a project's tries, and the best set of them made one merge request."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.pipeline.making import bonds
from bot.pipeline.making.bonds import Attempt, ExcludedError
from bot.pipeline.making.commits import Making
from bot.pipeline.making.joint import Joint, union
from bot.pipeline.making.made import Made, Member
from bot.pipeline.making.prove import NotAuditedError, NotProvenError
from bot.pipeline.planning import targets
from bot.pipeline.planning.targets import package_of
from bot.pipeline.publishing.offer import Alone, Offering
from bot.ports import DisagreementError
from remediators.errors import BlockedError, ManifestError, RemediationError, Requirer
from state.model import Change, Proof, Remediation, RemediationState, TrackedRemediation

# It has a merge request, or a crash kept us from saying so.
OFFERED = frozenset({RemediationState.PROVEN, RemediationState.MR_OPEN})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one fix alone: it was `made`, or met an `error`, or stands as it is with its `proof`."""

    known: TrackedRemediation
    made: Made | None = None
    error: RemediationError | None = None
    proof: Proof | None = None

    @property
    def planned(self) -> Remediation:
        """The plan of it."""
        return self.known.remediation

    @property
    def stands(self) -> bool:
        """Whether it was left as it is."""
        return self.made is None and self.error is None

    @property
    def attempt(self) -> Attempt:
        """What it tells of its bonds."""
        if self.made is not None:
            return Attempt(self.planned, self.made.fixed.proof.changes, self.made.fixed.remediation.changes)
        moved = self.proof.changes if self.proof is not None else ()
        return Attempt(self.planned, moved, self.planned.changes, self.error)


@dataclass(frozen=True, slots=True)
class JointSet:
    """The best of several fixes that cannot stand apart: what is offered, and why the others are left out, by key.

    `made` is None where nothing new is to be offered.
    """

    made: Made | None
    left_out: Mapping[str, RemediationError]


def join(tried: Sequence[Tried], making: Making, offering: Offering, alone: Alone) -> dict[str, RemediationError]:
    """Offer the best set of fixes that cannot stand apart as one; why those are refused that are in none, by key.

    What stands is only made again where something new is bonded to it. A fault is that of the set that it was met in.
    """
    refused = {each.planned.key: each.error for each in tried if each.error is not None}
    news = any(not each.stands for each in tried)
    for group in _groups(tried, making) if news else ():
        new = [each.planned for each in group if not each.stands]
        keys = [planned.key for planned in new]
        apart = {key: refused.pop(key) for key in keys if key in refused}
        with alone(*new):
            refused.update(_joined(group, apart, making, offering) if new else {})
            continue
        offering.drop(keys)
    return refused


def _joined(
    group: Sequence[Tried], apart: Mapping[str, RemediationError], making: Making, offering: Offering
) -> Mapping[str, RemediationError]:
    """Why fixes of a group are not offered once the best set of it is; `apart` is why when each is made alone."""
    try:
        found = _best(group, making)
    except RemediationError as error:
        # What was made of each alone goes on as it is.
        log.info("%s: %s", making.place.project.path, error)
        return apart
    offering.drop(found.left_out.keys())
    offered = () if found.made is None else found.made.planned
    if found.made is not None:
        offering.add(found.made)
    in_it = {planned.key for planned in offered}
    return {key: error for key, error in {**apart, **found.left_out}.items() if key not in in_it}


def _groups(tried: Sequence[Tried], making: Making) -> tuple[tuple[Tried, ...], ...]:
    """Those that cannot stand apart, each group in their order. No package manager runs for that."""
    attempts = [each.attempt for each in tried]
    ecosystems = making.place.run.adapters.toolbox.ecosystems

    def satisfies(ecosystem: str, version: str, requirement: str) -> bool:
        try:
            return ecosystems.versions(ecosystem).satisfies(version, requirement)
        except ValueError:
            return True

    by_key = {each.planned.key: each for each in tried}
    found = bonds.groups(attempts, making.needs(bonds.asked(attempts)), satisfies)
    return tuple(tuple(by_key[key] for key in group) for group in found)


def _best(group: Sequence[Tried], making: Making) -> JointSet:
    """The set of these that fixes most, without what another auditor contradicts.

    Raises RemediationError when what was made together is not proven.
    """
    covering = next((each.made for each in group if _covers(each, group)), None)
    if covering is not None:
        fixed = covering.fixed
        whole = _whole(group, [fixed.remediation], making.files(covering.commit), fixed.proof.changes, making)
        found = JointSet(whole, {})
    else:
        found = _set(group, making.best([each.planned for each in group]), making)
    if found.made is None or not making.contradicted(found.made.fixed):
        return found
    return _set(group, making.best([each.planned for each in group], agreed=True), making)


def _set(group: Sequence[Tried], joint: Joint, making: Making) -> JointSet:
    """What was made together, as one change set, and why the others of a group are not in it."""
    members = [each for each in group if each.planned.key not in joint.refused]
    proof = joint.proof()
    # Why it could not be made alone says more than what it met beside others, unless an auditor contradicts it.
    alone = {each.planned.key: each.error for each in group if each.error is not None}
    met = {k: e for k, e in joint.refused.items() if proof is not None or isinstance(e, DisagreementError)}
    left_out = {
        key: error if isinstance(error, DisagreementError) else alone.get(key) or _excluded(error, joint.done)
        for key, error in met.items()
    }
    if proof is None:
        return JointSet(None, left_out)
    as_alone = len(members) == 1 and members[0].error is None
    made = members[0].made if as_alone else _whole(members, joint.done, joint.overlay, proof.changes, making)
    packages = tuple(package_of(each.planned) for each in group if each.planned.key in left_out)
    return JointSet(None if made is None else replace(made, left_out=packages), left_out)


def _covers(one: Tried, group: Sequence[Tried]) -> bool:
    """Whether a fix, as it was made alone, is all that the others are for."""
    if one.made is None:
        return False
    fixed = {f"{a.ecosystem}:{a.package}:{a.cluster}" for a in one.made.fixed.proof.fixed}
    return all(fixed.issuperset(each.planned.findings) for each in group)


def _whole(
    members: Sequence[Tried],
    done: Sequence[Remediation],
    files: Mapping[str, bytes],
    moved: Sequence[Change],
    making: Making,
) -> Made:
    leader = min(members, key=_leads)
    ordered = (leader, *(each for each in members if each is not leader))
    whole = union([each.planned for each in ordered], done, moved)
    commit, fixed = making.kept(whole, files)
    return Made(tuple(_member(each, whole.changes, moved, making) for each in ordered), commit, fixed)


def _leads(tried: Tried) -> tuple[bool, str]:
    """Sorts first what has a merge request of its own, so that no other has to be opened."""
    own = tried.known.merge_request is not None and tried.known.state in OFFERED and not tried.known.reason
    return not own, tried.planned.key


def _member(tried: Tried, whole: Sequence[Change], moved: Sequence[Change], making: Making) -> Member:
    """With what was done for it: what its package came to, or, where that is gone, what was done without it."""
    planned = tried.planned
    places = {(c.package, c.manifest) for c in planned.changes}
    parts = (tuple(c for c in changes if c.after and (c.package, c.manifest) in places) for changes in (whole, moved))
    part = next(filter(None, parts), tuple(whole))
    return Member(tried.known, making.concerned(planned), targets.retitled(replace(planned, changes=part)))


def _excluded(error: RemediationError, done: Sequence[Remediation]) -> RemediationError:
    """Why a fix is left out: what it met beside the others. What may pass by itself stays what it is."""
    if isinstance(error, NotAuditedError) or not isinstance(error, BlockedError | NotProvenError | ManifestError):
        return error
    moved = [Requirer(c.package, c.after, "", c.direct) for r in done for c in r.changes if c.after]
    named = ", ".join(targets.unique(f"{r.package} {r.version}" for r in moved))
    return ExcludedError(f"there is no place for this fix beside {named}: {error}", moved)
