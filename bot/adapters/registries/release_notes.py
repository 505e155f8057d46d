"""What releases tell of themselves: from registries, from the archives, from our own GitLab; fetched once and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.changelog.archive import ArchiveError, Inside, texts
from bot.changelog.sections import kept
from bot.errors import BotError
from bot.ports import Published
from remediators.about import About
from remediators.api import Registry, Tools
from remediators.errors import RemediationError
from remediators.registries.python_metadata import described
from state.errors import StoreError
from state.model import ReleaseDetails
from state.store import Store

log = logging.getLogger(__name__)

THREADS = 8
LARGEST_ARCHIVE = 16 * 2**20
_ANY = "application/octet-stream, */*;q=0.1"

# What could not be had is not asked for again for this long.
FAILED_SECONDS = 300.0

Key = tuple[str, str, str, str]


class Registries(Protocol):
    """Where to look up the registry protocol of an ecosystem."""

    def registry(self, ecosystem: str) -> Registry:
        """The registry protocol of an ecosystem."""


class NoReleaseNotes:
    """`ReleaseNotes` where the user wants none."""

    def lookup(
        self, releases: Collection[Published], told: Collection[Published]
    ) -> Mapping[Published, ReleaseDetails]:
        """That there is nothing to tell, which is not to be asked again."""
        return dict.fromkeys(told, ReleaseDetails(changelog=""))


@dataclass(frozen=True, slots=True)
class KeptReleaseNotes:
    """`ReleaseNotes` over the store. `indexes` are the configured registry URLs by ecosystem.

    `hurried` makes the tools of one look-up, which have its time limit. `own` tells the releases of a source
    repository, by its web address, where that is on our own GitLab; "" for any other.
    """

    store: Store
    registries: Registries
    hurried: Callable[[], Tools]
    indexes: Mapping[str, str]
    own: Callable[[str], str]
    now: Callable[[], datetime]
    _failed: dict[Key, float] = field(default_factory=dict)

    def lookup(
        self, releases: Collection[Published], told: Collection[Published]
    ) -> Mapping[Published, ReleaseDetails]:
        """As `ReleaseNotes.lookup`."""
        keys = {each: self._key(each) for each in {*releases, *told}}
        wanted = {keys[each] for each in told}
        known = dict(self._stored(keys.values()))
        missing = [
            key
            for key in sorted(set(keys.values()))
            if (key not in known or (key in wanted and known[key].changelog is None)) and not self._failed_lately(key)
        ]
        if missing:
            tools = self.hurried()
            with ThreadPoolExecutor(min(THREADS, len(missing)), thread_name_prefix="notes") as pool:
                asked = pool.map(lambda key: self._one(key, key in wanted, tools), missing)
                found = {key: details for key, details in zip(missing, asked, strict=True) if details is not None}
            self._keep(found)
            known |= found
        return {each: known[key] for each, key in keys.items() if key in known}

    def _key(self, each: Published) -> Key:
        return each.ecosystem, each.package, each.version, each.index or self.indexes.get(each.ecosystem, "")

    def _failed_lately(self, key: Key) -> bool:
        return time.monotonic() - self._failed.get(key, -FAILED_SECONDS) < FAILED_SECONDS

    def _stored(self, keys: Collection[Key]) -> Mapping[Key, ReleaseDetails]:
        try:
            return self.store.release_details(keys)
        except StoreError as error:
            log.debug("release notes: %s", error)
            return {}

    def _keep(self, found: Mapping[Key, ReleaseDetails]) -> None:
        try:
            self.store.save_release_details(found, self.now())
        except StoreError as error:
            log.debug("release notes: %s", error)

    def _one(self, key: Key, told: bool, tools: Tools) -> ReleaseDetails | None:
        ecosystem, package, version, index = key
        with self._silently(key):
            about = self.registries.registry(ecosystem).about(package, version, index or None, tools)
            details = ReleaseDetails(about.source, None, about.attested, about.publisher, about.maintainers)
            return self._told(key, about, details, tools) if told else details
        return None

    @contextmanager
    def _silently(self, key: Key) -> Iterator[None]:
        try:
            yield
        except (RemediationError, BotError) as error:
            self._failed[key] = time.monotonic()
            log.debug("release notes of %s %s: %s", key[1], key[2], error)

    def _told(self, key: Key, about: About, details: ReleaseDetails, tools: Tools) -> ReleaseDetails:
        """With the first of its texts that tells of the version; with None where one of them could not be had."""
        _, package, version, _ = key
        inside = self._inside(key, about, tools)
        beside = described(inside.metadata) if inside is not None else About()
        details = replace(details, source=about.source or beside.source)
        for written in (inside.changelog if inside is not None else "", about.text, beside.text):
            if cut := kept(written, package, version):
                return replace(details, changelog=cut)
        with self._silently(key):
            cut = kept(self.own(details.source), package, version)
            return replace(details, changelog=cut if cut or inside is not None else None)
        return details

    def _inside(self, key: Key, about: About, tools: Tools) -> Inside | None:
        """What its archive holds; None when that could not be had."""
        archive = next(iter(about.archives), None)
        if archive is None or (archive.size or 0) > LARGEST_ARCHIVE:
            return Inside()
        with self._silently(key):
            answer = tools.fetch(archive.url, _ANY)
            try:
                return texts(answer.body) if answer.status == 200 else Inside()
            except ArchiveError as error:
                log.debug("release notes: %s: %s", archive.url, error)
                return Inside()
        return None
