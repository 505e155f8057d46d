"""What a run did, as values: one outcome per project, one per remediation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from state.model import Failure, Finding, Proof, Rejected, Remediation, RemediationState, TrackedRemediation


class Did(StrEnum):
    """What a run did about one remediation."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    BLOCKED = "blocked"
    FAILED = "failed"
    REFUSED = "refused"
    WAITING = "waiting"
    WOULD_OPEN = "would open"


class Status(StrEnum):
    """How a project's run ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class RemediationOutcome:
    """One remediation after the run. `reason` says why, where it is not simply open."""

    remediation: Remediation
    did: Did
    reason: str = ""
    issue_url: str | None = None
    merge_request_url: str | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class ProjectOutcome:
    """One project after the run. FAILED when anything could not be read, looked up or written; `failed` says what.

    `followed` is whether what was seen in GitLab was taken in.
    """

    path: str
    status: Status
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    remediations: tuple[RemediationOutcome, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    failed: tuple[Failure, ...] = ()
    dependencies: int = 0
    cloned: bool = False
    followed: bool = False


@dataclass(slots=True)
class Notes:
    """Collects one project's outcome while it runs; what was collected stays when the rest fails."""

    path: str
    findings: tuple[Finding, ...] = ()
    rejected: list[Rejected] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    remediations: dict[str, RemediationOutcome] = field(default_factory=dict)
    dependencies: int = 0
    cloned: bool = False
    followed: bool = False

    def add(self, tracked: TrackedRemediation, did: Did, proof: Proof | None = None) -> None:
        """One remediation's outcome; a later one for the same key replaces it."""
        self.remediations[tracked.remediation.key] = RemediationOutcome(
            tracked.remediation, did, tracked.reason, tracked.issue_url, tracked.merge_request_url, proof
        )

    def preview(self, planned: Iterable[Remediation], tracked: Iterable[TrackedRemediation]) -> None:
        """What a dry run would do; what failed would be tried again."""
        known = {t.remediation.key: t for t in tracked if t.state is not RemediationState.FAILED}
        for remediation in planned:
            before = known.get(remediation.key)
            if before is not None and before.state in STANDING and before.remediation.changes == remediation.changes:
                self.add(before, STANDING[before.state])
            else:
                did = Did.WOULD_OPEN if remediation.changes else Did.BLOCKED
                self.remediations[remediation.key] = RemediationOutcome(remediation, did)

    def follow(self, before: TrackedRemediation, after: TrackedRemediation) -> None:
        """What following moved, where that is worth telling."""
        if after.state is not before.state and after.state in FOLLOWED:
            self.add(after, FOLLOWED[after.state])

    def outcome(self, error: str = "") -> ProjectOutcome:
        """The outcome so far; `error` is what ended the project early."""
        faults = any(f.fault for f in self.failed) or any(r.did is Did.FAILED for r in self.remediations.values())
        return ProjectOutcome(
            self.path,
            Status.FAILED if error or faults else Status.OK,
            error,
            self.findings,
            tuple(self.remediations.values()),
            tuple(self.rejected),
            tuple(self.failed),
            self.dependencies,
            self.cloned,
            self.followed,
        )


# What following says of a remediation that moved.
FOLLOWED: dict[RemediationState, Did] = {
    RemediationState.MERGED: Did.MERGED,
    RemediationState.CONFIRMED: Did.CONFIRMED,
    RemediationState.SUPERSEDED: Did.CLOSED,
    RemediationState.REJECTED: Did.REFUSED,
}

# A remediation that the run leaves as it stands, by its state.
STANDING: dict[RemediationState, Did] = {
    RemediationState.MR_OPEN: Did.UNCHANGED,
    RemediationState.BLOCKED: Did.BLOCKED,
    RemediationState.REJECTED: Did.REFUSED,
    RemediationState.MERGED: Did.MERGED,
    RemediationState.FAILED: Did.FAILED,
}


def exit_status(outcomes: Sequence[ProjectOutcome]) -> int:
    """0 when every project was looked at whole, 1 when one failed or data was missing."""
    return 1 if any(o.status is Status.FAILED for o in outcomes) else 0
