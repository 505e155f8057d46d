"""Telling the hooks: each function is one kind of event, and builds its payload only when someone listens."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox import repositories
from bot.sandbox.git.objects import Commit
from bot.sandbox.rules.issuables import Changes, Issuable
from bot.sandbox.webhooks import delivery, parts, payloads
from bot.sandbox.webhooks.payloads import Payload
from bot.sandbox.world import Issue, MergeRequest, Note, Pipeline, Project, User, World


def issue(world: World, actor: User, subject: Issue, action: str, changes: Changes) -> None:
    """An issue was opened, updated, closed or reopened (`action`: open, update, close, reopen)."""
    trigger = "confidential_issues_events" if subject.confidential else "issues_events"
    _tell(
        world,
        world.projects[subject.project_id],
        trigger,
        lambda: payloads.issue(world, actor, subject, action, changes),
    )


def merge_request(
    world: World, actor: User, subject: MergeRequest, action: str, changes: Changes, oldrev: str | None = None
) -> None:
    """A merge request changed.

    `action` is open, update, close, reopen, merge, approval, approved, unapproval or unapproved; `oldrev` is the head
    before a push.
    """
    project = world.projects[subject.project_id]
    hooks = delivery.listeners(world, project, "merge_requests_events")
    if not hooks:
        return
    payload = payloads.merge_request(world, actor, subject, action, changes, None, oldrev)

    def complete(commit: Commit | None) -> None:
        payload["object_attributes"]["last_commit"] = parts.commit(world, project, commit) if commit else None
        for hook in hooks:
            delivery.send(world, hook, "merge_requests_events", payload)

    _with_commit(world, project, subject.sha, complete)


def note(world: World, author: User, subject: Note, about: Issuable, action: str = "create") -> None:
    """Someone commented."""
    trigger = "confidential_note_events" if subject.internal else "note_events"
    project = world.projects[subject.project_id]
    _tell(world, project, trigger, lambda: payloads.note(world, author, subject, about, action))


def pipeline(world: World, subject: Pipeline) -> None:
    """A pipeline changed its status."""
    project = world.projects[subject.project_id]
    hooks = delivery.listeners(world, project, "pipeline_events")
    if not hooks:
        return
    payload = payloads.pipeline(world, subject, world.jobs.where(pipeline_id=subject.id), None)

    def complete(commit: Commit | None) -> None:
        payload["commit"] = parts.commit(world, project, commit) if commit else None
        for hook in hooks:
            delivery.send(world, hook, "pipeline_events", payload)

    _with_commit(world, project, subject.sha, complete)


def _tell(world: World, project: Project, trigger: str, build: Callable[[], Payload]) -> None:
    hooks = delivery.listeners(world, project, trigger)
    if hooks:
        payload = build()
        for hook in hooks:
            delivery.send(world, hook, trigger, payload)


def _with_commit(world: World, project: Project, sha: str | None, then: Callable[[Commit | None], None]) -> None:
    if sha is None:
        return then(None)
    repository = repositories.opened(world, project)
    return world.loop.in_thread(lambda: repository.commit(sha), then)
