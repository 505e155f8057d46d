"""Stories of projects: their life, forks, labels, milestones, hooks."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Seed, Step, Story

_UPLOADS = (
    Step("POST /projects/:id/uploads", {"file": b"hello"}, keep={"secret": "url/2", "filename": "url/3"}),
    Step("GET /projects/:id/uploads/:secret/:filename"),
    Step("DELETE /projects/:id/uploads/:secret/:filename"),
    Step("POST /projects/:id/uploads", {"file": b"hello"}, keep={"upload_id": "id"}),
    Step("GET /projects/:id/uploads"),
    Step("GET /projects/:id/uploads/:upload_id"),
    Step("DELETE /projects/:id/uploads/:upload_id"),
)

_TAKEN = {key: ["has already been taken"] for key in ("name", "path", "project_namespace.name")}

PROJECTS = Story(
    "projects",
    seeds.project,
    (
        Step("GET /projects"),
        Step("GET /projects", {"simple": True}, answer="[BasicProjectDetails]"),
        Step("GET /projects/:id"),
        Step("GET /projects/:id", {"statistics": True, "license": True}),
        Step("POST /projects", {"name": "new"}, keep={"new": "id"}),
        Step(
            "POST /projects",
            {"name": "new"},
            refused=(400, {"message": _TAKEN}),
        ),
        Step("PUT /projects/:id", {"description": "Ours"}),
        Step("GET /projects/:id/events"),
        Step("POST /projects/:id/archive", at={"id": "{new}"}),
        Step("POST /projects/:id/unarchive", at={"id": "{new}"}),
        Step("PUT /projects/:id/transfer", {"namespace": "{group_id}"}, at={"id": "{new}"}),
        Step("POST /projects/:id/fork", {"path": "copy", "name": "copy"}, keep={"copy": "id"}),
        Step("GET /projects/:id/forks"),
        Step("DELETE /projects/:id/fork", at={"id": "{copy}"}),
        *_UPLOADS,
        Step("DELETE /projects/:id", at={"id": "{new}"}),
        Step("POST /projects/:id/restore", at={"id": "{new}"}),
    ),
)


def _planning(kind: str, seed: Seed) -> tuple[Story, ...]:
    labels, milestones = f"/{kind}/:id/labels", f"/{kind}/:id/milestones"
    issue = Step("POST /projects/:id/issues", {"title": "x", "milestone_id": "{milestone_id}"}, {"id": "1"})
    return (
        Story(
            f"labels of {kind}",
            seed,
            (
                Step(f"POST {labels}", {"name": "bug", "color": "#ff0000"}, keep={"name": "name"}),
                Step(
                    f"POST {labels}",
                    {"name": "bug", "color": "#ff0000"},
                    refused=(409, {"message": "Label already exists"}),
                ),
                Step(f"GET {labels}"),
                Step(f"GET {labels}", {"with_counts": True}),
                Step(f"GET {labels}/:name"),
                Step(f"PUT {labels}/:name", {"description": "What is broken"}),
                Step(f"DELETE {labels}/:name"),
                Step(f"POST {labels}", {"name": "bug", "color": "#ff0000"}),
                Step(f"PUT {labels}", {"name": "bug", "new_name": "defect"}),
                Step(f"DELETE {labels}", {"name": "defect"}),
            ),
        ),
        Story(
            f"milestones of {kind}",
            seed,
            (
                Step(f"POST {milestones}", {"title": "One", "due_date": "2027-01-31"}, keep={"milestone_id": "id"}),
                issue,
                Step(f"GET {milestones}"),
                Step(f"GET {milestones}/:milestone_id"),
                Step(f"PUT {milestones}/:milestone_id", {"description": "First"}),
                Step(f"GET {milestones}/:milestone_id/issues"),
                Step(f"GET {milestones}/:milestone_id/merge_requests"),
                Step(f"DELETE {milestones}/:milestone_id"),
            ),
        ),
    )


LABELS = Story(
    "named labels",
    seeds.project,
    (
        Step("POST /projects/:id/labels", {"name": "bug", "color": "#ff0000", "priority": 1}, keep={"name": "name"}),
        Step("POST /projects/:id/labels/:name/subscribe"),
        Step("POST /projects/:id/labels/:name/unsubscribe"),
        Step("PUT /projects/:id/labels/:name/promote"),
    ),
)

STORIES = (PROJECTS, LABELS, *_planning("projects", seeds.project), *_planning("groups", seeds.group))
