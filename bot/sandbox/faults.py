"""The switch for faults: which request goes wrong, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from bot.sandbox.errors import ApiError

CUT_BEFORE = "before"
CUT_AFTER = "after"


@dataclass(slots=True)
class Fault:
    """What happens to matching requests.

    `path` is a glob over the quoted path without query ("*/merge_requests", "/api/graphql",
    "*/git-receive-pack"). The fault skips the first `after` matches and then strikes `count` times
    (None: for ever). `delay` is in seconds. `status` answers instead of the effect; `cut` ends the
    connection without an answer, "before" or "after" the effect.
    """

    method: str = "*"
    path: str = "*"
    after: int = 0
    count: int | None = 1
    delay: float = 0.0
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: str | None = None
    seen: int = 0
    struck: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the request is one of those that this fault is about."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)


class Faults:
    """The faults that are armed. The first one that is due takes the request."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Arm a fault."""
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm all."""
        self.armed.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, counted; None when it goes well."""
        due = None
        for fault in self.armed:
            if not fault.matches(method, path):
                continue
            fault.seen += 1
            left = fault.count is None or fault.struck < fault.count
            if due is None and left and fault.seen > fault.after:
                fault.struck += 1
                due = fault
        return due


def parse(values: Mapping[str, Any]) -> Fault:
    """A fault from the body of `POST /sandbox/faults`. ApiError 400 names what is wrong."""
    allowed = {"method", "path", "after", "count", "delay", "status", "body", "headers", "cut"}
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise ApiError(400, {"error": f"{', '.join(unknown)}: no such field; there are {', '.join(sorted(allowed))}"})
    if values.get("cut") not in (None, CUT_BEFORE, CUT_AFTER):
        raise ApiError(400, {"error": 'cut does not have a valid value; "before" or "after" the effect'})
    if not re.fullmatch(r"[A-Za-z*]+", str(values.get("method", "*"))):
        raise ApiError(400, {"error": "method does not have a valid value"})
    return Fault(**values)
