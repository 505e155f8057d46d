"""The bot's configuration: flags, `BOT_*` environment, what GitLab CI sets, and bot.toml; every problem at once."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from bot.errors import ConfigError

APP = "remediation-bot"
PREFIX = "BOT_"
OSV_SERVER = "https://api.osv.dev"

# Days, hours or minutes: what no clock overflows on.
LONGEST = 1_000_000

# What GitLab CI and common practice set: used only where the bot's own setting is absent.
UNDERSTOOD = {"GITLAB_TOKEN": "token", "CI_SERVER_URL": "url", "CI_SERVER_TLS_CA_FILE": "ca_bundle"}


def _listed(value: object) -> object:
    """An environment variable gives a list as words between commas."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _whole_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an http(s) URL")
    if parts.username or parts.password:
        raise ValueError("a URL must not carry a user name or a token; use credentials or token_file")
    return value.rstrip("/")


# What a commit's author line can hold.
_OF_AN_AUTHOR = r"^[^<>\x00-\x1f\x7f]+$"

Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
WebUrl = Annotated[str, BeforeValidator(_whole_url)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Credential(_Section):
    """What a registry host is told: a bearer `token`, or `username` and `password`."""

    token: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None

    def secret(self) -> str:
        """The token or password, "" for neither."""
        value = self.token or self.password
        return "" if value is None else value.get_secret_value()


class RegistrySettings(_Section):
    """Where an ecosystem's packages come from, when not from its client's default."""

    url: WebUrl


class AdvisorySettings(_Section):
    """Where advisories come from: OSV servers, and OSV dumps (folders, or URLs that hold `<Ecosystem>.zip`)."""

    servers: Words = ()
    dumps: Words = ()
    max_age_days: float | None = Field(default=7, gt=0, le=LONGEST)
    fresh_for_minutes: float = Field(default=60, ge=0, le=LONGEST)

    @property
    def servers_in_use(self) -> tuple[str, ...]:
        """The public OSV server when neither a server nor a dump is configured."""
        return self.servers or (() if self.dumps else (OSV_SERVER,))


class IdentitySettings(_Section):
    """Who the commits are by. The address is also how the bot knows its own commits."""

    name: str = Field(default="Remediation Bot", pattern=_OF_AN_AUTHOR)
    email: str = Field(default="remediation-bot@noreply.invalid", pattern=_OF_AN_AUTHOR)


class PolicySettings(_Section):
    """What is fixed, and how much at once; holds for every project."""

    cooldown_days: float = Field(default=3, ge=0, le=LONGEST)
    outdated: bool = True
    second_opinion: bool = True
    open_merge_requests: int = Field(default=10, ge=0)
    labels: Words = ("dependencies",)


class DaemonSettings(_Section):
    """How often the daemon sweeps the fleet and refreshes advisories."""

    sweep_minutes: float = Field(default=15, gt=0, le=LONGEST)
    advisories_minutes: float = Field(default=60, gt=0, le=LONGEST)


class Config(_Section):
    """Everything that a run depends on besides GitLab, the registries and the clock."""

    url: WebUrl = "https://gitlab.com"
    token: SecretStr | None = None
    token_file: Path | None = None
    ca_bundle: Path | None = None
    database: str = ""
    cache: Path = Path(platformdirs.user_cache_dir(APP))
    workers: int = Field(default=4, ge=1, le=64)
    releases_fresh_hours: float = Field(default=6, ge=0, le=LONGEST)
    advisories: AdvisorySettings = AdvisorySettings()
    registries: Mapping[str, RegistrySettings] = {}
    credentials: Mapping[str, Credential] = {}
    identity: IdentitySettings = IdentitySettings()
    policy: PolicySettings = PolicySettings()
    daemon: DaemonSettings = DaemonSettings()
    log_level: Literal["debug", "info", "warning", "error"] | None = None

    @field_validator("ca_bundle", "token_file")
    @classmethod
    def _existing_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is not a file")
        return value

    @field_validator("ca_bundle")
    @classmethod
    def _certificates(cls, value: Path | None) -> Path | None:
        import ssl  # only where there is a bundle to read

        if value is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
            except ssl.SSLError:
                raise ValueError(f"{value} holds no certificate in PEM form") from None
        return value

    @property
    def database_url(self) -> str:
        """The configured database, or SQLite in the user's data folder."""
        return self.database or f"sqlite:///{Path(platformdirs.user_data_dir(APP)) / 'bot.db'}"

    def secret(self) -> str:
        """The GitLab token. Raises ConfigError when there is none, or nothing that can be one."""
        given = "" if self.token is None else self.token.get_secret_value().strip()
        if not given and self.token_file is not None:
            given = _text(self.token_file).strip()
        if not given:
            raise ConfigError("no GitLab token: set GITLAB_TOKEN or BOT_TOKEN, or pass --token-file FILE")
        if not (given.isascii() and given.isprintable()) or " " in given:
            raise ConfigError("the GitLab token holds a character that no token has: copy it once more from GitLab")
        return given

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for redaction."""
        found = [credential.secret() for credential in self.credentials.values()]
        with contextlib.suppress(ConfigError):
            found.append(self.secret())
        return tuple(found)


def default_file() -> Path | None:
    """./bot.toml, where there is one."""
    here = Path("bot.toml")
    return here if here.is_file() else None


def load(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None) -> Config:
    """The configuration, later ones winning: defaults, `file`, GitLab CI's variables, `BOT_*`, `flags` (None is unset).

    `file` None means none. Nested settings are `BOT_POLICY__COOLDOWN_DAYS`.
    Raises ConfigError holding every problem, each with the place it came from.
    """
    layers = tuple(_layers(flags, environ, file))
    merged: dict[str, Any] = {}
    for _, values in layers:
        _merge(merged, values)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        problems = (_problem(layers, e["loc"], e["msg"], e["type"]) for e in error.errors(include_url=False))
        raise ConfigError(*problems) from None


def _layers(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    if file is not None:
        yield str(file), _toml(file)
    yield "environment", {name: environ[key] for key, name in UNDERSTOOD.items() if environ.get(key)}
    yield "environment", _environment(environ)
    yield "command line", {name: value for name, value in flags.items() if value is not None}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: cannot be read: byte {error.start} is not UTF-8") from error


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    # Sorted: a whole section (as JSON) comes before what is set inside it.
    for key, text in sorted(environ.items()):
        if not key.startswith(PREFIX):
            continue
        *sections, name = key.removeprefix(PREFIX).lower().split("__")
        place = values
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise ConfigError(f"{key}: {section} has a value of its own in another variable; set one of the two")
        place[name] = _value(key, text)
    return values


def _value(key: str, text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{key}: not valid JSON: {error}") from error


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = dict(value) if isinstance(value, Mapping) else value


def _problem(
    layers: tuple[tuple[str, dict[str, Any]], ...], loc: tuple[int | str, ...], message: str, kind: str
) -> str:
    """One line: where the value came from, its name, what is wrong. Values are left out, they may be secrets."""
    place = next((name for name, values in reversed(layers) if _holds(values, loc)), "configuration")
    said = "there is no such setting" if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return f"{place}: {'.'.join(str(part) for part in loc)}: {said}"


def _holds(values: Mapping[str, Any], loc: tuple[int | str, ...]) -> bool:
    head, rest = loc[0], loc[1:]
    if head not in values:
        return False
    inner = values[str(head)]
    return _holds(inner, rest) if rest and isinstance(inner, Mapping) else True
