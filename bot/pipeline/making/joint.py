"""Several fixes of one tree on top of each other: the set of them that fixes most, within a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.pipeline import find, gather
from bot.pipeline.making import prove
from bot.pipeline.making.fix import Fixed, fix, moved, second_opinion, several
from bot.pipeline.making.ground import Ground, Tree, over
from bot.pipeline.planning import plan
from bot.pipeline.planning.targets import change_order, joint_title, unique
from bot.pipeline.survey import survey
from bot.policy import accept
from bot.ports import Toolbox
from remediators.errors import RemediationError
from state.model import Change, Finding, Kind, Proof, Remediation

# Seconds that looking for a better set may take, and how many of those that found no place get to be first.
SECONDS = 300.0
FIRSTS = 6

Opinion = Callable[[Fixed, Toolbox], Proof]
"""The proof of a change set once others have judged it. Raises RemediationError when they contradict it."""


@dataclass(slots=True)
class Joint:
    """Fixes made so far, in memory. `refused` is why the others were not, by their key."""

    first: Ground
    findings: tuple[Finding, ...]
    toolbox: Toolbox
    opinion: Opinion = second_opinion
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    done: list[Remediation] = field(default_factory=list)
    refused: dict[str, RemediationError] = field(default_factory=dict)
    _ground: Ground = field(init=False)
    _proofs: list[Proof] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._ground = self.first

    @property
    def left(self) -> int:
        """How many vulnerabilities are still there."""
        found = find.find(self._ground.facts, self.toolbox.ecosystems, self.first.policy, self.first.now)
        return sum(f.kind is Kind.VULNERABLE for f in found.findings)

    def add(self, planned: Remediation) -> None:
        """Make and prove one change set on top of those before it, or note why it cannot be."""
        remediation = self._again(planned)
        if remediation is None:
            self.refused.pop(planned.key, None)
            return
        kept = dict(self.overlay)

        def keep(done: Remediation, files: Mapping[str, bytes]) -> Tree:
            kept.update(files)
            return Tree(_hash(kept), _hash(self.overlay), over(self.first.reader, kept), frozenset(files))

        concerned = tuple(f for f in self.findings if f.key in remediation.findings)
        try:
            fixed = fix(remediation, concerned, self._ground, keep, self.toolbox)
            self._proofs.append(self.opinion(fixed, self.toolbox))
        except RemediationError as error:
            self.refused[remediation.key] = error
            return
        self.refused.pop(remediation.key, None)
        self.overlay = kept
        self.done.append(fixed.remediation)
        reader = over(self.first.reader, kept)
        read = survey(self.toolbox.ecosystems, self.first.paths, reader, lambda _: None)
        facts = gather.facts(read.dependencies, read.failed, self.toolbox, outdated=False)
        self._ground = replace(self.first, reader=reader, survey=read, facts=facts)

    def _again(self, planned: Remediation) -> Remediation | None:
        """The change set as it is to be made after those before it; None when they did what it was for."""
        if not self.done or planned.kind is not Kind.VULNERABLE:
            return planned
        ground, ecosystems = self._ground, self.toolbox.ecosystems
        found = find.find(ground.facts, ecosystems, ground.policy, ground.now)
        active = accept.judge(found.findings, ground.policy, ground.facts.threats, ground.now).active
        made = plan.plan(active, ground.facts, ecosystems, ground.policy, planned.target_branch, ground.now)
        standing = {f.key for f in active}
        if not standing & set(planned.findings):
            return None
        return next((r for r in made.remediations if r.key == planned.key), planned)

    def proof(self) -> Proof | None:
        """One proof over everything that was done, from the tree as it was to the tree as it is now.

        Raises RemediationError when the whole is not proven, or others contradict it.
        """
        if not self.done:
            return None
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
        before = prove.audit(self.first.facts, touched, self.toolbox.ecosystems)
        after = prove.audit(self._ground.facts, touched, self.toolbox.ecosystems)
        ran: dict[str, list[str]] = {}
        for name, version in (pair for proof in self._proofs for pair in proof.tools.items()):
            ran.setdefault(name, []).append(version)
        setting = prove.Setting(touched, touched, _hash(self.overlay), _hash({}), several(ran))
        proof = prove.prove(whole, self.findings, before, after, setting, self.toolbox.ecosystems)
        if len(self._proofs) == 1:
            return replace(proof, checks=self._proofs[0].checks)
        return self.opinion(Fixed(whole, proof, moved(before, after, touched, self.toolbox)), self.toolbox)


def best(
    wanted: Sequence[Remediation],
    ground: Ground,
    findings: tuple[Finding, ...],
    toolbox: Toolbox,
    opinion: Opinion = second_opinion,
) -> Joint:
    """The most pressing first; where that leaves some without a place, each of those first, and the best is kept."""
    until = time.monotonic() + SECONDS
    found = _in_order(wanted, Joint(ground, findings, toolbox, opinion))
    for order in _other_orders(wanted, tuple(found.refused)):
        if time.monotonic() > until:
            break
        other = _in_order(order, Joint(ground, findings, toolbox, opinion))
        found = min(found, other, key=lambda joint: joint.left)
    return found


def union(members: Sequence[Remediation], done: Sequence[Remediation], moved: Sequence[Change]) -> Remediation:
    """What was `done`, one upon the other, for several planned fixes, as one change set by the name of the first.

    Of what `moved` besides, it names what the plans are about.
    """
    changes: list[Change] = []
    for change in (change for remediation in done for change in remediation.changes):
        earlier = next((c for c in changes if _place(c) == _place(change) and c.after == change.before), None)
        # A package that is moved again goes from where it stood at first.
        if earlier is not None:
            changes.remove(earlier)
        changes.append(change if earlier is None else replace(change, before=earlier.before))
    wanted = {_place(change) for member in members for change in member.changes} - set(map(_place, changes))
    # Copies at several versions are told of with the rest of the lockfile.
    changes += [c for c in moved if _place(c) in wanted and len(c.before.split()) == len(c.after.split()) == 1]
    findings = unique(key for member in members for key in member.findings)
    ordered = tuple(sorted(changes, key=change_order))
    return replace(members[0], title=joint_title(ordered, findings), findings=findings, changes=ordered)


def _place(change: Change) -> tuple[str, str, str]:
    return change.ecosystem, change.package, change.manifest


def _in_order(wanted: Sequence[Remediation], joint: Joint) -> Joint:
    for remediation in wanted:
        joint.add(remediation)
    # What came after may have made room.
    if joint.done:
        for remediation in [r for r in wanted if r.key in joint.refused]:
            joint.add(remediation)
    return joint


def _other_orders(wanted: Sequence[Remediation], refused: Sequence[str]) -> Iterator[Sequence[Remediation]]:
    if len(wanted) < 2:
        return
    for key in refused[:FIRSTS]:
        yield sorted(wanted, key=lambda r: r.key != key)


def _hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over what was changed; stands for the tree that a folder outside git has no hash of."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()
