"""The store: projects, and what the newest scan of each saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import state.findings
import state.projects
import state.scans
from state.model import Dependency, Finding, FindingTransition, Project, Scan
from state.sections.section import Section


class FleetSection(Section):
    """Projects, and what the newest scan of each saw."""

    def save_projects(self, projects: Iterable[Project], now: datetime) -> None:
        """Insert or overwrite projects, as seen at `now`."""
        found = tuple(projects)  # they may come from the network, page by page: not within the transaction
        with self._database.writing() as connection:
            state.projects.save(connection, found, now)

    def projects(self) -> tuple[Project, ...]:
        """Every project ever saved, by path."""
        with self._database.reading() as connection:
            return state.projects.read(connection)

    def project(self, ref: str | int) -> Project | None:
        """One project by id, numeric string or full path."""
        with self._database.reading() as connection:
            return state.projects.find(connection, ref)

    def record_scan(
        self,
        scan: Scan,
        dependencies: Sequence[Dependency],
        findings: Sequence[Finding],
        transitions: Sequence[FindingTransition],
        since: Mapping[str, datetime] | None = None,
    ) -> None:
        """Store a scan, its inventory and the findings it saw, then move findings.

        What is new and not in `transitions` becomes open; its clock starts at `since` by its key, else now.
        A finding that was not seen stays as it is.
        """
        with self._database.writing() as connection:
            state.projects.lock(connection, scan.project_id)
            state.scans.save(connection, scan, dependencies)
            state.findings.record(connection, scan.project_id, findings, transitions, scan.at, since or {})

    def last_scan(self, project_id: int) -> Scan | None:
        """The newest scan of a project."""
        with self._database.reading() as connection:
            return state.scans.last(connection, project_id)

    def last_scans(self) -> Mapping[int, Scan]:
        """The newest scan of every project that has one, by project id."""
        with self._database.reading() as connection:
            return state.scans.last_of_all(connection)

    def dependencies(self, project_id: int) -> tuple[Dependency, ...]:
        """The inventory of the newest scan, in its order."""
        with self._database.reading() as connection:
            return state.scans.inventory(connection, project_id)
