"""What happens by itself: pipelines, jobs, commit statuses and web hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.world.noun import Noun


@dataclass(slots=True, kw_only=True, eq=False)
class Pipeline(Noun):
    """A simulated pipeline. `external` ones were made by a commit status."""

    project_id: int
    iid: int
    sha: str
    ref: str
    source: str
    user_id: int
    created_at: datetime
    updated_at: datetime
    id: int = 0
    status: str = "created"
    before_sha: str = "0" * 40
    tag: bool = False
    name: str | None = None
    yaml_errors: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    committed_at: datetime | None = None
    coverage: str | None = None
    merge_request_id: int | None = None
    variables: tuple[Mapping[str, Any], ...] = ()
    external: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Job(Noun):
    """A job of a pipeline. `trace` is its log."""

    project_id: int
    pipeline_id: int
    name: str
    stage: str
    created_at: datetime
    user_id: int
    id: int = 0
    status: str = "created"
    ref: str = ""
    tag: bool = False
    allow_failure: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    erased_at: datetime | None = None
    failure_reason: str | None = None
    trace: str = ""


@dataclass(slots=True, kw_only=True, eq=False)
class CommitStatus(Noun):
    """A status that an outside system set on a commit, as part of a pipeline."""

    project_id: int
    pipeline_id: int
    ref: str
    name: str
    status: str
    author_id: int
    created_at: datetime
    id: int = 0
    description: str | None = None
    target_url: str | None = None
    coverage: float | None = None
    allow_failure: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Hook(Noun):
    """A web hook. `source_type` is "Project", "Group" or "System" (then `source_id` is 0).

    `events` are the switches that are on, such as "push_events".
    """

    source_type: str
    source_id: int
    url: str
    created_at: datetime
    id: int = 0
    name: str | None = None
    description: str | None = None
    events: frozenset[str] = frozenset({"push_events"})
    token: str | None = None
    signing_token: str | None = None
    enable_ssl_verification: bool = True
    push_events_branch_filter: str = ""
    branch_filter_strategy: str = "wildcard"
    custom_webhook_template: str | None = None
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    url_variables: Mapping[str, str] = field(default_factory=dict)
    recent_failures: int = 0
    backoff_count: int = 0
    disabled_until: datetime | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class HookDelivery(Noun):
    """One delivery of a hook: the request as sent and what came back."""

    hook_id: int
    trigger: str
    url: str
    created_at: datetime
    request_headers: Mapping[str, str]
    request_data: Mapping[str, Any]
    id: int = 0
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: str = ""
    response_status: str = ""
    execution_duration: float = 0.0
