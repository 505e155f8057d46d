"""The nouns: frozen values that every layer speaks in. No I/O, no behaviour beyond reading a value."""

from state.model.advisories import Advisory, AdvisoryRecord, AdvisorySource, Affected, Severity, Snapshot, VersionRange
from state.model.findings import (
    Facts,
    Finding,
    FindingState,
    FindingTransition,
    Kind,
    Occurrence,
    Rejected,
    TrackedFinding,
)
from state.model.forge import Issue, IssueState, MergeRequest, MergeRequestState
from state.model.history import Event, Scan
from state.model.inventory import CachedListing, Dependency, Failure, Listing, Project, Release, Scope
from state.model.remediations import (
    Audited,
    Change,
    Proof,
    Remediation,
    RemediationState,
    RemediationTransition,
    TrackedRemediation,
)

__all__ = [
    "Advisory",
    "AdvisoryRecord",
    "AdvisorySource",
    "Affected",
    "Audited",
    "CachedListing",
    "Change",
    "Dependency",
    "Event",
    "Facts",
    "Failure",
    "Finding",
    "FindingState",
    "FindingTransition",
    "Issue",
    "IssueState",
    "Kind",
    "Listing",
    "MergeRequest",
    "MergeRequestState",
    "Occurrence",
    "Project",
    "Proof",
    "Rejected",
    "Release",
    "Remediation",
    "RemediationState",
    "RemediationTransition",
    "Scan",
    "Scope",
    "Severity",
    "Snapshot",
    "TrackedFinding",
    "TrackedRemediation",
    "VersionRange",
]
