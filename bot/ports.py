"""What the pipeline asks of the outside world: the interfaces that the adapters implement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from remediators.api import Completed, Reader, RemediationError, Tools
from remediators.ecosystems import Ecosystems
from state.model import (
    Advisory,
    Failure,
    Issue,
    MergeRequest,
    Project,
    Proof,
    Release,
    ReleaseDetails,
    Snapshot,
    Threat,
)
from state.store import Store


@dataclass(frozen=True, slots=True)
class User:
    """The account behind the token."""

    id: int
    username: str
    bot: bool


@dataclass(frozen=True, slots=True)
class Token:
    """The token in use. `expires_at` is midnight UTC at the start of its last day, None without expiry."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """What an issue should look like."""

    title: str
    description: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeRequestDraft:
    """What a merge request should look like. `reviewers` are user names, for a new one only."""

    title: str
    description: str
    labels: tuple[str, ...]
    source_branch: str
    target_branch: str
    reviewers: tuple[str, ...] = ()


class Forge(Protocol):
    """GitLab. Every method raises ForgeError.

    Reads are retried; a write is retried only after looking whether it happened.
    """

    def user(self) -> User:
        """Who the token belongs to."""

    def token(self) -> Token | None:
        """The token's own record; None where GitLab does not tell (job tokens, GitLab before 15.5)."""

    def version(self) -> str:
        """GitLab's version, such as "18.4.1-ee"."""

    def projects(self) -> Iterator[Project]:
        """Every project that the token is a member of, by keyset pages of 100; `head` is not looked up (None)."""

    def sweep(self) -> Iterator[Project]:
        """The same with default branch and head, over GraphQL: one request per hundred projects."""

    def project(self, path: str) -> Project:
        """One project by full path or numeric id, with its head. ForgeError.status is 404 when there is none."""

    def branch_head(self, project: Project, branch: str) -> str | None:
        """The commit at the tip of a branch, None when there is no such branch."""

    def issues(self, project: Project, marker: str) -> tuple[Issue, ...]:
        """The project's issues, any state, whose description contains `marker`, oldest first."""

    def issue(self, project: Project, iid: int) -> Issue | None:
        """One issue; None when it was deleted."""

    def create_issue(self, project: Project, draft: IssueDraft) -> Issue:
        """A new issue."""

    def update_issue(self, project: Project, iid: int, draft: IssueDraft) -> Issue:
        """Set title, description and labels; labels that people added stay."""

    def set_issue_open(self, project: Project, iid: int, opened: bool) -> Issue:
        """Close or reopen."""

    def comment_issue(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""

    def comment_merge_request(self, project: Project, iid: int, body: str, marker: str) -> bool:
        """Add a note unless one with `marker` exists; whether one was added."""

    def merge_requests(self, project: Project, source_branch: str) -> tuple[MergeRequest, ...]:
        """Merge requests from that branch, any state, newest first."""

    def merge_request(self, project: Project, iid: int) -> MergeRequest | None:
        """One merge request; None when it was deleted."""

    def create_merge_request(self, project: Project, draft: MergeRequestDraft) -> MergeRequest:
        """A new merge request; the open one from that branch when GitLab says there is one (409)."""

    def update_merge_request(self, project: Project, iid: int, draft: MergeRequestDraft) -> MergeRequest:
        """Set title, description, target branch and labels; labels that people added stay."""

    def close_merge_request(self, project: Project, iid: int) -> MergeRequest:
        """Close without merging."""

    def merge_when_ready(self, project: Project, iid: int, sha: str) -> str:
        """Have it merged once the pipeline of just that commit passes; "" when that is so, else why not now."""

    def own_issues(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, Issue]]:
        """(project id, issue) of everything that this user opened and that changed since; one project's or all."""

    def own_merge_requests(self, since: datetime | None, project: Project | None) -> Iterator[tuple[int, MergeRequest]]:
        """(project id, merge request) of everything that this user opened and that changed since."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as far as we need to know it. `ours` is whether the bot's identity authored it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    ours: bool


class Checkout(Protocol):
    """One project's repository at its head, without a work tree: nothing in it can run, no symlink can be followed."""

    head: str
    paths: Mapping[str, str]
    """Every plain file at `head`, POSIX path to blob id."""

    left_out: Mapping[str, str]
    """What else stands there, and why it is not read: symlinks, submodules, paths that lead out of the repository."""

    def reader(self, commit: str) -> Reader:
        """Reads plain files at `commit`; ManifestError for a symlink, a submodule or a file over the size limit."""

    def prefetch(self, paths: Collection[str]) -> None:
        """Bring the blobs of these paths at `head` here in one request."""

    def commit(self, files: Mapping[str, bytes], message: str) -> Commit:
        """A commit on `head` that replaces exactly these files (their modes stay)."""

    def branch(self, name: str) -> Commit | None:
        """The tip of a branch in GitLab as it is now, None when there is none."""

    def push(self, commit: Commit, branch: str, expected: str | None) -> None:
        """Push to `branch`, which must be at `expected` (None: must not exist).

        Raises CheckoutError, naming the branch, when it moved or the push was refused.
        """

    def push_all(self, commits: Mapping[str, Commit]) -> frozenset[str]:
        """Push to several branches of ours, each as `branch` last saw it, in one go; those that arrived.

        What GitLab does not take is not raised here: `push` says what is wrong.
        """

    def changed_files(self, commit: Commit) -> tuple[str, ...]:
        """Paths that differ between `head` and `commit`."""


