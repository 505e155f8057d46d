"""Make one project's change sets as commits on its head: one alone, or several fixes together."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.pipeline.making import bonds, joint
from bot.pipeline.making.fix import Fixed, fix, proven, second_opinion
from bot.pipeline.making.ground import Ground, Keep, Tree
from bot.pipeline.making.joint import Joint
from bot.pipeline.making.surroundings import NESTED
from bot.pipeline.survey import inputs_digest
from bot.pipeline.workplace import Workplace
from bot.pipeline.writing import render
from bot.pipeline.writing.render import Subject
from bot.ports import Commit, DisagreementError, Toolbox
from remediators.errors import RegistryError, RemediationError
from state.model import Facts, Finding, Proof, Remediation


@dataclass(frozen=True, slots=True)
class Making:
    """One project's, at its head; nothing of it is pushed."""

    place: Workplace
    facts: Facts
    findings: tuple[Finding, ...]

    def concerned(self, remediation: Remediation) -> tuple[Finding, ...]:
        """The findings that a change set is for."""
        return tuple(f for f in self.findings if f.key in remediation.findings)

    def inputs(self, remediation: Remediation) -> str:
        """A digest of what a change set is made from."""
        units = self.place.survey().units_of({c.manifest for c in remediation.changes})
        return inputs_digest(units, self.place.checkout().paths, render.change_lines(remediation))

    def one(self, remediation: Remediation, committed: Callable[[], None] = lambda: None) -> tuple[Commit, Fixed]:
        """A change set, made and proven; once there is a commit to prove, that is told. Raises RemediationError."""
        concerned, made = self.concerned(remediation), list[Commit]()
        keep = self._keep(concerned, made, committed)
        fixed = fix(remediation, concerned, self._ground(), keep, self.place.run.adapters.toolbox)
        return made[-1], fixed

    def best(self, wanted: Sequence[Remediation], agreed: bool = False) -> Joint:
        """Those of several fixes that can be made together; of `agreed` ones each that no other auditor contradicts."""
        opinion = _agreed if agreed else _unasked
        return joint.best(wanted, self._ground(), self.findings, self.place.run.adapters.toolbox, opinion)

    def contradicted(self, fixed: Fixed) -> bool:
        """Whether another auditor contradicts the proof of a change set; one that cannot say does not."""
        try:
            _agreed(fixed, self.place.run.adapters.toolbox)
        except DisagreementError:
            return True
        return False

    def kept(self, whole: Remediation, files: Mapping[str, bytes]) -> tuple[Commit, Fixed]:
        """A change set whose files are made, as a commit with its proof. Raises NotProvenError."""
        concerned, made = self.concerned(whole), list[Commit]()
        keep = self._keep(concerned, made)
        fixed = proven(whole, files, concerned, self._ground(), keep, self.place.run.adapters.toolbox)
        return made[-1], fixed

    def files(self, commit: Commit) -> Mapping[str, bytes]:
        """What a commit of ours changed."""
        checkout = self.place.checkout()
        reader = checkout.reader(commit.sha)
        return {path: content for path in checkout.changed_files(commit) if (content := reader(path)) is not None}

    def needs(self, releases: Collection[bonds.Published]) -> bonds.Needs:
        """What these releases require, where several versions of a package cannot stand side by side."""
        known: dict[bonds.Published, Mapping[str, str]] = {}
        box = self.place.run.adapters.toolbox
        indexes = {(d.ecosystem, d.package): d.index for d in self.facts.dependencies if d.index}
        for ecosystem, package, version in sorted(releases):
            if ecosystem in NESTED:
                continue
            index = indexes.get((ecosystem, package), box.indexes.get(ecosystem))
            registry = box.ecosystems.registry(ecosystem)
            try:
                known[ecosystem, package, version] = registry.requirements(package, version, index, box.tools)
            except RegistryError:
                # Then two merge requests may turn out to exclude each other: the second is blocked after the first.
                continue
        return known

    def prepare(self, pins: Iterable[tuple[str, str, str]]) -> None:
        """Tell the second opinion which (ecosystem, package, version) it will be asked about."""
        box = self.place.run.adapters.toolbox
        for ecosystem, group in itertools.groupby(sorted(set(pins)), key=lambda pin: pin[0]):
            # A failure is none of the change at hand: the check of each asks again, about its own pins.
            with contextlib.suppress(RemediationError):
                box.crosschecks.prepare(ecosystem, {(package, version) for _, package, version in group})

    def _ground(self) -> Ground:
        checkout, run = self.place.checkout(), self.place.run
        reader = checkout.reader(checkout.head)
        return Ground(checkout.paths, reader, self.place.survey(), self.facts, run.policy, run.now())

    def _keep(
        self, concerned: tuple[Finding, ...], made: list[Commit], committed: Callable[[], None] = lambda: None
    ) -> Keep:
        checkout = self.place.checkout()

        def keep(done: Remediation, files: Mapping[str, bytes]) -> Tree:
            commit = checkout.commit(files, render.commit(Subject(done, concerned)))
            made.append(commit)
            committed()
            changed = frozenset(checkout.changed_files(commit))
            return Tree(commit.tree, checkout.head, checkout.reader(commit.sha), changed)

        return keep


def _unasked(fixed: Fixed, _: Toolbox) -> Proof:
    return fixed.proof


def _agreed(fixed: Fixed, toolbox: Toolbox) -> Proof:
    try:
        return second_opinion(fixed, toolbox)
    except DisagreementError:
        raise
    except RemediationError:
        # Who cannot say now is asked again before anything is published.
        return fixed.proof
