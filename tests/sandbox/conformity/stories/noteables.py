"""Stories of what issues and merge requests have alike: notes, threads, reactions, history, time."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story

_BRANCH = Step("POST /projects/:id/repository/branches", {"branch": "side", "ref": "main"})
_ACTIONS = [{"action": "create", "file_path": "new.txt", "content": "new\n"}]
# What the APIs below an issuable call it.
_NAMES = {
    kind: (f"{kind.removesuffix('s')}_iid", "noteable_id", "eventable_id") for kind in ("issues", "merge_requests")
}
_MADE = {
    "issues": (Step("POST /projects/:id/issues", {"title": "Broken"}, keep=dict.fromkeys(_NAMES["issues"], "iid")),),
    "merge_requests": (
        Step(
            "POST /projects/:id/repository/commits",
            {"branch": "side", "start_branch": "main", "commit_message": "Add", "actions": _ACTIONS},
        ),
        Step(
            "POST /projects/:id/merge_requests",
            {"title": "Add", "source_branch": "side", "target_branch": "main"},
            keep=dict.fromkeys(_NAMES["merge_requests"], "iid"),
        ),
    ),
}


def _stories(kind: str) -> tuple[Story, ...]:
    one, own, made = f"/projects/:id/{kind}/:noteable_id", f"/projects/:id/{kind}/:{_NAMES[kind][0]}", _MADE[kind]
    note, thread = f"{one}/notes/:note_id", f"{one}/discussions/:discussion_id"
    return (
        Story(
            f"notes on {kind}",
            seeds.project,
            (
                *made,
                Step(f"POST {one}/notes", {"body": "Hm"}, keep={"note_id": "id"}),
                Step(f"GET {one}/notes"),
                Step("GET /projects/:id/events"),
                Step(f"GET {note}"),
                Step(f"PUT {note}", {"body": "Aha"}),
                *_reactions(f"{own}/notes/:note_id"),
                *_reactions(own),
                Step(f"DELETE {note}"),
            ),
        ),
        Story(
            f"threads on {kind}",
            seeds.project,
            (
                *made,
                Step(f"POST {one}/discussions", {"body": "Why?"}, keep={"discussion_id": "id"}),
                Step(f"GET {one}/discussions"),
                Step(f"GET {thread}"),
                Step(f"PUT {thread}", {"resolved": True}),
                Step(f"POST {thread}/notes", {"body": "So."}, keep={"note_id": "id"}),
                Step(f"GET {thread}/notes"),
                Step(f"GET {thread}/notes/:note_id"),
                Step(f"PUT {thread}/notes/:note_id", {"body": "So!"}),
                Step(f"DELETE {thread}/notes/:note_id"),
            ),
        ),
        Story(f"history of {kind}", seeds.project, (*made, *_history(kind, own))),
    )


def _reactions(place: str) -> tuple[Step, ...]:
    return (
        Step(f"POST {place}/award_emoji", {"name": "thumbsup"}, keep={"award_id": "id"}),
        Step(
            f"POST {place}/award_emoji",
            {"name": "thumbsup"},
            refused=(404, {"message": "404 Award Emoji Name has already been taken Not Found"}),
        ),
        Step(f"GET {place}/award_emoji"),
        Step(f"GET {place}/award_emoji/:award_id"),
        Step(f"DELETE {place}/award_emoji/:award_id"),
    )


def _history(kind: str, one: str) -> tuple[Step, ...]:
    many = f"/projects/:id/{kind}/:eventable_id"
    events = (
        step
        for event in ("label", "state", "milestone")
        for step in (
            Step(f"GET {many}/resource_{event}_events", keep={"event_id": "0.id"}),
            Step(f"GET {many}/resource_{event}_events/:event_id"),
        )
    )
    return (
        Step("POST /projects/:id/labels", {"name": "bug", "color": "#ff0000"}),
        Step("POST /projects/:id/milestones", {"title": "One"}, keep={"milestone_id": "id"}),
        Step(f"PUT {one}", {"labels": "bug", "milestone_id": "{milestone_id}", "state_event": "close"}),
        *events,
        Step(f"POST {one}/time_estimate", {"duration": "3h"}),
        Step(f"POST {one}/add_spent_time", {"duration": "1h"}),
        Step(f"GET {one}/time_stats"),
        Step(f"POST {one}/reset_spent_time"),
        Step(f"POST {one}/reset_time_estimate"),
        Step(f"POST {one}/todo", by="maintainer"),
    )


STORIES = (*_stories("issues"), *_stories("merge_requests"))
