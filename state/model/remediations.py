"""Change sets, their proofs, and how they stand."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from state.model.advisories import Snapshot
from state.model.findings import Kind


class RemediationState(enum.StrEnum):
    """Where a change set stands, from the plan to the proof on the default branch."""

    PROPOSED = "proposed"
    PROVEN = "proven"
    MR_OPEN = "mr_open"
    MERGED = "merged"
    CONFIRMED = "confirmed"
    BLOCKED = "blocked"
    STALE = "stale"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One package moved in one manifest (and its lockfile); `after` is "" for one that nothing requires any more.

    `override` is whether what others require of it is set aside for that, by an entry in the manifest.
    """

    ecosystem: str
    package: str
    before: str
    after: str
    manifest: str
    lockfile: str | None
    direct: bool
    override: bool = False


@dataclass(frozen=True, slots=True)
class Remediation:
    """One change set = one branch = one merge request = one tracked issue.

    `key` is stable without a version ("vulnerable/PyPI/requests"), so a newer fix updates the same
    merge request. `findings` are finding keys.
    """

    key: str
    kind: Kind
    title: str
    branch: str
    target_branch: str
    findings: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Audited:
    """One (package, version, advisory cluster) that an audit of a tree found."""

    ecosystem: str
    package: str
    version: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What an audit of the exact committed tree showed, against the audit of its base.

    `tree` is the git tree hash. `tools` maps a tool's name to the version that ran. `checks` are
    independent confirmations ("pip-audit 2.10.1: no known vulnerabilities in 14 packages").
    """

    tree: str
    base: str
    snapshot: Snapshot
    fixed: tuple[Audited, ...]
    introduced: tuple[Audited, ...]
    remaining: tuple[Audited, ...]
    changes: tuple[Change, ...]
    tools: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackedRemediation:
    """A remediation with its state and its links into GitLab (None until they exist).

    `commit` is the last commit that we pushed to its branch; `base` the target's commit it stands on.
    `inputs` is a digest of the files and changes it was made from: while it stays, there is nothing to redo.
    `shown` is a digest of what its issue and merge request show besides: once that is another, they are written again.
    `issue_closes` counts how often a person closed the issue while the finding was still there.
    `retry_at` is when it is taken up again though nothing changed (UTC), as it failed, or as its merge request lacks
    what its releases tell of themselves; `tries` counts how often that was so.
    """

    remediation: Remediation
    state: RemediationState
    reason: str
    updated_at: datetime
    commit: str | None = None
    base: str | None = None
    issue: int | None = None
    issue_url: str | None = None
    merge_request: int | None = None
    merge_request_url: str | None = None
    inputs: str = ""
    shown: str = ""
    issue_closes: int = 0
    retry_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class RemediationTransition:
    """A remediation moves to `after`; `reason` is for the history and for people."""

    key: str
    after: RemediationState
    reason: str
