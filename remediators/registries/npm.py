"""The npm registry protocol: what a registry publishes of a package.

Source: npm's "package metadata" reference. The abbreviated document has no publication times, so the full one
is asked for. It can be large (24 MB for 4,200 releases of one package): it is walked, and each release reduced to what
is needed before the next is read, which takes 0.2 s and a few megabytes.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from sys import intern
from typing import Any
from urllib.parse import quote

from remediators.about import About
from remediators.api import Fetched, Tools
from remediators.errors import RegistryError, ToolError
from remediators.index_urls import without_credentials
from remediators.npm.manifest import asked, is_range
from remediators.registries import npm_about
from remediators.registries.moments import moment
from remediators.registries.package_document import read_document
from remediators.registries.recent import Recent
from state.model import Listing, Release

_ACCEPT = "application/json"
_NPM = ("npm", "config", "get", "registry")
_YARN = ("npm", "exec", "--yes", "--fetch-retries=0", "--package=yarn@1", "--", "yarn", "config", "get", "registry")
_ABBREVIATED = "application/vnd.npm.install-v1+json, application/json;q=0.5"
"""What an installer needs of every release, without times and texts; a registry that knows no such thing tells all."""

_REQUIRED = ("peerDependencies", "dependencies", "optionalDependencies")
"""Where a release names what it requires; npm lets the later ones stand over the earlier."""
_KEPT_PACKAGES = 16
_MOST_NEEDS = 400_000
"""Of all releases of a package together: twice what gatsby tells."""
_NOT_A_RANGE = ("/", ":")


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
        self._of_yarn: str | None = None
        self._required: Recent[tuple[str, str | None], Mapping[str, Mapping[str, str]]] = Recent(_KEPT_PACKAGES)
        self._about: Recent[tuple[str, str | None], Mapping[str, About]] = Recent(_KEPT_PACKAGES)

    def releases(self, package: str, index: str | None, tools: Tools, known: Listing | None = None) -> Listing:
        """Every release of `package`, unordered. Unpublished ones are absent, as npm forgets them.

        Raises RegistryError when the registry has no such package or cannot be reached, ToolError when
        there is no `index` and npm cannot be asked for its own.
        """
        answer = self._fetched(package, index, tools, _ACCEPT, known.etag if known else "")
        if known is not None and answer.status == 304:
            return known
        return Listing(_releases(package, answer), answer.etag)

    def requirements(self, package: str, version: str, index: str | None, tools: Tools) -> Mapping[str, str]:
        """What a release requires, its optional and peer dependencies too. One answer tells it of every release.

        An alias stands under the name of the package behind it; a dist-tag is ""; what comes from no registry is
        left out.
        """
        found = self._required.get(
            (package, index),
            lambda: _requirements(package, self._fetched(package, index, tools, _ABBREVIATED, "")),
            lambda kept: version in kept,
        )
        if version not in found:
            raise RegistryError(f"{package} {version} does not exist (any more); choose another release")
        return _ranges(found[version])

    def about(self, package: str, version: str, index: str | None, tools: Tools) -> About:
        """What the registry tells of a release. One answer tells it of every release; the readme is the newest's."""
        found = self._about.get(
            (package, index),
            lambda: _about(package, self._fetched(package, index, tools, _ACCEPT, "")),
            lambda kept: version in kept,
        )
        if version not in found:
            raise RegistryError(f"{package} {version} does not exist (any more); choose another release")
        return found[version]

    def _fetched(self, package: str, index: str | None, tools: Tools, accept: str, etag: str) -> Fetched:
        base = without_credentials(index) if index else self.default(tools)
        # npm itself writes the slash of a scope so.
        url = f"{base.rstrip('/')}/{quote(package, safe='@/').replace('/', '%2f')}"
        answer = tools.fetch(url, accept, etag)
        if answer.status not in {200, 304}:
            raise RegistryError(
                f"no such package {package} at {url}; check its name, or the registry that it comes from"
            )
        return answer

    def default(self, tools: Tools) -> str:
        """The registry that npm asks unless it is told otherwise. Raises ToolError."""
        with self._asking:
            if self._default is None:
                self._default = _answered(_NPM, tools)
            return self._default

    def file_urls(self, index: str | None, tools: Tools) -> frozenset[str]:
        """Yarn's own registry where none is configured. npm's serves the files beside what it says of them."""
        if index is not None:
            return frozenset()
        with self._asking:
            if self._of_yarn is None:
                self._of_yarn = _answered(_YARN, tools)
            return frozenset((self._of_yarn,))


