"""The hosts of the registries in use: the configured ones, and what the ecosystems' own clients and indexes tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.adapters.registries.allow_list import Site, Source, site_of, sites_of
from remediators.api import Tools
from remediators.ecosystems import Ecosystems
from state.store import Store

# How long an answer is kept: registries seldom move, and each process would start package managers to hear the same.
_KEPT_FOR = timedelta(days=1)


def configured(indexes: Iterable[str], hosts: Iterable[str]) -> frozenset[Site]:
    """The sites of registry URLs, and of hosts that a setting names with or without a port."""
    of_indexes = (site for url in indexes if (site := site_of(url)) is not None)
    return frozenset((*of_indexes, *(site for host in hosts for site in sites_of(host))))


def sources(
    ecosystems: Ecosystems, indexes: Mapping[str, str], tools: Tools, store: Store, now: Callable[[], datetime]
) -> Iterator[Source]:
    """What else belongs to them, each told when it is first needed, and kept in `store`; the cheap ones first.

    An ecosystem with a configured registry has no use for its own. `indexes` are configured URLs by ecosystem.
    """
    names = ecosystems.names()
    for name in names:
        if name not in indexes:
            yield _Kept(f"sites/{name}/default", partial(_default, ecosystems, name, tools), store, now)
    for name in names:
        index = indexes.get(name)
        yield _Kept(f"sites/{name}/files/{index or ''}", partial(_files, ecosystems, name, index, tools), store, now)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A source that is asked when it was not for a day."""

    name: str
    source: Source
    store: Store
    now: Callable[[], datetime]

    def __call__(self) -> Collection[Site]:
        now = self.now()
        known = json.loads(self.store.mark(self.name) or "null")
        if known and timedelta() <= now - datetime.fromisoformat(known["as_of"]) < _KEPT_FOR:
            return frozenset((host, port) for host, port in known["sites"])
        found = self.source()
        self.store.set_mark(self.name, json.dumps({"as_of": now.isoformat(), "sites": sorted(found)}))
        return found


def _default(ecosystems: Ecosystems, name: str, tools: Tools) -> Collection[Site]:
    site = site_of(ecosystems.registry(name).default(tools))
    return () if site is None else (site,)


def _files(ecosystems: Ecosystems, name: str, index: str | None, tools: Tools) -> Collection[Site]:
    urls = ecosystems.registry(name).file_urls(index, tools)
    return frozenset(site for url in urls if (site := site_of(url)) is not None)
