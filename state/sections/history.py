"""The store: findings and remediations of projects, their proofs and their transitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import state.acceptances
import state.events
import state.findings
import state.projects
import state.proofs
import state.remediations
from state.model import Acceptance, Event, FindingTransition, Proof, TrackedFinding, TrackedRemediation
from state.sections.section import Section


class HistorySection(Section):
    """Findings and remediations of projects, their proofs and their transitions."""

    def findings(self, project_id: int) -> tuple[TrackedFinding, ...]:
        """The findings of a project in any state, by key."""
        with self._database.reading() as connection:
            return state.findings.read(connection, project_id).get(project_id, ())

    def all_findings(self) -> Mapping[int, tuple[TrackedFinding, ...]]:
        """The findings of every project that has any, by project id."""
        with self._database.reading() as connection:
            return state.findings.read(connection)

    def move_findings(self, project_id: int, transitions: Sequence[FindingTransition], now: datetime) -> None:
        """Move findings, one event each; a transition to the state that holds changes the reason only."""
        with self._database.writing() as connection:
            state.projects.lock(connection, project_id)
            state.findings.move(connection, project_id, transitions, now)

    def acceptances(self, project_id: int) -> tuple[Acceptance, ...]:
        """What findings of a project were rated when an exception first covered them."""
        with self._database.reading() as connection:
            return state.acceptances.read(connection, project_id)

    def save_acceptances(self, project_id: int, made: Sequence[Acceptance]) -> None:
        """Add acceptances of stored findings; the first of each finding and exception is kept as it is."""
        with self._database.writing() as connection:
            state.projects.lock(connection, project_id)
            state.acceptances.save(connection, project_id, made)

    def remediations(self, project_id: int) -> tuple[TrackedRemediation, ...]:
        """The remediations of a project in any state, by key."""
        with self._database.reading() as connection:
            return state.remediations.read(connection, project_id).get(project_id, ())

    def all_remediations(self) -> Mapping[int, tuple[TrackedRemediation, ...]]:
        """The remediations of every project that has any, by project id."""
        with self._database.reading() as connection:
            return state.remediations.read(connection)

    def save_remediation(self, project_id: int, tracked: TrackedRemediation) -> None:
        """Insert or overwrite a remediation; one event when its state is new."""
        with self._database.writing() as connection:
            state.projects.lock(connection, project_id)
            state.remediations.save(connection, project_id, tracked)

    def save_proof(self, project_id: int, remediation_key: str, proof: Proof, now: datetime) -> None:
        """Add a proof of a remediation; earlier ones are kept."""
        with self._database.writing() as connection:
            state.projects.lock(connection, project_id)
            state.proofs.save(connection, project_id, remediation_key, proof, now)

    def proof(self, project_id: int, remediation_key: str) -> Proof | None:
        """The newest proof of a remediation."""
        with self._database.reading() as connection:
            return state.proofs.newest(connection, project_id, remediation_key)

    def events(self, project_id: int, limit: int = 100) -> tuple[Event, ...]:
        """The history of a project, newest first."""
        with self._database.reading() as connection:
            return state.events.newest(connection, project_id, limit)