class Checkouts(Protocol):
    """Local copies of repositories."""

    def open(self, project: Project) -> AbstractContextManager[Checkout]:
        """The repository at `project.head`, fetched only as far as needed. Raises CheckoutError."""


@dataclass(frozen=True, slots=True)
class AdvisoryAnswer:
    """Advisories per (ecosystem, package). A package that is absent was not looked up, and `failed` says why."""

    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]]
    snapshot: Snapshot | None
    failed: tuple[Failure, ...]


class Advisories(Protocol):
    """The advisory data. Withdrawn records are dropped; no data, or data over the age limit, is a failure."""

    def lookup(self, packages: Collection[tuple[str, str]]) -> AdvisoryAnswer:
        """Everything known about these (ecosystem, package) pairs, over any version."""

    def snapshot(self) -> Snapshot | None:
        """What an answer would rest on now, without a call to the outside; None when there is no data."""

    def refresh(self) -> Snapshot:
        """Bring the data up to date. Raises AdvisoryError."""


@dataclass(frozen=True, slots=True)
class ThreatAnswer:
    """What is known of attacks, by CVE. `failed` says which list could not be had."""

    threats: Mapping[str, Threat]
    failed: tuple[Failure, ...]


class Threats(Protocol):
    """How likely, and how known, attacks are: what decides the order of fixes."""

    def lookup(self, names: Collection[str]) -> ThreatAnswer:
        """What the lists say of these CVEs; one that none tells of is absent."""


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """Releases per (ecosystem, package); a package that is absent failed, and `failed` says why."""

    releases: Mapping[tuple[str, str], tuple[Release, ...]]
    failed: tuple[Failure, ...]


class Releases(Protocol):
    """What registries publish, looked up once for the fleet."""

    def lookup(self, packages: Collection[tuple[str, str, str | None]]) -> ReleaseAnswer:
        """Releases of these (ecosystem, package, index); from the cache while fresh, else revalidated in parallel."""


class DisagreementError(RemediationError):
    """Another auditor reports a vulnerability that the proof says is not there."""


class Crosschecks(Protocol):
    """Independent auditors of a fix (pip-audit)."""

    def prepare(self, ecosystem: str, pinned: Collection[tuple[str, str]]) -> None:
        """Say which (package, version) `check` will be asked of, so that one question, begun now, does for all."""

    def check(self, ecosystem: str, pinned: Sequence[tuple[str, str]], proof: Proof) -> str | None:
        """One line on what another auditor says of these (package, version); None where the ecosystem has none.

        Raises DisagreementError when it reports something that `proof.remaining` lacks, RemediationError when it
        cannot say.
        """


@dataclass(frozen=True, slots=True)
class Published:
    """One release of a package. `index` is the registry URL that a project names, None for the configured one."""

    ecosystem: str
    package: str
    version: str
    index: str | None = None


class ReleaseNotes(Protocol):
    """What releases tell of themselves, for people to read: nothing is decided by it."""

    def lookup(
        self, releases: Collection[Published], told: Collection[Published]
    ) -> Mapping[Published, ReleaseDetails]:
        """Details of these releases, for those among `told` with their changelog.

        Never raises, and takes a bounded time: what cannot be had in it is absent.
        """


class Workshop(Protocol):
    """Scratch directories, and the tools that run in them."""

    def scratch(self) -> AbstractContextManager[Path]:
        """An empty directory that is removed afterwards."""

    def run(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str] | None = None,
        reach: Collection[tuple[str, int]] = (),
    ) -> Completed:
        """As `Tools.run`. `reach` are (host, port) that this run may ask besides registries."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What finding, fixing and proving need; nothing of it knows GitLab.

    `indexes` are the configured registry URLs by ecosystem.
    """

    ecosystems: Ecosystems
    advisories: Advisories
    threats: Threats
    releases: Releases
    crosschecks: Crosschecks
    release_notes: ReleaseNotes
    workshop: Workshop
    tools: Tools
    indexes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything that the pipeline works with."""

    forge: Forge
    checkouts: Checkouts
    store: Store
    toolbox: Toolbox


@dataclass(frozen=True, slots=True)
class Calls:
    """How much a run asked of GitLab: REST and GraphQL reads, REST writes, git pushes."""

    reads: int
    writes: int
    pushes: int

    def __sub__(self, earlier: Calls) -> Calls:
        return Calls(self.reads - earlier.reads, self.writes - earlier.writes, self.pushes - earlier.pushes)
