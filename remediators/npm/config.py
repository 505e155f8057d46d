""".npmrc beside a package.json: which registries it names, and the part of it that npm may see in a relock."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from remediators.bounds import CONFIGURATION
from remediators.index_urls import without_credentials

NPMRC = ".npmrc"

# Possessive: spaces without end must not make it backtrack.
_SETTING = re.compile(r"\s*+(?P<key>[^\s=;#][^\s=]*+)\s*+=\s*+(?P<quote>[\"']?+)(?P<value>[^\s\"']*+)(?P=quote)\s*+")
_SCOPED = re.compile(r"(?P<scope>@[^:]+):registry")
_RESOLVING = frozenset(
    (
        "format-package-lock",
        "global-style",
        "install-links",
        "install-strategy",
        "legacy-bundling",
        "legacy-peer-deps",
        "prefer-dedupe",
        "strict-peer-deps",
    )
)
"""What changes how a tree and its lockfile are laid out. A .npmrc can also name programs to run: all else stays out."""


@dataclass(frozen=True, slots=True)
class NpmConfig:
    """What a .npmrc says. `scoped` maps "@scope" to its registry; URLs are without credentials."""

    registry: str | None
    scoped: Mapping[str, str]
    resolving: Mapping[str, str]

    def index(self, package: str) -> str | None:
        """The registry that a package comes from, None for the configured one."""
        scope, slash, _ = package.partition("/")
        return self.scoped.get(scope, self.registry) if slash else self.registry

    def visible(self) -> str:
        """The .npmrc that npm gets."""
        own = {"registry": self.registry} if self.registry else {}
        scoped = {f"{scope}:registry": url for scope, url in self.scoped.items()}
        return "".join(f"{key}={value}\n" for key, value in {**self.resolving, **own, **scoped}.items())


def npm_config(content: bytes | None, resolving: Collection[str] = _RESOLVING) -> NpmConfig:
    """The configuration in a .npmrc; an empty one when there is none. Values from the environment are left out.

    `resolving` are the settings that change how the program's lockfile is laid out. Raises ManifestError for one
    that is too large.
    """
    CONFIGURATION.check(NPMRC, content or b"")
    lines = (content or b"").decode(errors="replace").splitlines()
    found = [match for line in lines if (match := _SETTING.fullmatch(line)) and "${" not in match["value"]]
    settings = {match["key"]: match["value"] for match in found}
    urls = {key: url for key, value in settings.items() if (url := _url(value))}
    return NpmConfig(
        registry=urls.get("registry"),
        scoped={match["scope"]: url for key, url in urls.items() if (match := _SCOPED.fullmatch(key))},
        resolving={key: value for key, value in settings.items() if key in resolving},
    )


def _url(value: str) -> str | None:
    """The URL without credentials; None for what is none."""
    try:
        parts = urlsplit(value)
        return without_credentials(value) if parts.hostname and parts.scheme in {"https", "http"} else None
    except ValueError:
        return None
