"""Advisory dumps as a source: taken into the store when an ecosystem is asked for and its dump has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import datetime
from threading import Lock

from bot.adapters.advisories import osv_zip
from bot.adapters.advisories.local import Clock, Holding, Update
from bot.adapters.advisories.places import Dump, NoDumpError, OutOfReachError, Place
from bot.adapters.advisories.records import NEVER, Package
from bot.errors import AdvisoryError
from state.model import AdvisoryRecord, AdvisorySource, Snapshot
from state.store import Store


class Dumps:
    """A place that holds dumps. Its data is as old as the newest record of a dump, whenever it was copied there."""

    def __init__(self, place: Place, store: Store, clock: Clock, bounds: osv_zip.Bounds | None = None) -> None:
        self._place = place
        self._store = store
        self._clock = clock
        self._bounds = bounds or osv_zip.Bounds()
        self._lock = Lock()
        self._refused: dict[tuple[str, str], str] = {}

    @property
    def location(self) -> str:
        """As `Source.location`."""
        return self._place.location

    def update(self, packages: Collection[Package], force: bool = False) -> Update:
        """As `Source.update`. Data that is there already still counts when the place is out of reach: its age tells."""
        held: dict[Package, Holding] = {}
        lacking: dict[Package, str] = {}
        failed: dict[Package, str] = {}
        remarks: list[str] = []
        for ecosystem in sorted({ecosystem for ecosystem, _ in packages}):
            concerned = [package for package in packages if package[0] == ecosystem]
            try:
                with self._lock:
                    source, remark = self._current(ecosystem, force)
            except NoDumpError as error:
                lacking |= dict.fromkeys(concerned, str(error))
            except AdvisoryError as error:
                failed |= dict.fromkeys(concerned, str(error))
            else:
                held |= dict.fromkeys(concerned, Holding(source.name, self._snapshot(source)))
                remarks += [remark] if remark else []
        return Update(held, lacking, failed, tuple(remarks))

    def snapshots(self) -> tuple[Snapshot, ...]:
        """As `Source.snapshots`: one for each ecosystem taken in so far."""
        ours = (s for s in self._store.advisory_sources() if s.name.rpartition("/")[0] == self._place.location)
        return tuple(self._snapshot(source) for source in ours)

    def _current(self, ecosystem: str, force: bool) -> tuple[AdvisorySource, str]:
        """What the store holds of an ecosystem after a look at the place, and a remark."""
        name = f"{self._place.location}/{ecosystem}.zip"
        known = self._store.advisory_source(name)
        if known is not None and not force and self._looked_lately(name):
            return known, ""
        try:
            dump = self._place.open(ecosystem, known.validator if known else "")
        except OutOfReachError as error:
            if known is None:
                raise
            return known, f"{error}; going on with the data as of {known.as_of:%Y-%m-%d}"
        if dump is not None:
            with closing(dump.file):
                known = self._take(name, ecosystem, dump)
        if known is None:
            raise AdvisoryError(f"{name}: the server says that it did not change, but there is no copy of it")
        self._store.set_mark(_looked(name), self._clock().isoformat())
        return known, ""

    def _take(self, name: str, ecosystem: str, dump: Dump) -> AdvisorySource:
        if (refusal := self._refused.get((name, dump.validator))) is not None:
            raise AdvisoryError(refusal)
        try:
            # Read twice, so that neither a large dump nor a broken one is ever held or half stored.
            as_of = self._newest(osv_zip.records(dump.file, name, ecosystem, self._bounds))
            found = osv_zip.records(dump.file, name, ecosystem, self._bounds)
            return self._store.replace_advisories(AdvisorySource(name, as_of, 0, dump.validator), found)
        except AdvisoryError as error:
            self._refused[name, dump.validator] = str(error)
            raise

    def _newest(self, found: Iterable[AdvisoryRecord]) -> datetime:
        """When the data last changed; a record from the future does not make it younger."""
        now = self._clock()
        return max((each.modified for each in found if each.modified <= now), default=NEVER)

    def _looked_lately(self, name: str) -> bool:
        looked = self._store.mark(_looked(name))
        return looked is not None and self._clock() - datetime.fromisoformat(looked) < self._place.fresh_for

    def _snapshot(self, source: AdvisorySource) -> Snapshot:
        return Snapshot(self._place.location, source.as_of, source.records)


def _looked(name: str) -> str:
    return f"looked at {name}"
