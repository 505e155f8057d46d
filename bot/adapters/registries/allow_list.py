"""Which hosts may be asked for packages: those that the configuration names, and the ecosystems' own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import urlsplit

from remediators.errors import RemediationError

Site = tuple[str, int]
"""A host in lower case, and a port."""

# Ports of a host that is named without one.
TLS_PORT = 443

_PORTS = {"https": 443, "http": 80}

# A registry that did not tell its sites is not asked again for this long: a repository may name hosts without end.
_FAILED_FOR = 300.0


def site_of(url: str) -> Site | None:
    """Where a URL leads; None for what is no http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or port is None:
        return None
    return normal(parts.hostname), port


def sites_of(host: str) -> tuple[Site, ...]:
    """What a setting `host` or `host:port` admits. Raises ValueError for what is neither.

    Who names no port means TLS: a repository that writes http:// is to get no credentials sent in the clear.
    """
    parts = urlsplit(f"//{host}")
    if not parts.hostname or parts.path or parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"{host!r} is not a host, or host:port")
    return ((normal(parts.hostname), TLS_PORT if parts.port is None else parts.port),)


def normal(host: str) -> str:
    """A host name as it is compared."""
    return host.lower().rstrip(".")


Source = Callable[[], Collection[Site]]
"""Tells sites of registries that only asking reveals. Raises RemediationError when it cannot."""


class AllowList:
    """Admits `named` sites, and those that `sources` tell: each is asked once, when a site is not known without it."""

    def __init__(self, named: Iterable[Site] = (), sources: Callable[[], Iterable[Source]] = tuple) -> None:
        self._known = frozenset(named)
        self._sources = sources
        self._unasked: list[Source] | None = None
        self._failed: dict[Source, float] = {}
        self._asking = threading.RLock()
        self._inside = False

    def admits(self, host: str, port: int) -> bool:
        """Whether this host may be asked at this port. By its name only: whatever the name leads to."""
        site = (normal(host), port)
        if site in self._known:
            return True
        with self._asking:
            # A source that is asked asks for its own pages by way of this list.
            if self._inside:
                return site in self._known
            self._inside = True
            try:
                return any(site in self._known for _ in self._learning(site))
            finally:
                self._inside = False

    def _learning(self, site: Site) -> Iterator[None]:
        """Ends when there is nothing more to learn; yields before, and after each source that was asked."""
        yield
        if self._unasked is None:
            self._unasked = list(self._sources())
        for source in tuple(self._unasked):
            if time.monotonic() - self._failed.get(source, -_FAILED_FOR) < _FAILED_FOR:
                continue
            try:
                self._known |= frozenset(source())
            except RemediationError:
                self._failed[source] = time.monotonic()
            else:
                self._unasked.remove(source)
            yield


def refusal(host: str, port: int) -> str:
    """Why a site is not asked, and what to do when it should be."""
    shown = host if port == TLS_PORT else f"{host}:{port}"
    return f"{shown} is no registry in use: add it to allowed_hosts in bot.toml when packages may come from there"
