"""GitLab's records as far as the bot reads them, and a client whose waits take no time."""

from __future__ import annotations

from typing import Any

from bot.adapters.gitlab.forge import GitLab
from state.model import Project

URL = "https://gitlab.example"
API = f"{URL}/api/v4"
TOKEN = "glpat-test-0123456789"
PROJECT = Project(7, "group/app", "main", None, f"{URL}/group/app", f"{URL}/group/app.git", 40)


class Client(GitLab):
    """`waited` are the seconds it wanted to wait."""

    def __init__(self, url: str = URL) -> None:
        self.waited: list[float] = []
        super().__init__(url, TOKEN, sleep=self.waited.append)


def project(number: int = 7, path: str = "group/app", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "path_with_namespace": path,
        "default_branch": "main",
        "web_url": f"{URL}/{path}",
        "http_url_to_repo": f"{URL}/{path}.git",
        "archived": False,
        "issues_enabled": True,
        "merge_requests_enabled": True,
        "permissions": {"project_access": {"access_level": 30}, "group_access": {"access_level": 40}},
    } | changes


def issue(iid: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "iid": iid,
        "project_id": 7,
        "title": "Update requests",
        "description": "Words.\n<!-- remediation-bot-key-1 -->\n",
        "state": "opened",
        "web_url": f"{URL}/group/app/-/issues/{iid}",
        "labels": ["dependencies"],
        "updated_at": "2026-11-20T08:00:00.123Z",
        "closed_by": None,
    } | changes


def merge_request(iid: int = 5, **changes: Any) -> dict[str, Any]:
    return {
        "iid": iid,
        "project_id": 7,
        "source_project_id": 7,
        "title": "Update requests",
        "description": "Closes #3",
        "state": "opened",
        "web_url": f"{URL}/group/app/-/merge_requests/{iid}",
        "source_branch": "bot/requests",
        "target_branch": "main",
        "sha": "a" * 40,
        "labels": ["dependencies"],
        "updated_at": "2026-11-20T08:00:00.123Z",
        "merge_commit_sha": None,
        "squash_commit_sha": None,
    } | changes


def node(number: int = 7, **changes: Any) -> dict[str, Any]:
    """A project in the sweep's answer."""
    return {
        "id": f"gid://gitlab/Project/{number}",
        "fullPath": f"group/app{number}",
        "archived": False,
        "webUrl": f"{URL}/group/app{number}",
        "httpUrlToRepo": f"{URL}/group/app{number}.git",
        "issuesEnabled": True,
        "mergeRequestsEnabled": True,
        "maxAccessLevel": {"integerValue": 30},
        "repository": {"rootRef": "main", "tree": {"lastCommit": {"sha": "a" * 40}}},
    } | changes
