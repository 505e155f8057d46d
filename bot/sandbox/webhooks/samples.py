"""Sample payloads for testing a hook: GitLab builds them from the latest thing of that kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.sandbox import repositories
from bot.sandbox.errors import ApiError
from bot.sandbox.git.objects import ABSENT
from bot.sandbox.git.repository import HEADS, TAGS, Move
from bot.sandbox.webhooks import payloads, push_events
from bot.sandbox.webhooks.payloads import Payload
from bot.sandbox.world import Note, Project, User, World

Build = Callable[[World, User, Project], Payload]


def of(world: World, actor: User, project: Project, trigger: str) -> Payload:
    """A payload of that trigger. ApiError 422, as GitLab words it, when the project has nothing of the kind."""
    build = _SAMPLES.get(trigger)
    if build is None:
        raise _lacking(trigger.removesuffix("_events").replace("_", " "))
    return build(world, actor, project)


def _lacking(what: str) -> ApiError:
    return ApiError(422, {"message": f"Ensure the project has {what}."})


def _push(world: World, actor: User, project: Project) -> Payload:
    head = repositories.head(world, project)
    if head is None:
        raise ApiError(422, {"message": "Ensure the project has at least one commit."})
    return push_events.payload(world, actor, project, Move(HEADS + head[0], ABSENT, head[1]))


def _tag_push(world: World, actor: User, project: Project) -> Payload:
    tags = repositories.opened(world, project).tags()
    if not tags:
        raise _lacking("tags")
    name, sha = list(tags.items())[-1]
    return push_events.payload(world, actor, project, Move(TAGS + name, ABSENT, sha))


def _issue(world: World, actor: User, project: Project) -> Payload:
    found = world.issues.where(project_id=project.id)
    if not found:
        raise _lacking("issues")
    return payloads.issue(world, actor, found[-1], "update", {})


def _merge_request(world: World, actor: User, project: Project) -> Payload:
    found = world.merge_requests.where(project_id=project.id)
    if not found:
        raise _lacking("merge requests")
    return payloads.merge_request(world, actor, found[-1], "update", {}, None, None)


def _note(world: World, actor: User, project: Project) -> Payload:
    found = [note for note in world.notes.where(project_id=project.id) if not note.system]
    note: Note | None = found[-1] if found else None
    about = None
    if note is not None:
        about = (world.issues if note.noteable_type == "Issue" else world.merge_requests).get(note.noteable_id)
    if note is None or about is None:
        raise _lacking("notes")
    return payloads.note(world, actor, note, about, "create")


def _pipeline(world: World, actor: User, project: Project) -> Payload:
    found = world.pipelines.where(project_id=project.id)
    if not found:
        raise _lacking("CI pipelines")
    return payloads.pipeline(world, found[-1], world.jobs.where(pipeline_id=found[-1].id), None)


_SAMPLES: Mapping[str, Build] = {
    "push_events": _push,
    "tag_push_events": _tag_push,
    "issues_events": _issue,
    "confidential_issues_events": _issue,
    "merge_requests_events": _merge_request,
    "note_events": _note,
    "confidential_note_events": _note,
    "pipeline_events": _pipeline,
}
