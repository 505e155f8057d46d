"""Answers that a real GitLab gave: recordings of gitlab.com, and examples that clients and documents hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sandbox.conformity.openapi import plain


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer. `route` is in the form of `openapi.plain`; `first_hand` is true of recordings of gitlab.com."""

    route: str
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    first_hand: bool = False
    url: str = ""


def read(folder: Path) -> list[Recorded]:
    """Every answer of the REST API below `folder` of examples."""
    return [one for one in (*_lines(folder / "recorded-gitlab-com.jsonl"), *_files(folder)) if one.status]


def _lines(path: Path) -> Iterator[Recorded]:
    for line in path.read_text("utf-8").splitlines():
        one = json.loads(line)
        if one["template"].startswith("/api/v4"):
            route = plain(f"{one['method']} {one['template'].removeprefix('/api/v4')}")
            yield Recorded(route, one["status"], one["body"], one["headers"], first_hand=True, url=one["url"])


def _files(folder: Path) -> Iterator[Recorded]:
    for path in sorted(folder.glob("*.json")):
        one = json.loads(path.read_text("utf-8"))
        answer = one["response"]
        yield Recorded(
            plain(one["endpoint"]),
            answer.get("status", 0),
            answer.get("body"),
            answer.get("headers", {}),
            first_hand="recorded from gitlab.com" in one["source"],
            url=one.get("request", {}).get("url", ""),
        )
