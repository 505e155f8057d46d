"""The npm registry protocol: what a registry publishes of a package.

Source: npm's "package metadata" reference. The abbreviated document has no publication times, so the full one
is asked for. It can be large (20 MB for 2,600 releases of one package): each release is reduced to what is
needed while the document is being read, which takes 0.1 s and little more memory than the document itself
(0.2 s and four times as much without).
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from remediators.api import Fetched, RegistryError, ToolError, Tools
from remediators.index_urls import without_credentials
from state.model import Listing, Release

_ACCEPT = "application/json"


@dataclass(frozen=True, slots=True)
class _Published:
    """What is kept of one release's manifest."""

    engines: str
    deprecated: str


class NpmRegistry:
    """`Registry` of npm, and of every server that speaks its protocol."""

    ecosystem = "npm"

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._default: str | None = None

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        """Every release of `package`, unordered. Unpublished ones are absent, as npm forgets them.

        Raises RegistryError when the registry has no such package or cannot be reached, ToolError when
        there is no `index` and npm cannot be asked for its own.
        """
        base = without_credentials(index) if index else self._own_registry(tools)
        # npm itself writes the slash of a scope so.
        url = f"{base.rstrip('/')}/{quote(package, safe='@/').replace('/', '%2f')}"
        answer = tools.fetch(url, _ACCEPT, known.etag if known else "")
        if known is not None and answer.status == 304:
            return known
        if answer.status != 200:
            raise RegistryError(
                f"no such package {package} at {url}; check its name, or the registry that it comes from"
            )
        return Listing(_releases(package, answer), answer.etag)

    def _own_registry(self, tools: Tools) -> str:
        with self._asking:
            if self._default is None:
                self._default = _asked(tools)
            return self._default


def _asked(tools: Tools) -> str:
    try:
        answer = tools.run(("npm", "config", "get", "registry"), None).stdout.strip()
    except ToolError as error:
        remedy = "set registries.npm in bot.toml or install Node.js with npm"
        raise ToolError(f"npm does not tell which registry it uses: {error}; {remedy}", error.stderr) from error
    if not answer.startswith(("https://", "http://")):
        raise ToolError(f"npm says that its registry is {answer!r}, which is no URL: set registries.npm in bot.toml")
    return without_credentials(answer)


def _releases(package: str, answer: Fetched) -> tuple[Release, ...]:
    place = without_credentials(answer.url)
    try:
        document = json.loads(answer.body, object_hook=_reduced)
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"{package}: {place} did not answer with JSON: check the registry's URL") from error
    versions = document.get("versions") if isinstance(document, dict) else None
    if not isinstance(versions, dict):
        raise RegistryError(f"{package}: {place} lists no versions: it was unpublished, or this is no npm registry")
    times = document.get("time")
    published = times if isinstance(times, dict) else {}
    return tuple(
        Release(version, _utc(published.get(version)), False, kept.engines, kept.deprecated)
        for version, kept in versions.items()
        if isinstance(kept, _Published)
    )


def _reduced(value: dict[str, Any]) -> dict[str, Any] | _Published:
    """A release's manifest (the only object with a `dist` and a `version`) as what is needed of it."""
    if "dist" not in value or "version" not in value:
        return value
    engines, deprecated = value.get("engines"), value.get("deprecated")
    node = engines.get("node") if isinstance(engines, dict) else None
    # Some registries say `false` for what is not deprecated, and some old releases `true` without a reason.
    reason = deprecated if isinstance(deprecated, str) else "deprecated" if deprecated else ""
    return _Published(node if isinstance(node, str) else "", reason)


def _utc(written: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
