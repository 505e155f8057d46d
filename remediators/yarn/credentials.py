"""How Yarn gets the credentials of registries: it reads its own files only, which refer to variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from remediators.credential_variables import CredentialVariables, place, variables_of


def classic_npmrc(urls: Collection[str]) -> str:
    """What classic reads beside its own file. It sends credentials for a package without a scope only when told to."""
    lines = ("_authToken=${{{0.token}}}", "_auth=${{{0.basic}}}", "always-auth=${{{0.known}}}")
    return "".join(f"{place(url)}/:{line.format(variables_of(url))}\n" for url in urls for line in lines)


def berry_settings(urls: Collection[str]) -> Mapping[str, Any]:
    """Settings of berry: credentials by registry, and hosts that may be asked without TLS, as their URL says."""
    registries = {place(url): _berry(variables_of(url)) for url in urls}
    plain = sorted({urlsplit(url).hostname or "" for url in urls if url.startswith("http:")})
    return {
        **({"npmRegistries": registries} if registries else {}),
        **({"unsafeHttpWhitelist": plain} if plain else {}),
    }


def _berry(names: CredentialVariables) -> Mapping[str, str]:
    return {
        "npmAlwaysAuth": f"${{{names.known}}}",
        "npmAuthToken": f"${{{names.token}}}",
        "npmAuthIdent": f"${{{names.basic}}}",
    }
