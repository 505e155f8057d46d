"""What a receiver of web hooks has heard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.waiting import until


@dataclass
class Received:
    """One delivery as it arrived."""

    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed


@dataclass
class Receiver:
    """What arrived so far; `status` is what it answers."""

    url: str = ""
    status: int = 200
    received: list[Received] = field(default_factory=list)

    def wait(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The bodies of that object_kind once there are `count` of them."""
        return until(lambda: self._of(kind) if len(self._of(kind)) >= count else [])

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [one.body for one in self.received if one.body.get("object_kind") == kind]
