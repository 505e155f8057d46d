"""Registry credentials for package managers: in memory and in their environment, never on disk or in an argument."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bot.adapters.credential import Credential
from remediators.credential_variables import credential_variables

# What registries take as the user name beside a token where only basic authentication is to be had.
TOKEN_USER = "__token__"  # noqa: S105 -- a user name

_NPM = "npm"


@dataclass(frozen=True, slots=True)
class Handed:
    """What a tool is started with: variables, and descriptors that it inherits."""

    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


@contextlib.contextmanager
def handed(credentials: Mapping[str, Credential], program: str, asked_for: Collection[str]) -> Iterator[Handed]:
    """Credentials by host (or host:port) as a program reads them, while the block runs.

    uv reads a netrc file: here an anonymous file in memory, which Linux has and other systems do not (there a
    private index must be open to uv by other means). npm reads variables named after the registry; for others the
    remediator writes files that refer to `credential_variables`, and names those in `asked_for`. Nobody else has any:
    most tools put variables into what a project's files say, such as the URL of an index.
    """
    of_npm = credentials.items() if PurePath(program).name == _NPM else ()
    environment = dict(variable for host, credential in of_npm for variable in _npm(host, credential))
    for host, credential in credentials.items():
        known = credential_variables(host).values(*_parts(credential))
        environment |= {name: value for name, value in known.items() if name in asked_for}
    if not credentials or not hasattr(os, "memfd_create"):
        yield Handed(environment)
        return
    descriptor = os.memfd_create("netrc")
    try:
        os.write(descriptor, "".join(_netrc(host, given) for host, given in credentials.items()).encode())
        yield Handed({**environment, "NETRC": f"/proc/self/fd/{descriptor}"}, (descriptor,))
    finally:
        os.close(descriptor)


def _npm(host: str, credential: Credential) -> Iterator[tuple[str, str]]:
    token, basic = _parts(credential)
    key, value = ("_authToken", token) if token else ("_auth", basic)
    yield f"npm_config_//{host}/:{key}", value


def _parts(credential: Credential) -> tuple[str, str]:
    """A bearer token, and user and password in base64; one of them is ""."""
    return ("", credential.header.removeprefix("Basic ")) if credential.username else (credential.secret, "")


def _netrc(host: str, credential: Credential) -> str:
    # netrc knows no ports.
    name = host.partition(":")[0]
    return f"machine {name} login {credential.username or TOKEN_USER} password {credential.secret}\n"
