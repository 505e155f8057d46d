"""Variables that hold a registry host's credentials, for package managers whose files can only refer to them.

A file holds the names of variables, never what is in them. A remediator starts the program with all of them `unset`;
whoever runs it knows the credentials, and sets those of the hosts that it has some for. Their names are plain: npm
starts programs with a shell, which drops `npm_config_//host/:_authToken`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class CredentialVariables:
    """The names: of a bearer token, of user and password in base64, and of whether there is either.

    `key` and `value` are the setting of npm's that says the same, and what it is set to.
    """

    token: str
    basic: str
    known: str
    key: str
    value: str

    def values(self, token: str, basic: str) -> Mapping[str, str]:
        """What they are set to; both are "" for a host without credentials."""
        key = "_authToken" if token else "_auth" if basic else "without"
        known = "true" if token or basic else "false"
        return {self.token: token, self.basic: basic, self.known: known, self.key: key, self.value: token or basic}


def credential_variables(host: str) -> CredentialVariables:
    """Those of a host (or host:port), told apart by its name alone."""
    # Only letters, digits and underscores are replaced in every tool's files.
    name = host.lower().encode().hex().upper()
    return CredentialVariables(*(f"REGISTRY_{kind}_{name}" for kind in ("TOKEN", "BASIC", "KNOWN", "KEY", "VALUE")))


def variables_of(url: str) -> CredentialVariables:
    """Those of the host that a registry stands on."""
    return credential_variables(urlsplit(url).netloc)


def place(url: str) -> str:
    """A registry as the settings of npm and Yarn name it: without the protocol, and without a slash at the end."""
    return url.partition(":")[2].rstrip("/")


def npm_settings(urls: Collection[str]) -> str:
    """The lines of a .npmrc by which npm and pnpm find the credentials of these registries."""
    names = ((place(url), variables_of(url)) for url in urls)
    return "".join(f"{where}/:${{{each.key}}}=${{{each.value}}}\n" for where, each in names)


def unset(urls: Collection[str]) -> Mapping[str, str]:
    """The variables of these registries, as they are where nobody has credentials."""
    return {name: value for url in urls for name, value in variables_of(url).values("", "").items()}
