"""Stories of merge requests and their pipelines."""

from __future__ import annotations

from bot.sandbox.server import Sandbox
from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story, Values

_MR = "/projects/:id/merge_requests/:merge_request_iid"
_PIPELINE = "/projects/:id/pipelines/:pipeline_id"


def _opened(branch: str) -> tuple[Step, ...]:
    actions = [{"action": "create", "file_path": f"{branch}.txt", "content": "new\n"}]
    return (
        Step(
            "POST /projects/:id/repository/commits",
            {"branch": branch, "start_branch": "main", "commit_message": "Add", "actions": actions},
            keep={"sha": "id"},
        ),
        Step(
            "POST /projects/:id/merge_requests",
            {
                "title": "Add",
                "source_branch": branch,
                "target_branch": "main",
                "description": "Closes #1",
                "reviewer_ids": ["{root_id}"],
                "assignee_ids": ["{root_id}"],
            },
            keep={"merge_request_iid": "iid"},
        ),
    )


def _with_issue(sandbox: Sandbox) -> Values:
    return seeds.group(sandbox) | {"id": "1"}


MERGE_REQUESTS = Story(
    "merge requests",
    _with_issue,
    (
        Step("POST /projects/:id/issues", {"title": "Broken"}),
        *_opened("side"),
        Step(
            "POST /projects/:id/merge_requests",
            {"title": "Add", "source_branch": "side", "target_branch": "main"},
            refused=(409, {"message": ["Another open merge request already exists for this source branch: !1"]}),
        ),
        Step("GET /projects/:id/merge_requests"),
        Step("GET /groups/:id/merge_requests", at={"id": "{group_id}"}),
        Step("GET /merge_requests", {"scope": "all"}),
        Step(f"GET {_MR}"),
        Step(f"GET {_MR}", {"include_rebase_in_progress": True, "include_diverged_commits_count": True}),
        Step(f"PUT {_MR}", {"labels": "deps"}),
        Step(f"GET {_MR}/participants"),
        Step(f"GET {_MR}/reviewers"),
        Step(f"GET {_MR}/closes_issues"),
        Step(f"GET {_MR}/related_issues"),
        Step(f"POST {_MR}/unsubscribe"),
        Step(f"POST {_MR}/subscribe"),
        Step(f"GET {_MR}/commits"),
        Step(f"GET {_MR}/context_commits"),
        Step(f"GET {_MR}/diffs"),
        Step(f"GET {_MR}/changes"),
        Step(f"GET {_MR}/raw_diffs"),
        Step(f"GET {_MR}/versions", keep={"version_id": "0.id"}),
        Step(f"GET {_MR}/versions/:version_id"),
        Step(f"GET {_MR}/approvals"),
        Step(f"GET {_MR}/approval_state"),
        Step(f"POST {_MR}/approvals", {"approvals_required": 0}),
        Step(f"POST {_MR}/approve", by="maintainer"),
        Step(f"POST {_MR}/unapprove", by="maintainer"),
        Step(
            "POST /projects/:id/access_tokens",
            {"name": "bot", "scopes": ["api"], "expires_at": "{soon}"},
            keep={"bot": "token"},
        ),
        Step(f"PUT {_MR}/reset_approvals", by="{bot}"),
        Step(f"GET {_MR}/merge_ref"),
        Step(f"PUT {_MR}/merge"),
        Step(f"GET {_MR}"),
        Step(f"PUT {_MR}/rebase", refused=(409, {"message": "409 Conflict: Resource lock"})),
        Step(f"DELETE {_MR}"),
        *_opened("other"),
        Step(f"PUT {_MR}/rebase"),
    ),
)


def _with_pipelines(sandbox: Sandbox) -> Values:
    values = _with_issue(sandbox)
    sandbox.set_pipelines(sandbox.world.projects[1], "running")
    return values | {"ref_name": "main", "artifact_path": "report.json"}


