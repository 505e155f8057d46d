"""What is wrong in a project, and how that stands."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from state.model.advisories import Advisory, Severity, Snapshot, Threat
from state.model.inventory import Dependency, Failure, Release, Scope


class Kind(enum.StrEnum):
    """Why a dependency should change."""

    VULNERABLE = "vulnerable"
    OUTDATED = "outdated"


class FindingState(enum.StrEnum):
    """Where a finding stands; DESIGN's lifecycle. Only a proof on the default branch resolves one."""

    OPEN = "open"
    PLANNED = "planned"
    IN_REVIEW = "in_review"
    MERGED_UNVERIFIED = "merged_unverified"
    RESOLVED = "resolved"
    ACCEPTED = "accepted"
    NOT_AFFECTED = "not_affected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one project at one commit. A failed look-up is in `failed`, never an empty answer.

    `releases` and `advisories` are keyed by (ecosystem, package); a package that is absent from
    `advisories` was not audited. `threats` are by CVE; what no list tells of is absent.
    """

    dependencies: tuple[Dependency, ...]
    releases: Mapping[tuple[str, str], tuple[Release, ...]]
    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]]
    snapshot: Snapshot | None
    failed: tuple[Failure, ...] = ()
    threats: Mapping[str, Threat] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a finding's package stands, and at which version."""

    manifest: str
    lockfile: str | None
    version: str
    requirement: str
    direct: bool
    scope: Scope
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability cluster, or "outdated", of one package in one project; manifests are occurrences.

    `cluster` is the advisory cluster's canonical id, or "outdated". `advisories` is empty for outdated.
    """

    kind: Kind
    ecosystem: str
    package: str
    cluster: str
    advisories: tuple[Advisory, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def key(self) -> str:
        """Identity inside one project and target branch; carries no version."""
        return f"{self.ecosystem}:{self.package}:{self.cluster}"

    @property
    def severity(self) -> Severity:
        """The worst severity among the advisories; UNKNOWN for outdated."""
        order = list(Severity)
        return min((a.severity for a in self.advisories), key=order.index, default=Severity.UNKNOWN)


class Obstacle(enum.StrEnum):
    """What kind of thing stands between a finding and its fix, or a release and its use."""

    NO_FIXED_VERSION = "no_fixed_version"
    BLOCKED = "blocked"
    EXCLUDED = "excluded"
    HELD_BY_POLICY = "held_by_policy"
    COOLDOWN = "cooldown"
    NEEDS_MAJOR = "needs_major"
    YANKED = "yanked"
    DEPRECATED = "deprecated"
    MALICIOUS = "malicious"
    PLATFORM = "platform"
    REGISTRY_UNREACHABLE = "registry_unreachable"
    NOT_EDITABLE = "not_editable"
    NOT_PROVEN = "not_proven"
    TOOL_FAILED = "tool_failed"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Who refuses a version: a package at its version ("" for a manifest), and the range that it asks for."""

    package: str
    version: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, in words that a user can read, and in kind for programs.

    `until` is when it passes by itself (a cooldown, an exception with an end); `blockers` are who is in the way.
    """

    kind: Obstacle
    words: str
    until: datetime | None = None
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A finding, release or change set that is not acted on, and why."""

    key: str
    why: Reason

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.why.words


@dataclass(frozen=True, slots=True)
class TrackedFinding:
    """A finding with its history: the clock (`first_seen`) never resets."""

    finding: Finding
    state: FindingState
    first_seen: datetime
    last_seen: datetime
    regressions: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a finding was rated when an exception of the policy first covered it, at `at`; it never changes.

    `finding` is the finding's key, `exception` names the exception: another one is another acceptance.
    """

    finding: str
    exception: str
    severity: Severity
    at: datetime


@dataclass(frozen=True, slots=True)
class FindingTransition:
    """A finding moves to `after`; `reason` is for the history and for people."""

    key: str
    after: FindingState
    reason: str
