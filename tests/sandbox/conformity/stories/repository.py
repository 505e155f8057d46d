"""Stories of the repository: trees, files, commits, branches, tags, rules, releases."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story

_R = "/projects/:id/repository"
_FORMATS = ("tar.gz", "tgz", "gz", "tar.bz2", "tbz", "tbz2", "tb2", "bz2", "tar", "zip")
_HEAD = Step(f"GET {_R}/commits", keep={"sha": "0.id"})

READING = Story(
    "reading a repository",
    seeds.project,
    (
        _HEAD,
        Step(f"GET {_R}/tree", {"recursive": True}, keep={"blob": "2.id"}),
        Step(f"GET {_R}/blobs/:sha", at={"sha": "{blob}"}),
        Step(f"GET {_R}/blobs/:sha/raw", at={"sha": "{blob}"}),
        Step(f"GET {_R}/archive"),
        *(Step(f"GET {_R}/archive.{name}") for name in _FORMATS),
        Step(f"GET {_R}/contributors"),
        Step(f"GET {_R}/merge_base", {"refs[]": ["main", "{sha}"]}),
        Step(f"GET {_R}/compare", {"from": "main", "to": "{sha}"}),
    ),
)

FILES = Story(
    "files",
    lambda sandbox: {**seeds.project(sandbox), "file_path": "docs/x.md"},
    (
        Step(f"POST {_R}/files/:file_path", {"branch": "main", "commit_message": "Add", "content": "x\n"}),
        Step(
            f"POST {_R}/files/:file_path",
            {"branch": "main", "commit_message": "Add", "content": "x\n"},
            refused=(400, {"message": "A file with this name already exists"}),
        ),
        Step(f"GET {_R}/files/:file_path", {"ref": "main"}),
        Step(f"GET {_R}/files/:file_path/raw", {"ref": "main"}),
        Step(f"GET {_R}/files/:file_path/blame", {"ref": "main"}),
        Step(f"PUT {_R}/files/:file_path", {"branch": "main", "commit_message": "Change", "content": "y\n"}),
        Step(f"DELETE {_R}/files/:file_path", {"branch": "main", "commit_message": "Delete"}),
    ),
)

_ACTIONS = [{"action": "update", "file_path": "lib/a.py", "content": "a = 2\n"}]

COMMITS = Story(
    "commits",
    seeds.project,
    (
        Step(
            f"POST {_R}/commits",
            {"branch": "side", "start_branch": "main", "commit_message": "Change", "actions": _ACTIONS},
            keep={"sha": "id"},
        ),
        Step(f"GET {_R}/commits", {"with_stats": True}, answer="[CommitWithStats]"),
        Step(f"GET {_R}/commits/:sha"),
        Step(f"GET {_R}/commits/:sha/diff"),
        Step(f"GET {_R}/commits/:sha/refs"),
        Step(f"GET {_R}/commits/:sha/sequence"),
        Step(f"GET {_R}/commits/:sha/signature", refused=(404, {"message": "404 Signature Not Found"})),
        Step(f"GET {_R}/compare", {"from": "main", "to": "side"}),
        Step(f"POST {_R}/commits/:sha/comments", {"note": "Hm"}),
        Step(f"GET {_R}/commits/:sha/comments"),
        Step("POST /projects/:id/statuses/:sha", {"state": "success", "name": "check"}),
        Step(f"GET {_R}/commits/:sha/statuses"),
        Step(
            "POST /projects/:id/merge_requests",
            {"title": "Change", "source_branch": "side", "target_branch": "main"},
        ),
        Step(f"GET {_R}/commits/:sha/merge_requests"),
        Step(f"POST {_R}/commits/:sha/cherry_pick", {"branch": "main"}),
        Step(f"POST {_R}/commits/:sha/revert", {"branch": "side"}),
    ),
)

BRANCHES = Story(
    "branches",
    lambda sandbox: {**seeds.project(sandbox), "branch": "side", "name": "release/*"},
    (
        Step(f"POST {_R}/branches", {"branch": "side", "ref": "main"}),
        Step(
            f"POST {_R}/branches",
            {"branch": "side", "ref": "main"},
            refused=(400, {"message": "Branch already exists"}),
        ),
        Step(f"GET {_R}/branches"),
        Step(f"GET {_R}/branches/:branch"),
        Step(f"PUT {_R}/branches/:branch/protect", {"developers_can_push": True}),
        Step(f"PUT {_R}/branches/:branch/unprotect"),
        Step("GET /projects/:id/protected_branches"),
        Step("POST /projects/:id/protected_branches", {"name": "release/*", "push_access_level": 30}),
        Step("GET /projects/:id/protected_branches/:name"),
        Step("PATCH /projects/:id/protected_branches/:name", {"allow_force_push": True}),
        Step("DELETE /projects/:id/protected_branches/:name"),
        Step(f"DELETE {_R}/branches/:branch"),
        Step(f"DELETE {_R}/merged_branches"),
    ),
)

TAGS = Story(
    "tags",
    lambda sandbox: {**seeds.project(sandbox), "tag_name": "v1", "name": "v*"},
    (
        Step(f"POST {_R}/tags", {"tag_name": "v1", "ref": "main", "message": "One"}),
        Step(
            f"POST {_R}/tags",
            {"tag_name": "v1", "ref": "main"},
            refused=(400, {"message": "Tag v1 already exists"}),
        ),
        Step(f"GET {_R}/tags"),
        Step(f"GET {_R}/tags/:tag_name"),
        Step(f"GET {_R}/tags/:tag_name/signature", refused=(404, {"message": "404 Signature Not Found"})),
        Step("POST /projects/:id/protected_tags", {"name": "v*"}),
        Step("GET /projects/:id/protected_tags"),
        Step("GET /projects/:id/protected_tags/:name"),
        Step("DELETE /projects/:id/protected_tags/:name"),
        Step(f"DELETE {_R}/tags/:tag_name"),
    ),
)

_RELEASE = "/projects/:id/releases/:tag_name"
_LINKS = f"{_RELEASE}/assets/links"

RELEASES = Story(
    "releases",
    lambda sandbox: {**seeds.project(sandbox), "tag_name": "v1", "path": "bin/x", "suffix": "downloads/bin/x"},
    (
        Step("POST /projects/:id/milestones", {"title": "One"}),
        Step(
            "POST /projects/:id/releases",
            {"tag_name": "v1", "ref": "main", "description": "First", "milestones": ["One"]},
        ),
        Step(
            "POST /projects/:id/releases",
            {"tag_name": "v1", "ref": "main"},
            refused=(409, {"message": "Release already exists"}),
        ),
        Step("GET /projects/:id/releases"),
        Step("GET /projects/:id/releases", {"include_html_description": True}),
        Step(f"GET {_RELEASE}"),
        Step(f"PUT {_RELEASE}", {"name": "One"}),
        Step(
            f"POST {_LINKS}",
            {"name": "x", "url": "https://files.example/x", "direct_asset_path": "/bin/x"},
            keep={"link_id": "id"},
        ),
        Step(f"GET {_LINKS}"),
        Step(f"GET {_LINKS}/:link_id"),
        Step(f"PUT {_LINKS}/:link_id", {"name": "y"}),
        Step(f"GET {_RELEASE}/downloads/*path"),
        Step("GET /projects/:id/releases/permalink/latest"),
        Step("GET /projects/:id/releases/permalink/latest/*suffix"),
        Step(f"DELETE {_LINKS}/:link_id"),
        Step(f"DELETE {_RELEASE}"),
    ),
)

STORIES = (READING, FILES, COMMITS, BRANCHES, TAGS, RELEASES)
