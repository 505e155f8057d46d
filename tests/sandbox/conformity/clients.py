"""The people who ask: each with a token of a kind that GitLab treats differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api

# name: whose token, its scopes
_TOKENS = {
    "narrow": ("root", ("ai_features",)),
    "reading": ("root", ("read_api",)),
    "stranger": ("stranger", ("api",)),
    "guest": ("guest", ("api",)),
    "developer": ("developer", ("api",)),
    "maintainer": ("maintainer", ("api",)),
}
LEVELS = {"guest": 10, "developer": 30, "maintainer": 40, "root": 50}


@dataclass(frozen=True, slots=True)
class Clients:
    """REST clients by name: root, anonymous, wrong (an unknown token), and those of `_TOKENS`."""

    by_name: Mapping[str, Api]

    def ask(self, who: str, method: str, path: str, body: Mapping[str, Any], **more: Any) -> requests.Response:
        """The answer to one request: reads carry `body` in the query, writes as JSON, as a form where it has bytes.

        `who` is the name of a client, or a token.
        """
        if who not in self.by_name:
            more["headers"] = {"PRIVATE-TOKEN": who, **more.get("headers", {})}
        client = self.by_name.get(who) or self.by_name["anonymous"]
        files = {name: (f"{name}.txt", value) for name, value in body.items() if isinstance(value, bytes)}
        if files:
            rest = {name: value for name, value in body.items() if name not in files}
            return client.answer(method, path, data=rest, files=files, allow_redirects=False, **more)
        place = "params" if method in {"GET", "HEAD", "DELETE"} else "json"
        return client.answer(method, path, allow_redirects=False, **{place: body or None}, **more)


@contextmanager
def clients(sandbox: Sandbox) -> Iterator[Clients]:
    """Clients of `sandbox`, whose users are made where missing."""
    made = {"root": Api(sandbox.url, sandbox.token), "anonymous": Api(sandbox.url, None)}
    made["wrong"] = Api(sandbox.url, "glpat-unknown")
    for name, (username, scopes) in _TOKENS.items():
        user = sandbox.world.users.one(username=username) or sandbox.add_user(username)
        made[name] = Api(sandbox.url, sandbox.add_token(user, scopes))
    try:
        yield Clients(made)
    finally:
        for client in made.values():
            client.close()
