"""Yarn's configuration in a repository: which registries it names, and the part of it that Yarn may see in a relock.

| file          | of      | may name programs to run                  | what is kept                                  |
|---------------|---------|-------------------------------------------|-----------------------------------------------|
| `.yarnrc`     | classic | `yarn-path`, flags of every command       | registries                                    |
| `.npmrc`      | classic | see `npm.config`                          | registries                                    |
| `.yarnrc.yml` | berry   | `yarnPath`, `plugins`, `unsafeHttp…`, …   | registries, and what decides on the lockfile  |
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from remediators.bounds import CONFIGURATION
from remediators.documents.yaml_spans import Path, read
from remediators.errors import ManifestError, ToolError
from remediators.index_urls import without_credentials
from remediators.npm.config import NpmConfig, npm_config

YARNRC = ".yarnrc"
YARNRC_YML = ".yarnrc.yml"
CATALOG = "catalog:"
_SETTING = re.compile(r"(?P<quote>\"?)(?P<key>[^\s\"]+)(?P=quote)\s+(?P<inner>\"?)(?P<value>[^\s\"]+)(?P=inner)\s*")
_SCOPED = re.compile(r"(?P<scope>@[^:]+):registry")
_SCOPE = re.compile(r"[\w.~-]+", re.ASCII)
EXTENSIONS = "packageExtensions"
"""What packages are to need besides what they say; the lockfile does not tell."""
_DECIDING = (
    "catalog",
    "catalogs",
    "checksumBehavior",
    "compressionLevel",
    "defaultProtocol",
    "enableTransparentWorkspaces",
    EXTENSIONS,
    "supportedArchitectures",
)
"""Settings of berry that change what is written into a lockfile. They hold names, numbers and ranges only."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YarnConfig:
    """What the files say. `name` is the path of berry's; `registries` has URLs free of credentials.

    `deciding` are settings of berry.
    """

    name: str
    registries: NpmConfig
    deciding: Mapping[str, Any]

    def catalog(self, written: str, key: str) -> tuple[Path, str] | None:
        """Where the range stands that `catalog:` means for a package, and the range; None when there is none."""
        name = written.removeprefix(CATALOG)
        path: Path = ("catalogs", name, key) if name and name != "default" else ("catalog", key)
        found: Any = self.deciding
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return (path, found) if isinstance(found, str) else None

    def urls(self, index: str | None) -> tuple[str, ...]:
        """Every registry that Yarn is told of; `index` is the one where the project names none."""
        default = self.registries.registry or index
        return tuple(dict.fromkeys((*((default,) if default else ()), *self.registries.scoped.values())))

    def visible(self, index: str | None, *, berry: bool, more: Mapping[str, Any]) -> str:
        """The configuration file that Yarn gets; `index` is the registry where the project names none.

        Raises ToolError where berry would put a variable of its environment, which has credentials, into a setting.
        """
        default, scoped = self.registries.registry or index, self.registries.scoped
        if not berry:
            named = {**({"registry": default} if default else {}), **{f"{s}:registry": u for s, u in scoped.items()}}
            return "".join(f"{json.dumps(key)} {json.dumps(url)}\n" for key, url in named.items())
        for key, value in self.deciding.items():
            if "${" in json.dumps(value):
                what = "names a variable of the environment, which may hold credentials: write out what it stands for"
                raise ToolError(f"{self.name}: `{key}` {what}")
        settings: dict[str, Any] = {**self.deciding, **more}
        if default:
            settings["npmRegistryServer"] = default
        if scoped:
            settings["npmScopes"] = {s.removeprefix("@"): {"npmRegistryServer": url} for s, url in scoped.items()}
        # JSON is YAML.
        return json.dumps(settings)


def classic_config(npmrc: bytes | None, yarnrc: bytes | None) -> YarnConfig:
    """The configuration of classic, whose own file goes before npm's. Raises ManifestError for one too large."""
    CONFIGURATION.check(YARNRC, yarnrc or b"")
    npm = npm_config(npmrc)
    lines = (yarnrc or b"").decode(errors="replace").splitlines()
    found = [match for line in lines if (match := _SETTING.fullmatch(line.strip()))]
    urls = {match["key"]: url for match in found if (url := _url(match["value"]))}
    scoped = {match["scope"]: url for key, url in urls.items() if (match := _SCOPED.fullmatch(key))}
    return YarnConfig(YARNRC, NpmConfig(urls.get("registry", npm.registry), {**npm.scoped, **scoped}, {}), {})


def berry_config(name: str, content: bytes | None) -> YarnConfig:
    """The configuration in a `.yarnrc.yml`, an empty one when there is none.

    Raises ManifestError when it is not plain YAML: over 256 KB, nested deep, or with anchors.
    """
    settings = _settings(name, content) if content else {}
    scopes = settings.get("npmScopes")
    scoped = {
        f"@{scope}": url
        for scope, own in (scopes.items() if isinstance(scopes, dict) else ())
        if _SCOPE.fullmatch(str(scope)) and isinstance(own, dict) and (url := _url(own.get("npmRegistryServer")))
    }
    deciding = {key: settings[key] for key in _DECIDING if key in settings}
    return YarnConfig(name, NpmConfig(_url(settings.get("npmRegistryServer")), scoped, {}), deciding)


def _settings(name: str, content: bytes) -> dict[str, Any]:
    # Refuses anchors, depth, size, and what is no text.
    read(content, name, bounds=CONFIGURATION)
    try:
        # What JSON cannot say, Yarn does not mean.
        settings = json.loads(json.dumps(yaml.load(content, Loader=_LOADER)))  # noqa: S506 -- both are safe loaders
    except (yaml.YAMLError, ValueError, TypeError) as error:
        what = " ".join(str(error).split())
        raise ManifestError(f"{name} is not what yarn could read ({what}): repair the file") from error
    if not isinstance(settings, dict):
        raise ManifestError(f"{name} is not a mapping of settings: repair the file")
    return settings


def _url(value: object) -> str | None:
    """The URL without credentials; None for what is none, has spaces or lines, or is taken from the environment."""
    # A line in it would be one of the file that npm gets.
    if not isinstance(value, str) or "${" in value or re.search(r"\s", value):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return without_credentials(value) if parts.hostname and parts.scheme in {"https", "http"} else None
