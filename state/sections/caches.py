"""The store: what was looked up outside, and can be again: listings, details of releases, advisories; and marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

import state.advisories
import state.checks
import state.release_details
import state.releases
from state.model import AdvisoryRecord, AdvisorySource, CachedListing, ReleaseDetails
from state.rows import upsert
from state.sections.section import Section
from state.tables import marks


class CacheSection(Section):
    """What was looked up outside, and can be again: listings, details of releases, advisories; and marks."""

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
