"""An OSV server as a source: asked by package, over any version, and each package once in a while for the fleet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote

from bot.adapters.advisories.local import Clock, Holding, Update, without_user
from bot.adapters.advisories.records import Package, indexed
from bot.adapters.http import Http
from bot.adapters.http_client import HttpError
from bot.osv import record
from state.model import AdvisoryRecord, Snapshot
from state.store import Store

BATCH = 1000
PAGES = 40
PARALLEL = 16
LARGEST_RECORD = 16 * 2**20
FRESH_FOR = timedelta(hours=1)

# The server found something wrong with a question: the other questions of the batch are tried without it.
_QUESTIONABLE = frozenset({400, 413, 422})

Listed = Mapping[str, datetime]
"""Ids of records and when each was modified, as the server lists them."""


class OsvServer:
    """Anything that speaks OSV's API (https://google.github.io/osv.dev/api/). Its data is as old as our last look."""

    def __init__(self, base_url: str, store: Store, http: Http, clock: Clock, fresh_for: timedelta = FRESH_FOR) -> None:
        self._url = base_url.rstrip("/")
        self.location = without_user(self._url)
        self._store = store
        self._http = http
        self._clock = clock
        self._fresh_for = fresh_for
        self._lock = Lock()

    def update(self, packages: Collection[Package], force: bool = False) -> Update:
        """As `Source.update`. A package fails when the server or any record about it could not be had."""
        # One at a time, so that workers who need the same package ask once.
        with self._lock:
            now = self._clock()
            checked = self._store.checks(self.location, packages)
            looked = {p: at for p, at in checked.items() if not force and now - at < self._fresh_for}
            due = sorted(set(packages) - looked.keys())
            failed: dict[Package, str] = {}
            for start in range(0, len(due), BATCH):
                failed |= self._look(due[start : start + BATCH], now)
            as_of = min(looked.values(), default=now)
            held = Holding(self.location, Snapshot(self.location, as_of, self._records()))
        return Update(held={p: held for p in packages if p not in failed}, failed=failed)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """As `Source.snapshots`: as of the last look."""
        mark = self._store.mark(self._mark)
        if mark is None:
            return ()
        seen = json.loads(mark)
        return (Snapshot(self.location, datetime.fromisoformat(seen["as_of"]), seen["records"]),)

    def _look(self, due: Sequence[Package], now: datetime) -> dict[Package, str]:
        """Bring the store up to date about these packages; those that it failed for, and why."""
        listed, failed = self._list(due)
        named = {id_: modified for ids in listed.values() for id_, modified in ids.items()}
        stored = self._store.advisory_modified(self.location, named.keys())
        fetched, missing = self._fetch({id_: at for id_, at in named.items() if stored.get(id_) != at})
        self._store.put_advisories(self.location, fetched)
        for package, ids in listed.items():
            reasons = sorted({missing[id_] for id_ in ids if id_ in missing})
            if reasons:
                failed[package] = "; ".join(reasons)
        whole = {package: tuple(ids) for package, ids in listed.items() if package not in failed}
        self._store.put_checks(self.location, whole, now)
        if whole:
            known = self._records() + sum(each.id not in stored for each in fetched)
            self._store.set_mark(self._mark, json.dumps({"as_of": now.isoformat(), "records": known}))
        return failed

    def _list(self, packages: Sequence[Package]) -> tuple[dict[Package, Listed], dict[Package, str]]:
        """What the server lists for each package, and for which it could not."""
        try:
            return self._listed(packages), {}
        except HttpError as error:
            if error.status in _QUESTIONABLE and len(packages) > 1:
                middle = len(packages) // 2
                first, second = self._list(packages[:middle]), self._list(packages[middle:])
                return first[0] | second[0], first[1] | second[1]
            return {}, dict.fromkeys(packages, str(error))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            reason = (
                f"{self.location} gave an answer to /v1/querybatch that is not OSV's ({error!r}): check the address"
            )
            return {}, dict.fromkeys(packages, reason)

    def _listed(self, packages: Iterable[Package]) -> dict[Package, Listed]:
        found: dict[Package, dict[str, datetime]] = {package: {} for package in packages}
        tokens = dict.fromkeys(found, "")
        for _ in range(PAGES):
            if not tokens:
                return {**found}
            body = {"queries": [_query(package, token) for package, token in tokens.items()]}
            results = self._http.post_json(f"{self._url}/v1/querybatch", body)["results"]
            paired = list(zip(tokens, results, strict=True))
            for package, result in paired:
                found[package].update(_entries(result))
            tokens = {package: result["next_page_token"] for package, result in paired if _goes_on(result)}
        raise ValueError(f"more than {PAGES} pages for {len(tokens)} packages")

    def _fetch(self, wanted: Listed) -> tuple[list[AdvisoryRecord], dict[str, str]]:
        """The records, and why some could not be had, by id."""
        records: list[AdvisoryRecord] = []
        missing: dict[str, str] = {}
        with ThreadPoolExecutor(PARALLEL) as pool:
            for id_, outcome in zip(wanted, pool.map(self._fetched, wanted.items()), strict=True):
                if isinstance(outcome, str):
                    missing[id_] = outcome
                else:
                    records.append(outcome)
        return records, missing

    def _fetched(self, listed: tuple[str, datetime]) -> AdvisoryRecord | str:
        """One record, or why it could not be had."""
        id_, modified = listed
        url = f"{self._url}/v1/vulns/{quote(id_, safe='')}"
        try:
            answer = self._http.get(url, "application/json", limit=LARGEST_RECORD)
        except HttpError as error:
            return str(error)
        if answer.status != 200:
            return f"{self.location} lists advisory {id_} but has no record of it: run again later"
        # The listed time, so that the next look compares like with like.
        found = indexed(answer.body, id_, (), modified)
        return found if found.id == id_ else f"{self.location} answers {found.id} when asked for advisory {id_}"

    def _records(self) -> int:
        return sum(snapshot.records for snapshot in self.snapshots())

    @property
    def _mark(self) -> str:
        return f"looked at {self.location}"


def _query(package: Package, token: str) -> Mapping[str, object]:
    ecosystem, name = package
    query: dict[str, object] = {"package": {"ecosystem": ecosystem, "name": name}}
    return {**query, "page_token": token} if token else query


def _entries(result: Any) -> Iterator[tuple[str, datetime]]:
    for entry in result.get("vulns") or ():
        yield record.checked_id(entry.get("id")), record.moment(entry, "modified")


def _goes_on(result: Any) -> bool:
    return bool(result.get("next_page_token"))
