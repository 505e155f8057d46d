"""Stories of what GitLab refuses for reasons of its own: conflicts, what is taken, disabled, or not ready."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story

_MR = "/projects/:id/merge_requests/:merge_request_iid"
_COMMITS = "/projects/:id/repository/commits"
_SAME = "You can't use same project/branch for source and target"


def _commit(branch: str, content: str, **more: str) -> Step:
    actions = [{"action": "update", "file_path": "lib/a.py", "content": content}]
    body = {"branch": branch, "commit_message": "Change", "actions": actions, **more}
    return Step(f"POST {_COMMITS}", body, keep={"sha": "id"})


_OPEN = {"title": "Draft: Change", "source_branch": "side", "target_branch": "main"}

MERGING = Story(
    "merging what cannot be merged",
    seeds.project,
    (
        _commit("side", "a = 2\n", start_branch="main"),
        Step(
            "POST /projects/:id/merge_requests", {**_OPEN, "source_branch": "main"}, refused=(422, {"message": [_SAME]})
        ),
        Step("POST /projects/:id/merge_requests", _OPEN, keep={"merge_request_iid": "iid"}),
        Step(f"PUT {_MR}", {"target_branch": "side"}, refused=(422, {"message": [_SAME]})),
        Step(f"GET {_MR}"),
        Step(f"PUT {_MR}/merge", refused=(405, {"message": "405 Method Not Allowed"})),
        Step(f"PUT {_MR}", {"title": "Change"}),
        Step(
            f"PUT {_MR}/merge",
            {"sha": "0" * 40},
            refused=(409, {"message": "SHA does not match HEAD of source branch: {sha}"}),
        ),
        Step(
            f"POST {_MR}/cancel_merge_when_pipeline_succeeds",
            refused=(406, {"message": "Can't cancel the automatic merge"}),
        ),
        Step(f"POST {_MR}/pipelines", refused=(405, {"message": "405 Method Not Allowed"})),
        _commit("main", "a = 3\n"),
        Step(f"GET {_MR}/merge_ref", refused=(400, {"message": "Merge request is not mergeable"})),
        Step(f"PUT {_MR}/merge", refused=(405, {"message": "405 Method Not Allowed"})),
        Step(f"PUT {_MR}/merge", {"auto_merge": True}, refused=(422, {"message": "Branch cannot be merged"})),
        Step(f"PUT {_MR}", {"state_event": "close"}),
        Step("POST /projects/:id/merge_requests", {**_OPEN, "title": "Again"}),
        Step(
            f"PUT {_MR}",
            {"state_event": "reopen"},
            refused=(409, {"message": ["Another open merge request already exists for this source branch: !2"]}),
        ),
    ),
)

_TAKEN_NAME = {key: ["has already been taken"] for key in ("name", "path", "project_namespace.name")}

PROJECTS = Story(
    "projects that cannot be as asked",
    seeds.project,
    (
        Step("GET /projects", {"order_by": "odd"}, refused=(400, {"error": "order_by does not have a valid value"})),
        Step(f"GET {_COMMITS}", {"since": "odd"}, refused=(400, {"error": "since is invalid"})),
        Step("POST /projects/:id/fork", {"namespace_path": "team"}, refused=(409, {"message": _TAKEN_NAME})),
        Step("POST /projects", {"name": "other", "namespace_id": "{group_id}"}, keep={"other": "id"}),
        Step(
            "PUT /projects/:id",
            {"name": "app"},
            {"id": "{other}"},
            refused=(400, {"message": {"name": ["has already been taken"]}}),
        ),
        Step("PUT /projects/:id", {"issues_enabled": False}),
        Step("POST /projects/:id/issues", {"title": "Broken"}, refused=(403, {"message": "403 Forbidden"})),
        Step("POST /projects/:id/access_tokens/self/rotate", refused=(405, {"message": "405 Method Not Allowed"})),
        Step(
            "POST /groups/:id/access_tokens/self/rotate",
            at={"id": "{group_id}"},
            refused=(405, {"message": "405 Method Not Allowed"}),
        ),
    ),
)

_HOOK = {"url": "nowhere"}
_BAD_URL = (422, {"error": "Invalid url given"})

RULES = Story(
    "rules, releases and hooks that are not accepted",
    seeds.project,
    (
        Step("POST /projects/:id/protected_branches", {"name": "release/*"}),
        Step(
            "POST /projects/:id/protected_branches",
            {"name": "release/*"},
            refused=(409, {"message": "Protected branch 'release/*' already exists"}),
        ),
        Step("POST /projects/:id/protected_tags", {"name": "v*"}),
        Step(
            "POST /projects/:id/protected_tags",
            {"name": "v*"},
            refused=(422, {"message": ["Name has already been taken"]}),
        ),
        Step("POST /projects/:id/releases", {"tag_name": "v1"}, refused=(422, {"message": "Ref is not specified"})),
        Step("POST /projects/:id/releases", {"tag_name": "v1", "ref": "main"}, keep={"tag_name": "tag_name"}),
        Step(
            "PUT /projects/:id/releases/:tag_name",
            {"milestones": ["nope"]},
            refused=(400, {"message": "Milestone(s) not found: nope"}),
        ),
        Step("POST /projects/:id/hooks", _HOOK, refused=_BAD_URL),
        Step("POST /hooks", _HOOK, refused=_BAD_URL),
        Step("POST /projects/:id/hooks", {"url": "http://127.0.0.1:1/"}, keep={"hook_id": "id"}),
        Step("PUT /projects/:id/hooks/:hook_id", _HOOK, refused=_BAD_URL),
        Step("POST /hooks", {"url": "http://127.0.0.1:1/"}, keep={"hook_id": "id"}),
        Step("PUT /hooks/:hook_id", _HOOK, refused=_BAD_URL),
    ),
)

STORIES = (MERGING, PROJECTS, RULES)
