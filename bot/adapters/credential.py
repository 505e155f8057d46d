"""What a server is told about who we are."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name with its password; without a user name, a bearer token."""

    username: str
    secret: str = field(repr=False)

    @property
    def header(self) -> str:
        """The value of the `Authorization` header (RFC 7617, RFC 6750)."""
        if not self.username:
            return f"Bearer {self.secret}"
        return "Basic " + base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()
