"""The bot's configuration: flags, `BOT_*` environment, what GitLab CI sets, and bot.toml; every problem at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from bot import layers
from bot.errors import ConfigError
from bot.policy.model import LONGEST, Policy, Words, wrong

APP = "remediation-bot"
OSV_SERVER = "https://api.osv.dev"

# What GitLab CI and common practice set: used only where the bot's own setting is absent.
UNDERSTOOD = {"GITLAB_TOKEN": "token", "CI_SERVER_URL": "url", "CI_SERVER_TLS_CA_FILE": "ca_bundle"}


def _whole_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an http(s) URL")
    if parts.username or parts.password:
        raise ValueError("a URL must not carry a user name or a token; use credentials or token_file")
    return value.rstrip("/")


def _for_all(value: object) -> object:
    """One configuration project is that of every group."""
    return {"": value} if isinstance(value, str) else value


# What a commit's author line can hold.
_OF_AN_AUTHOR = r"^[^<>\x00-\x1f\x7f]+$"

WebUrl = Annotated[str, AfterValidator(_whole_url)]


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
    """Where advisories come from: OSV servers, and OSV dumps (folders, or URLs that hold `<Ecosystem>.zip`).

    `epss` and `known_exploited` are files or URLs of lists that say how pressing each is.
    """

    servers: Words = ()
    dumps: Words = ()
    max_age_days: float | None = Field(default=7, gt=0, le=LONGEST)
    fresh_for_minutes: float = Field(default=60, ge=0, le=LONGEST)
    epss: str | None = None
    known_exploited: str | None = None

    @property
    def servers_in_use(self) -> tuple[str, ...]:
        """The public OSV server when neither a server nor a dump is configured."""
        return self.servers or (() if self.dumps else (OSV_SERVER,))


class IdentitySettings(_Section):
    """Who the commits are by. The address is also how the bot knows its own commits."""

    name: str = Field(default="Remediation Bot", pattern=_OF_AN_AUTHOR)
    email: str = Field(default="remediation-bot@noreply.invalid", pattern=_OF_AN_AUTHOR)


class PolicySettings(Policy):
    """What is fixed, and how, where neither a group nor a project says otherwise."""

    second_opinion: bool = True
    release_notes: bool = True


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
    tool_cache_days: float = Field(default=30, gt=0, le=LONGEST)
    tool_cache_gb: float = Field(default=10, gt=0, le=LONGEST)
    workers: int = Field(default=4, ge=1, le=64)
    releases_fresh_hours: float = Field(default=6, ge=0, le=LONGEST)
    advisories: AdvisorySettings = AdvisorySettings()
    registries: Mapping[str, RegistrySettings] = {}
    credentials: Mapping[str, Credential] = {}
    allowed_hosts: Words = ()
    sandbox: Literal["require", "auto", "off"] = "auto"
    identity: IdentitySettings = IdentitySettings()
    policy: PolicySettings = PolicySettings()
    policy_projects: Annotated[Mapping[str, str], BeforeValidator(_for_all)] = {}
    daemon: DaemonSettings = DaemonSettings()
    log_level: Literal["debug", "info", "warning", "error"] | None = None

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            parts = urlsplit(f"//{value}")
            # Asking for the port tells whether it is one.
            if not parts.hostname or parts.netloc != value or parts.username is not None or parts.port == 0:
                raise ValueError(f"{value!r} is not a host, or host:port")
        return values

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
            given = layers.text(self.token_file).strip()
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
    given = tuple(_layers(flags, environ, file))
    merged: dict[str, Any] = {}
    for _, values in given:
        layers.merge(merged, values)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        problems = (layers.problem(given, e["loc"], wrong(e), e["type"]) for e in error.errors(include_url=False))
        raise ConfigError(*problems) from None


def _layers(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    if file is not None:
        yield str(file), layers.toml(file)
    yield "environment", {name: environ[key] for key, name in UNDERSTOOD.items() if environ.get(key)}
    yield "environment", layers.environment(environ)
    yield "command line", {name: value for name, value in flags.items() if value is not None}