PIPELINES = Story(
    "pipelines",
    _with_pipelines,
    (
        *_opened("side"),
        Step(f"GET {_MR}/pipelines"),
        Step(f"POST {_MR}/pipelines"),
        Step(f"PUT {_MR}/merge", {"auto_merge": True}),
        Step(f"POST {_MR}/cancel_merge_when_pipeline_succeeds"),
        Step("POST /projects/:id/pipeline", {"ref": "main"}, keep={"pipeline_id": "id"}),
        Step("GET /projects/:id/pipelines"),
        Step("GET /projects/:id/pipelines/latest"),
        Step(f"GET {_PIPELINE}"),
        Step(f"GET {_PIPELINE}/variables"),
        Step(f"GET {_PIPELINE}/test_report"),
        Step(f"GET {_PIPELINE}/test_report_summary"),
        Step(f"GET {_PIPELINE}/bridges"),
        Step(f"PUT {_PIPELINE}/metadata", {"name": "Nightly"}),
        Step("GET /projects/:id/jobs", keep={"job_id": "0.id"}),
        Step(f"GET {_PIPELINE}/jobs"),
        Step("GET /projects/:id/jobs/:job_id"),
        Step("GET /projects/:id/jobs/:job_id/trace"),
        Step(
            "GET /projects/:id/jobs/artifacts/:ref_name/raw/*artifact_path",
            {"job": "build"},
            refused=(404, {"message": "404 Not Found"}),
        ),
        Step(
            "POST /projects/:id/jobs/:job_id/retry", refused=(403, {"message": "403 Forbidden - Job is not retryable"})
        ),
        Step(
            "POST /projects/:id/jobs/:job_id/erase", refused=(403, {"message": "403 Forbidden - Job is not erasable!"})
        ),
        Step("POST /projects/:id/jobs/:job_id/cancel"),
        Step("POST /projects/:id/jobs/:job_id/retry", keep={"job_id": "id"}),
        Step(f"POST {_PIPELINE}/cancel"),
        Step(f"POST {_PIPELINE}/retry"),
        Step(f"POST {_PIPELINE}/cancel"),
        Step("POST /projects/:id/jobs/:job_id/erase"),
        Step(f"DELETE {_PIPELINE}"),
    ),
)

_REFS = ("base_sha", "start_sha", "head_sha")
_POSITION = {**{name: f"{{{name}}}" for name in _REFS}, "position_type": "text", "new_path": "side.txt", "new_line": 1}

LINES = Story(
    "threads on lines",
    seeds.project,
    (
        *_opened("side"),
        Step(f"GET {_MR}", keep={name: f"diff_refs.{name}" for name in _REFS}),
        Step(
            "POST /projects/:id/merge_requests/:noteable_id/discussions",
            {"body": "Why?", "position": _POSITION},
            {"noteable_id": "1"},
        ),
        Step("GET /projects/:id/events"),
    ),
)

FORKS = Story(
    "merge requests from forks",
    seeds.project,
    (
        Step("POST /projects/:id/fork", keep={"copy": "id"}),
        Step(
            "POST /projects/:id/repository/commits",
            {
                "branch": "side",
                "start_branch": "main",
                "commit_message": "Add",
                "actions": [{"action": "create", "file_path": "new.txt", "content": "new\n"}],
            },
            {"id": "{copy}"},
        ),
        Step(
            "POST /projects/:id/merge_requests",
            {"title": "Add", "source_branch": "side", "target_branch": "main", "target_project_id": "{id}"},
            {"id": "{copy}"},
        ),
        Step("GET /projects/:id/merge_requests"),
    ),
)


def _failing(sandbox: Sandbox) -> Values:
    values = seeds.project(sandbox)
    sandbox.set_pipelines(sandbox.world.projects[int(values["id"])], "failed")
    return values


FAILURES = Story(
    "failed pipelines",
    _failing,
    (
        Step("POST /projects/:id/pipeline", {"ref": "main"}, keep={"pipeline_id": "id"}),
        Step(f"GET {_PIPELINE}"),
        Step(f"GET {_PIPELINE}/jobs"),
    ),
)

STORIES = (MERGE_REQUESTS, PIPELINES, LINES, FORKS, FAILURES)
