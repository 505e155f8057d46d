"""The world: every table, the clock, and where the outside finds this GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.sandbox.loop import Loop
from bot.sandbox.world.automation import CommitStatus, Hook, HookDelivery, Job, Pipeline
from bot.sandbox.world.collaboration import (
    AwardEmoji,
    Issue,
    IssueLink,
    Label,
    MergeRequest,
    Milestone,
    Note,
    ResourceEvent,
)
from bot.sandbox.world.people import Member, Namespace, Token, User
from bot.sandbox.world.projects import (
    Event,
    Project,
    ProtectedBranch,
    ProtectedTag,
    Redirect,
    Release,
    Todo,
    Upload,
    Variable,
)
from bot.sandbox.world.table import Table

SOURCE = ("source_type", "source_id")


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class World:
    """All that this GitLab knows. Only the event loop's thread changes it.

    `url` is the external URL without a trailing slash. `repositories` is the folder of the bare repositories.
    `premium` turns on what the free tier lacks: several assignees, blocking links, exclusive scoped labels.
    `mergeability_seconds` is how long a merge request stays unchecked after it was made or pushed to.
    `hook_signing` turns on the signing tokens of GitLab 19.0; older ones ignore the parameter.
    """

    repositories: Path
    url: str = "http://gitlab.example"
    premium: bool = False
    mergeability_seconds: float = 0.0
    hook_signing: bool = False
    clock: Callable[[], datetime] = _system_clock
    loop: Loop = field(default_factory=Loop)
    users: Table[User] = field(default_factory=lambda: Table(User, ("username",), ("email",), folded=("username",)))
    tokens: Table[Token] = field(
        default_factory=lambda: Table(
            Token, ("digest",), ("user_id",), ("family",), ("resource_type", "resource_id"), ("job_id",)
        )
    )
    namespaces: Table[Namespace] = field(
        default_factory=lambda: Table(Namespace, ("full_path",), ("parent_id",), ("kind",), folded=("full_path",))
    )
    members: Table[Member] = field(default_factory=lambda: Table(Member, SOURCE, ("user_id",), ("user_id", *SOURCE)))
    projects: Table[Project] = field(
        default_factory=lambda: Table(
            Project, ("full_path",), ("namespace_id",), ("creator_id",), ("forked_from_id",), folded=("full_path",)
        )
    )
    redirects: Table[Redirect] = field(
        default_factory=lambda: Table(Redirect, ("path",), ("project_id",), folded=("path",))
    )
    variables: Table[Variable] = field(default_factory=lambda: Table(Variable, SOURCE))
    protected_branches: Table[ProtectedBranch] = field(
        default_factory=lambda: Table(ProtectedBranch, ("project_id",), ("project_id", "name"))
    )
    protected_tags: Table[ProtectedTag] = field(
        default_factory=lambda: Table(ProtectedTag, ("project_id",), ("project_id", "name"))
    )
    releases: Table[Release] = field(
        default_factory=lambda: Table(Release, ("project_id",), ("project_id", "tag_name"))
    )
    uploads: Table[Upload] = field(default_factory=lambda: Table(Upload, ("project_id",)))
    events: Table[Event] = field(default_factory=lambda: Table(Event, ("project_id",), ("author_id",)))
    todos: Table[Todo] = field(default_factory=lambda: Table(Todo, ("user_id",), ("target_type", "target_id")))
    labels: Table[Label] = field(default_factory=lambda: Table(Label, SOURCE, ("name", *SOURCE)))
    milestones: Table[Milestone] = field(default_factory=lambda: Table(Milestone, SOURCE))
    issues: Table[Issue] = field(
        default_factory=lambda: Table(Issue, ("project_id",), ("project_id", "iid"), ("author_id",))
    )
    merge_requests: Table[MergeRequest] = field(
        default_factory=lambda: Table(
            MergeRequest,
            ("project_id",),
            ("project_id", "iid"),
            ("author_id",),
            ("source_project_id",),
            ("source_project_id", "source_branch"),
            ("project_id", "target_branch"),
        )
    )
    notes: Table[Note] = field(
        default_factory=lambda: Table(
            Note, ("noteable_type", "noteable_id"), ("discussion_id",), ("project_id",), ("project_id", "commit_id")
        )
    )
    award_emoji: Table[AwardEmoji] = field(
        default_factory=lambda: Table(AwardEmoji, ("awardable_type", "awardable_id"))
    )
    issue_links: Table[IssueLink] = field(default_factory=lambda: Table(IssueLink, ("source_id",), ("target_id",)))
    resource_events: Table[ResourceEvent] = field(
        default_factory=lambda: Table(ResourceEvent, ("kind", "resource_type", "resource_id"))
    )
    pipelines: Table[Pipeline] = field(
        default_factory=lambda: Table(
            Pipeline, ("project_id",), ("project_id", "sha"), ("project_id", "ref"), ("merge_request_id",)
        )
    )
    jobs: Table[Job] = field(default_factory=lambda: Table(Job, ("pipeline_id",), ("project_id",)))
    commit_statuses: Table[CommitStatus] = field(
        default_factory=lambda: Table(CommitStatus, ("project_id",), ("pipeline_id",))
    )
    hooks: Table[Hook] = field(default_factory=lambda: Table(Hook, SOURCE))
    hook_deliveries: Table[HookDelivery] = field(default_factory=lambda: Table(HookDelivery, ("hook_id",)))

    def now(self) -> datetime:
        """The time, UTC, in whole milliseconds as GitLab shows it."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def tables(self) -> Iterator[tuple[str, Table[Any]]]:
        """Every table by name."""
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Table):
                yield name, value
