"""The store: everything the bot remembers. Each method is one short transaction, and none calls the outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import func, select

import state.advisories
import state.checks
import state.events
import state.findings
import state.projects
import state.proofs
import state.release_details
import state.releases
import state.remediations
import state.scans
from state.database import Database
from state.model import (
    AdvisoryRecord,
    AdvisorySource,
    CachedListing,
    Dependency,
    Event,
    Finding,
    FindingTransition,
    Project,
    Proof,
    ReleaseDetails,
    Scan,
    TrackedFinding,
    TrackedRemediation,
)
from state.rows import upsert
from state.tables import marks, metadata

BUSY_SECONDS = 30.0


class Store:
    """The database in the bot's own words. Every method raises StoreError; a failed write leaves nothing behind.

    Safe to share between threads and to open from several processes at once. What is written about one
    project is written by one transaction after the other, and only after `save_projects` made it known.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, busy_timeout: float = BUSY_SECONDS) -> Self:
        """The store at `sqlite:///PATH`, `sqlite://` (in memory) or `postgresql://…`, brought to the newest schema.

        A statement waits at most `busy_timeout` seconds for another process.
        """
        return cls(Database.open(url, busy_timeout))

    def close(self) -> None:
        """Give up all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def claim(self, project_id: int) -> AbstractContextManager[bool]:
        """Whether a project is ours to work on until the block ends; it is no longer when this process dies."""
        return self._database.claim(project_id)

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

    def listings(self, keys: Collection[state.releases.Key]) -> Mapping[state.releases.Key, CachedListing]:
        """Cached listings by (ecosystem, package, index or ""); one that is not cached is absent."""
        with self._database.reading() as connection:
            return state.releases.read(connection, keys)

    def save_listings(self, found: Mapping[state.releases.Key, CachedListing]) -> None:
        """Cache listings."""
        with self._database.writing() as connection:
            state.releases.save(connection, found)

    def release_details(
        self, keys: Collection[state.release_details.Key]
    ) -> Mapping[state.release_details.Key, ReleaseDetails]:
        """Cached details by (ecosystem, package, version, index or ""); one that is not cached is absent."""
        with self._database.reading() as connection:
            return state.release_details.read(connection, keys)

    def save_release_details(self, found: Mapping[state.release_details.Key, ReleaseDetails], now: datetime) -> None:
        """Cache details of releases."""
        with self._database.writing() as connection:
            state.release_details.save(connection, found, now)

    def advisory_source(self, name: str) -> AdvisorySource | None:
        """A source of advisories that was loaded as a whole."""
        return next((source for source in self.advisory_sources() if source.name == name), None)

    def advisory_sources(self) -> tuple[AdvisorySource, ...]:
        """Every source of advisories that was loaded as a whole, by name."""
        with self._database.reading() as connection:
            return state.advisories.sources(connection)

    def replace_advisories(self, source: AdvisorySource, records: Iterable[AdvisoryRecord]) -> AdvisorySource:
        """Make `records` all that a source has, or, when anything fails, leave it as it was.

        Returns the source with its records counted. `records` is read as a stream while writers wait:
        it must come from the disk, not from the network.
        """
        with self._database.writing() as connection:
            return state.advisories.replace(connection, source, records)

    def put_advisories(self, source_name: str, records: Iterable[AdvisoryRecord]) -> None:
        """Insert or overwrite some records of a source."""
        fetched = tuple(records)
        with self._database.writing() as connection:
            state.advisories.put(connection, source_name, fetched)

    def advisory_records(
        self, source_names: Collection[str], packages: Collection[state.advisories.Package]
    ) -> Mapping[state.advisories.Package, tuple[bytes, ...]]:
        """The raw JSON of every record about each of `packages`; () where there is none."""
        with self._database.reading() as connection:
            return state.advisories.records(connection, source_names, packages)

    def advisory_modified(self, source_name: str, ids: Collection[str]) -> Mapping[str, datetime]:
        """When the stored records were modified, by id; one that is not stored is absent."""
        with self._database.reading() as connection:
            return state.advisories.modified(connection, source_name, ids)

    def put_checks(
        self, source_name: str, found: Mapping[state.advisories.Package, tuple[str, ...]], now: datetime
    ) -> None:
        """Note that at `now` a server had just these records, stored before, about each package."""
        with self._database.writing() as connection:
            state.checks.save(connection, source_name, found, now)

    def checks(
        self, source_name: str, packages: Collection[state.advisories.Package]
    ) -> Mapping[state.advisories.Package, datetime]:
        """When each package was last looked up at a server; one that never was is absent."""
        with self._database.reading() as connection:
            return state.checks.read(connection, source_name, packages)

    def mark(self, name: str) -> str | None:
        """A small value kept under a name."""
        with self._database.reading() as connection:
            return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar()

    def set_mark(self, name: str, value: str) -> None:
        """Keep a small value under a name."""
        with self._database.writing() as connection:
            upsert(connection, marks, [{"name": name, "value": value}])

    def counts(self) -> Mapping[str, int]:
        """The number of rows of every table, by name."""
        with self._database.reading() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    def describe(self) -> str:
        """Which database, such as "SQLite 3.40 at ~/bot.db, schema 0001"; without a password."""
        return self._database.describe()
