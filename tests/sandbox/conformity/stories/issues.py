"""Stories of issues."""

from __future__ import annotations

from bot.sandbox.server import Sandbox
from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story, Values

_ISSUE = "/projects/:id/issues/:issue_iid"
_LINKS = f"{_ISSUE}/links"
_ACTIONS = [{"action": "create", "file_path": "new.txt", "content": "new\n"}]


def _with_group(sandbox: Sandbox) -> Values:
    return seeds.group(sandbox) | {"id": "1"}


ISSUES = Story(
    "issues",
    _with_group,
    (
        Step(
            "POST /projects/:id/issues",
            {"title": "Broken", "labels": "bug", "assignee_ids": ["{root_id}"], "due_date": "2027-01-31"},
            keep={"issue_iid": "iid", "issue_id": "id"},
        ),
        Step("GET /projects/:id/issues"),
        Step("GET /groups/:id/issues", at={"id": "{group_id}"}),
        Step("GET /issues"),
        Step("GET /projects/:id/issues_statistics"),
        Step("GET /groups/:id/issues_statistics", at={"id": "{group_id}"}),
        Step("GET /issues_statistics"),
        Step(f"GET {_ISSUE}"),
        Step("GET /issues/:id", at={"id": "{issue_id}"}),
        Step(f"PUT {_ISSUE}", {"description": "- [ ] one\n- [x] two"}),
        Step(
            "POST /projects/:id/repository/commits",
            {"branch": "side", "start_branch": "main", "commit_message": "Add", "actions": _ACTIONS},
        ),
        Step(
            "POST /projects/:id/merge_requests",
            {"title": "Add", "source_branch": "side", "target_branch": "main", "description": "Closes #1"},
        ),
        Step(f"GET {_ISSUE}/closed_by"),
        Step(f"GET {_ISSUE}/related_merge_requests"),
        Step(f"GET {_ISSUE}/participants"),
        Step(f"POST {_ISSUE}/unsubscribe"),
        Step(f"POST {_ISSUE}/subscribe"),
        Step("POST /projects/:id/issues", {"title": "Other"}, keep={"other": "iid"}),
        Step(f"POST {_LINKS}", {"target_project_id": "1", "target_issue_iid": "{other}"}),
        Step(
            f"POST {_LINKS}",
            {"target_project_id": "1", "target_issue_iid": "{other}"},
            refused=(409, {"message": "Issue(s) already assigned"}),
        ),
        Step(f"GET {_LINKS}", keep={"issue_link_id": "0.issue_link_id"}),
        Step(f"GET {_LINKS}/:issue_link_id"),
        Step(f"DELETE {_LINKS}/:issue_link_id"),
        Step(f"PUT {_ISSUE}", {"state_event": "close"}),
        Step(f"GET {_ISSUE}"),
        Step(f"DELETE {_ISSUE}"),
    ),
)

PREMIUM = Story(
    "issues under a licence",
    lambda sandbox: _licensed(sandbox),
    (
        Step("POST /projects/:id/issues", {"title": "Broken", "weight": 3}),
        Step("GET /projects/:id/issues"),
    ),
)


def _licensed(sandbox: Sandbox) -> Values:
    sandbox.world.premium = True
    return seeds.project(sandbox)


STORIES = (ISSUES, PREMIUM)