REGISTRY = NpmRegistry()
"""The one that all remediators share: what it learned for one of them need not be asked for another."""


def _answered(question: Sequence[str], tools: Tools) -> str:
    client = question[-4]
    try:
        answer = tools.run(question, None).stdout.strip()
    except ToolError as error:
        remedy = "set registries.npm in bot.toml or install Node.js with npm"
        raise ToolError(f"{client} does not tell which registry it uses: {error}; {remedy}", error.stderr) from error
    if not answer.startswith(("https://", "http://")):
        raise ToolError(
            f"{client} says that its registry is {answer!r}, which is no URL: set registries.npm in bot.toml"
        )
    return without_credentials(answer)


def _releases(package: str, answer: Fetched) -> tuple[Release, ...]:
    document, versions = read_document(package, answer, _reduced)
    times = document.get("time")
    published = times if isinstance(times, dict) else {}
    return tuple(
        Release(version, moment(published.get(version)), False, kept.engines, kept.deprecated)
        for version, kept in versions.items()
    )


def _requirements(package: str, answer: Fetched) -> Mapping[str, Mapping[str, str]]:
    needs = 0

    def counted(value: dict[str, Any]) -> Mapping[str, str] | None:
        nonlocal needs
        written = _required(value)
        needs += len(written or ())
        if needs > _MOST_NEEDS:
            raise ValueError(f"its releases require more than {_MOST_NEEDS:,} packages")
        return written

    _, versions = read_document(package, answer, counted)
    found: dict[str, Mapping[str, str]] = {}
    before: Mapping[str, str] = {}
    for version, written in versions.items():
        # Most releases require what the one before did: that is kept once.
        found[version] = before = before if written == before else written
    return found


def _about(package: str, answer: Fetched) -> Mapping[str, About]:
    document, versions = read_document(package, answer, npm_about.reduced)
    readme = document.get("readme")
    text = readme if isinstance(readme, str) else ""
    return {version: replace(kept, text=kept.text or text) for version, kept in versions.items()}


def _required(value: dict[str, Any]) -> Mapping[str, str] | None:
    """What a release requires, as its manifest has it; None for what is no such manifest."""
    if "dist" not in value or "version" not in value:
        return None
    # Releases repeat each other: a string is kept once.
    return {
        intern(key): intern(wanted)
        for section in _REQUIRED
        for key, wanted in (value[section].items() if isinstance(value.get(section), dict) else ())
        if isinstance(wanted, str)
    }


def _ranges(written: Mapping[str, str]) -> Mapping[str, str]:
    named = [asked(key, wanted)[1:] for key, wanted in written.items()]
    return {
        name: wanted if is_range(wanted) else ""
        for name, wanted in named
        if not any(mark in wanted for mark in _NOT_A_RANGE)
    }


def _reduced(value: dict[str, Any]) -> _Published | None:
    """A release's manifest as what is needed of it; None for what is none."""
    if "dist" not in value or "version" not in value:
        return None
    engines, deprecated = value.get("engines"), value.get("deprecated")
    node = engines.get("node") if isinstance(engines, dict) else None
    # Some registries say `false` for what is not deprecated, and some old releases `true` without a reason.
    reason = deprecated if isinstance(deprecated, str) else "deprecated" if deprecated else ""
    return _Published(node if isinstance(node, str) else "", reason)
