"""The nouns: frozen values that every layer speaks in. No I/O, no behaviour beyond reading a value."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class Scope(enum.StrEnum):
    """What a dependency is for: only runtime ones reach production."""

    RUNTIME = "runtime"
    DEV = "dev"
    OPTIONAL = "optional"
    PEER = "peer"


class Kind(enum.StrEnum):
    """Why a dependency should change."""

    VULNERABLE = "vulnerable"
    OUTDATED = "outdated"


class Severity(enum.StrEnum):
    """CVSS qualitative rating; UNKNOWN where an advisory carries no score."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


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


class IssueState(enum.StrEnum):
    """An issue in GitLab, as observed."""

    OPENED = "opened"
    CLOSED = "closed"


class MergeRequestState(enum.StrEnum):
    """A merge request in GitLab, as observed."""

    OPENED = "opened"
    CLOSED = "closed"
    LOCKED = "locked"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Project:
    """A GitLab project as discovery saw it. `head` is the default branch's commit, None when it has none."""

    id: int
    path: str
    default_branch: str | None
    head: str | None
    web_url: str
    clone_url: str
    access_level: int
    archived: bool = False
    issues_enabled: bool = True
    merge_requests_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of the inventory: a package as one manifest or lockfile names it.

    `ecosystem` is OSV's name ("PyPI", "npm"); `package` is normalised by that ecosystem's rules.
    `requirement` is as written ("" for a transitive one); `version` is the locked or pinned one, None
    when nothing pins it. `manifest` is the file a person edits, `lockfile` the file a tool writes (None
    when there is none). `line` is 1-based in the manifest for direct ones, in the lockfile otherwise.
    `index` is the registry URL that the file itself names, None for the configured one. `platform` is what
    its unit promises to run on (`requires-python`, `engines.node`), "" for no promise.
    """

    ecosystem: str
    package: str
    requirement: str
    version: str | None
    manifest: str
    lockfile: str | None
    scope: Scope
    direct: bool
    line: int
    index: str | None = None
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A published version. `published` is UTC, None where the registry omits it; `requires` is the
    platform requirement as written (`Requires-Python`, npm `engines.node`), "" for none."""

    version: str
    published: datetime | None
    yanked: bool
    requires: str = ""
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a registry said of one package, and the validator (ETag) to ask again cheaply."""

    releases: tuple[Release, ...]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class VersionRange:
    """One OSV range. `events` are (kind, version) in file order, kind one of introduced, fixed,
    last_affected, limit. `type` is SEMVER, ECOSYSTEM or GIT."""

    type: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """One affected package of an advisory: hit when in `versions` or inside any of `ranges`."""

    ecosystem: str
    package: str
    ranges: tuple[VersionRange, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advisory:
    """An OSV record. `score` is CVSS 0.0 to 10.0, None when the record has no vector."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: Severity
    score: float | None
    url: str
    modified: datetime
    published: datetime | None
    withdrawn: bool
    malicious: bool
    affected: tuple[Affected, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every id that this advisory is known by."""
        return frozenset((self.id, *self.aliases))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which advisory data an answer rests on: where from, as of when (UTC), how many records."""

    source: str
    as_of: datetime
    records: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read or looked up: the thing, the place and what to do, in `reason`.

    `subject` is a file path, or "ecosystem:package", or "advisories". `fault` is False for what is left
    out by design (a VCS requirement): it is said, but the look is whole without it.
    """

    subject: str
    reason: str
    fault: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one project at one commit. A failed look-up is in `failed`, never an empty answer.

    `releases` and `advisories` are keyed by (ecosystem, package); a package that is absent from
    `advisories` was not audited.
    """

    dependencies: tuple[Dependency, ...]
    releases: Mapping[tuple[str, str], tuple[Release, ...]]
    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]]
    snapshot: Snapshot | None
    failed: tuple[Failure, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Change:
    """One package moved in one manifest (and its lockfile)."""

    ecosystem: str
    package: str
    before: str
    after: str
    manifest: str
    lockfile: str | None
    direct: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A finding, release or change set that is not acted on, with a reason that a user can read."""

    key: str
    reason: str


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
class Issue:
    """An issue in GitLab, as observed. `closed_by` is the username, "" when open or unknown."""

    iid: int
    title: str
    description: str
    state: IssueState
    web_url: str
    labels: tuple[str, ...]
    updated_at: datetime
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A merge request in GitLab, as observed. `sha` is the head of its source branch."""

    iid: int
    title: str
    description: str
    state: MergeRequestState
    web_url: str
    source_branch: str
    target_branch: str
    sha: str
    labels: tuple[str, ...]
    updated_at: datetime
    merge_commit: str | None = None


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
class TrackedRemediation:
    """A remediation with its state and its links into GitLab (None until they exist).

    `commit` is the last commit that we pushed to its branch; `base` the target's commit it stands on.
    `inputs` is a digest of the files and changes it was made from: while it stays, there is nothing to redo.
    `issue_closes` counts how often a person closed the issue while the finding was still there.
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
    issue_closes: int = 0


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


@dataclass(frozen=True, slots=True)
class FindingTransition:
    """A finding moves to `after`; `reason` is for the history and for people."""

    key: str
    after: FindingState
    reason: str


@dataclass(frozen=True, slots=True)
class RemediationTransition:
    """A remediation moves to `after`; `reason` is for the history and for people."""

    key: str
    after: RemediationState
    reason: str


@dataclass(frozen=True, slots=True)
class CachedListing:
    """A listing as the cache holds it. `checked_at` is when the registry last confirmed it."""

    listing: Listing
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class AdvisoryRecord:
    """An OSV record as its source gave it: `raw` is its JSON, `packages` the (ecosystem, package) pairs it is about."""

    id: str
    modified: datetime
    packages: tuple[tuple[str, str], ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class AdvisorySource:
    """A whole set of advisory records. `validator` tells a changed set from the same one (file digest, ETag)."""

    name: str
    as_of: datetime
    records: int
    validator: str = ""
