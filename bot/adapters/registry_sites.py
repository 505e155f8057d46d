"""The hosts of the registries in use: the configured ones, and what the ecosystems' own clients and indexes tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from bot.adapters.allow_list import Site, Source, site_of, sites_of
from remediators.api import Tools
from remediators.ecosystems import Ecosystems


def configured(indexes: Iterable[str], hosts: Iterable[str]) -> frozenset[Site]:
    """The sites of registry URLs, and of hosts that a setting names with or without a port."""
    of_indexes = (site for url in indexes if (site := site_of(url)) is not None)
    return frozenset((*of_indexes, *(site for host in hosts for site in sites_of(host))))


def sources(ecosystems: Ecosystems, indexes: Mapping[str, str], tools: Tools) -> Iterator[Source]:
    """What else belongs to them, each told when it is first needed; the cheap ones first.

    An ecosystem with a configured registry has no use for its own. `indexes` are configured URLs by ecosystem.
    """
    names = ecosystems.names()
    for name in names:
        if name not in indexes:
            yield partial(_default, ecosystems, name, tools)
    for name in names:
        yield partial(_files, ecosystems, name, indexes.get(name), tools)


def _default(ecosystems: Ecosystems, name: str, tools: Tools) -> Collection[Site]:
    site = site_of(ecosystems.registry(name).default(tools))
    return () if site is None else (site,)


def _files(ecosystems: Ecosystems, name: str, index: str | None, tools: Tools) -> Collection[Site]:
    urls = ecosystems.registry(name).file_urls(index, tools)
    return frozenset(site for url in urls if (site := site_of(url)) is not None)
