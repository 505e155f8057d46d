"""What the bot works with where there is no GitLab: each adapter is built when it is first asked for, and only once."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.adapters.redaction import Redactor
from bot.config import Config
from bot.errors import ConfigError
from bot.ports import ReleaseNotes, Toolbox
from remediators.errors import ToolError

if TYPE_CHECKING:
    from bot.adapters.advisories.local import LocalAdvisories, Source
    from bot.adapters.advisories.threats import LocalThreats
    from bot.adapters.confinement.bubblewrap import Confinement
    from bot.adapters.credential import Credential
    from bot.adapters.http import Http
    from bot.adapters.registries.allow_list import AllowList
    from bot.adapters.tools.workshop import LocalWorkshop
    from remediators.api import Tools
    from remediators.ecosystems import Ecosystems
    from state.store import Store

log = logging.getLogger("bot")

# How long a merge request waits for release notes; those that came too late are kept for the next.
NOTES_SECONDS = 20.0


class Supplies:
    """Lends the adapters; each is made when it is first asked for, and closed with the app."""

    def __init__(self, config: Config, environ: Mapping[str, str], redact: Redactor) -> None:
        self.config = config
        self._environ = environ
        self._redact = redact
        self._stack = contextlib.ExitStack()
        # Turned off by what tells in its own words whether tools are confined.
        self.warns_of_no_sandbox = True
        # Turned off by commands that only read: what is not there is a mistake in its name.
        self.makes_database = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return datetime.now(UTC)

    @functools.cached_property
    def store(self) -> Store:
        """The database, migrated. Raises ConfigError for an address that is none, StoreError."""
        from state.errors import AddressError
        from state.store import Store

        try:
            return self._stack.enter_context(Store.open(self.config.database_url, create=self.makes_database))
        except AddressError as error:
            raise ConfigError(f"database: {error}") from error

    @functools.cached_property
    def http(self) -> Http:
        """The client for registries and advisories; it never sees the GitLab token."""
        from bot.adapters.http import Http

        credentials = self._registry_credentials()
        client = Http(self.config.ca_bundle, credentials, redact=self._redact, admits=self.allow_list.admits)
        return self._stack.enter_context(contextlib.closing(client))

    @functools.cached_property
    def allow_list(self) -> AllowList:
        """Which hosts may be asked for packages."""
        from bot.adapters.registries import sites as registry_sites
        from bot.adapters.registries.allow_list import AllowList

        config, indexes = self.config, self._indexes()
        named = registry_sites.configured(indexes.values(), (*config.allowed_hosts, *config.credentials))
        return AllowList(
            named, lambda: registry_sites.sources(self.ecosystems, indexes, self.tools, self.store, self.now)
        )

    def _registry_credentials(self) -> Mapping[str, Credential]:
        from bot.adapters.credential import Credential

        given = self.config.credentials
        return {host: Credential(known.username or "", known.secret()) for host, known in given.items()}

    @functools.cached_property
    def workshop(self) -> LocalWorkshop:
        """Scratch directories and tools, confined as the configuration wants it."""
        from bot.adapters.tools.caches import DAY, Keeping
        from bot.adapters.tools.workshop import LocalWorkshop

        cache = self.cache_folder()
        return LocalWorkshop(
            cache / "scratch",
            cache / "tools",
            self._environ,
            self.config.ca_bundle,
            self._redact,
            credentials=self._registry_credentials(),
            confinement=lambda: self._confinement,
            keeping=Keeping(self.config.tool_cache_days * DAY, int(self.config.tool_cache_gb * 2**30)),
        )

    @functools.cached_property
    def tools(self) -> Tools:
        """What remediators and registries may do: run tools, and fetch."""
        from bot.adapters.tools.world import tools

        return tools(self.http, self.workshop)

    @functools.cached_property
    def _confinement(self) -> Confinement | None:
        """What shuts package managers in, None where nothing does. Raises ToolError where none is to run then."""
        from bot.adapters.confinement.bubblewrap import Confinement
        from bot.adapters.confinement.egress import Egress

        wanted = self.config.sandbox
        reason = None if wanted == "off" else self.sandboxing()
        if reason is not None and self.warns_of_no_sandbox:
            log.warning("package managers run without a sandbox: %s; bot check says what to do", reason)
        if wanted == "off" or reason is not None:
            return None
        egress = Egress(self.allow_list.admits, self._environ)
        self._stack.callback(egress.close)
        return Confinement(self.cache_folder() / "tools", egress)

    def cache_folder(self) -> Path:
        """The cache folder, made where it was missing."""
        folder = self.config.cache
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"cache: {folder} cannot be made: {error.strerror}; set BOT_CACHE to another") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ConfigError(f"cache: {folder} cannot be written to; set BOT_CACHE to another folder")
        return folder

    @functools.cached_property
    def advisories(self) -> LocalAdvisories:
        """Advisory data from every configured source."""
        from bot.adapters.advisories.local import LocalAdvisories

        days = self.config.advisories.max_age_days
        max_age = None if days is None else timedelta(days=days)
        return LocalAdvisories(self.store, self.sources(), self.now, max_age)

    def sources(self) -> tuple[Source, ...]:
        """The configured sources of advisories, new ones each time."""
        from bot.adapters.advisories import places as dump_places
        from bot.adapters.advisories.dumps import Dumps
        from bot.adapters.advisories.osv_api import OsvServer

        settings = self.config.advisories
        fresh_for = timedelta(minutes=settings.fresh_for_minutes)
        servers = (OsvServer(url, self.store, self.http, self.now, fresh_for) for url in settings.servers_in_use)
        places = (dump_places.place(where, self.http, fresh_for) for where in settings.dumps)
        return (*servers, *(Dumps(place, self.store, self.now) for place in places))

    @functools.cached_property
    def threats(self) -> LocalThreats:
        """What is known of attacks, from the configured lists."""
        from bot.adapters.advisories.threats import LocalThreats

        settings, folder = self.config.advisories, self.config.cache / "feeds"
        fresh_for = timedelta(minutes=settings.fresh_for_minutes)
        return LocalThreats.over(settings.epss, settings.known_exploited, self.http, folder, fresh_for, self.now)

    @functools.cached_property
    def ecosystems(self) -> Ecosystems:
        """Every ecosystem that is handled."""
        from remediators.registered import ecosystems

        return ecosystems()

    @functools.cached_property
    def toolbox(self) -> Toolbox:
        """What finding, fixing and proving need, for a folder as for a project."""
        from bot.adapters.crosschecks.auditors import Auditors, makers
        from bot.adapters.registries.releases import CachedReleases

        fresh_for = timedelta(hours=self.config.releases_fresh_hours)
        indexes = self._indexes()
        auditors = makers(self.advisories, self.ecosystems, self.workshop) if self.config.policy.second_opinion else {}
        return Toolbox(
            ecosystems=self.ecosystems,
            advisories=self.advisories,
            threats=self.threats,
            releases=CachedReleases(self.store, self.ecosystems, self.tools, indexes, fresh_for, self.now),
            crosschecks=Auditors(auditors),
            release_notes=self._release_notes(indexes),
            workshop=self.workshop,
            tools=self.tools,
            indexes=indexes,
            prepare=self._prepare,
        )

    def _prepare(self) -> None:
        self.http.open()
        if self.config.sandbox != "off":
            # Finding out takes bubblewrap's time: here beside git, later before the first tool.
            self.sandboxing()

    def _release_notes(self, indexes: Mapping[str, str]) -> ReleaseNotes:
        from bot.adapters.registries.hurried import Hurried
        from bot.adapters.registries.release_notes import KeptReleaseNotes, NoReleaseNotes

        if not self.config.policy.release_notes:
            return NoReleaseNotes()

        hurried = functools.partial(Hurried, self.http, self.tools, NOTES_SECONDS)
        return KeptReleaseNotes(self.store, self.ecosystems, hurried, indexes, self.own_changelog, self.now)

    def own_changelog(self, source: str) -> str:
        """What our own GitLab tells of the releases of `source`: nothing, as there is none here."""
        return ""

    def _indexes(self) -> dict[str, str]:
        """The configured registry URLs by ecosystem."""
        registries, known = self.config.registries, self.ecosystems.names()
        unknown = sorted(registries.keys() - set(known))
        if unknown:
            named = ", ".join(known)
            raise ConfigError(*(f"registries.{each}: there is no such ecosystem; there is {named}" for each in unknown))
        return {ecosystem: settings.url for ecosystem, settings in registries.items()}

    def sandboxing(self) -> str | None:
        """Why tools cannot be sandboxed here, None when they can. Raises ToolError where none is to run then."""
        from bot.adapters.confinement.bubblewrap import impossible

        reason = impossible()
        if reason is not None and self.config.sandbox == "require":
            raise ToolError(
                f"no package manager is run: {reason}, and the setting sandbox is require; "
                "install bubblewrap, and allow user namespaces"
            )
        return reason
