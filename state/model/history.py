"""Looks at a project, and the append-only record of what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from state.model.inventory import Failure


@dataclass(frozen=True, slots=True)
class Scan:
    """One completed look at one project. `complete` is False when anything in `failed` kept it from being whole.

    `fingerprint` names what the outcome depends on besides the commit (policy, program version,
    advisory snapshot), so an unchanged one need not be scanned again.
    """

    project_id: int
    head: str
    at: datetime
    complete: bool
    fingerprint: str
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the append-only history. `subject` is "finding:KEY", "remediation:KEY" or "project"."""

    project_id: int
    at: datetime
    subject: str
    before: str
    after: str
    reason: str
