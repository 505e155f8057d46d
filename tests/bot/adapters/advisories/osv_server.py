"""An OSV server that answers from tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bot.adapters.http_server import Asked, Reply

Special = Callable[[Asked], Reply | None]


def osv(name: str, modified: str = "2026-01-01T00:00:00Z", **fields: object) -> dict[str, Any]:
    affected = [{"package": {"ecosystem": "PyPI", "name": "demo"}, "versions": ["1.0"]}]
    return {"id": name, "modified": modified, "affected": affected, **fields}


@dataclass(slots=True)
class Osv:
    """An OSV server. `listed` is the ids by package; `special` may answer a request otherwise."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    page: int = 1000
    special: Special = lambda _: None
    asked: list[Asked] = field(default_factory=list)

    def add(self, record: dict[str, Any], *packages: tuple[str, str]) -> None:
        self.records[record["id"]] = record
        for package in packages:
            self.listed.setdefault(package, []).append(record["id"])

    def __call__(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        special = self.special(asked)
        if special is not None:
            return special
        if asked.path == "/v1/querybatch":
            return reply({"results": [self.result(query) for query in json.loads(asked.body)["queries"]]})
        record = self.records.get(asked.path.removeprefix("/v1/vulns/"))
        return Reply(404) if record is None else reply(record)

    def result(self, query: Mapping[str, Any]) -> Mapping[str, object]:
        ids = self.listed.get((query["package"]["ecosystem"], query["package"]["name"]), [])
        first = int(query.get("page_token", 0))
        entries = [{"id": id_, "modified": self.records[id_]["modified"]} for id_ in ids[first : first + self.page]]
        more = {"next_page_token": str(first + self.page)} if len(ids) > first + self.page else {}
        return {"vulns": entries, **more} if entries else {}

    def calls(self) -> list[str]:
        """Paths asked since the last call of this; record look-ups sorted, since they run side by side."""
        seen = [asked.path.removeprefix("/v1/") for asked in self.asked]
        self.asked.clear()
        return sorted(seen)

    def queries(self) -> list[list[str]]:
        """Package names of each batch asked so far."""
        batches = [json.loads(a.body)["queries"] for a in self.asked if a.path == "/v1/querybatch"]
        return [[query["package"]["name"] for query in batch] for batch in batches]


def reply(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
