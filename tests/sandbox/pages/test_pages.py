"""The pages behind every web_url: there, readable, and safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from bot.sandbox.pages.patches import Line, numbered
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api

Read = Callable[[str], str]


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("shop/web", {"README.md": "# Hello\n", "src/a b.py": "print(1)\n"})


@pytest.fixture
def path(project: Project) -> str:
    return f"/projects/{project.id}"


@pytest.fixture
def read(sandbox: Sandbox) -> Read:
    """`read(url)` is the text of a page, by address or whole URL."""

    def page(url: str) -> str:
        answer = requests.get(url if url.startswith("http") else sandbox.url + url, timeout=30)
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        return answer.text

    return page


@pytest.fixture
def merge_request(api: Api, path: str) -> dict[str, Any]:
    """One that closes issue 1 and has a thread."""
    api.post(f"{path}/issues", title="Broken", description="Very **broken**", labels="bug")
    action = {"action": "update", "file_path": "README.md", "content": "# Bye\n"}
    body = {"branch": "fix", "start_branch": "main", "commit_message": "Say bye", "actions": [action]}
    api.post(f"{path}/repository/commits", **body)
    made: dict[str, Any] = api.post(
        f"{path}/merge_requests", title="Fix it", source_branch="fix", target_branch="main", description="Closes #1"
    )
    api.post(f"{path}/merge_requests/1/discussions", body="Why *this*?")
    return made


def test_a_merge_request_shows_all_that_a_reviewer_needs(read: Read, merge_request: dict[str, Any]) -> None:
    page = read(merge_request["web_url"])
    for text in (
        "Fix it",
        "Closes <a",
        "Ready to merge",
        "Broken",
        "closed by this merge request",
        "Why <em>this</em>?",
    ):
        assert text in page
    for line in ("-# Hello", "+# Bye", "Say bye"):
        assert line in page


def test_an_issue_shows_what_closes_it(read: Read, api: Api, path: str, merge_request: dict[str, Any]) -> None:
    page = read(api.get(f"{path}/issues/1")["web_url"])
    for text in (
        "Very <strong>broken</strong>",
        "Fix it",
        "closes this issue when merged",
        "mentioned in merge request",
    ):
        assert text in page


def test_a_merged_one_says_so(read: Read, api: Api, path: str, merge_request: dict[str, Any]) -> None:
    api.put(f"{path}/merge_requests/1/merge")
    assert "by @root into main" in read(merge_request["web_url"])
    assert "via merge request" in read(f"{merge_request['web_url'].rpartition('/-/')[0]}/-/issues/1")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        pytest.param("/", "shop/web", id="all projects"),
        pytest.param("/shop", "shop/web", id="a group"),
        pytest.param("/shop/web", "<h1>Hello</h1>", id="a project"),
        pytest.param("/shop/web.git", "<h1>Hello</h1>", id="a clone URL in a browser"),
        pytest.param("/shop/web/-/issues", "Broken", id="issues"),
        pytest.param("/shop/web/-/merge_requests?state=all", "Fix it", id="merge requests"),
        pytest.param("/shop/web/-/merge_requests/1/diffs", "+# Bye", id="the changes of a merge request"),
        pytest.param("/shop/web/-/merge_requests/1.diff", "-# Hello\n+# Bye", id="as a diff"),
        pytest.param("/shop/web/-/merge_requests/1.patch", "Subject: [PATCH] Say bye", id="as a patch"),
        pytest.param("/shop/web/-/commits", "Initial commit", id="commits"),
        pytest.param("/shop/web/-/tree/main/src", "a b.py", id="a directory"),
        pytest.param("/shop/web/-/blob/main/src/a b.py", "print(1)", id="a file"),
        pytest.param("/sandbox/style.css", "--ink", id="the stylesheet"),
    ],
)
def test_addresses(read: Read, merge_request: dict[str, Any], address: str, text: str) -> None:
    assert text in read(address)


def test_a_commit_is_where_its_web_url_says(read: Read, api: Api, path: str, merge_request: dict[str, Any]) -> None:
    assert "+# Bye" in read(api.get(f"{path}/repository/commits/fix")["web_url"])


def test_a_pipeline_is_where_its_web_url_says(
    read: Read, sandbox: Sandbox, project: Project, api: Api, path: str
) -> None:
    sandbox.set_pipelines(project, "running")
    assert "Pipeline <small>#1</small>" in read(api.post(f"{path}/pipeline", ref="main")["web_url"])


@pytest.mark.parametrize(
    "address", ["/nothing", "/shop/web/-/issues/99", "/shop/web/-/nothing", "/shop/web/-/blob/main/no"]
)
def test_what_is_not_there(sandbox: Sandbox, project: Project, address: str) -> None:
    answer = requests.get(sandbox.url + address, timeout=30)
    assert (answer.status_code, "Page not found" in answer.text) == (404, True)


def test_foreign_text_stays_text(read: Read, api: Api, path: str) -> None:
    made = api.post(f"{path}/issues", title="<script>a()</script>", description="<script>b()</script>", labels="<i>")
    page = read(made["web_url"])
    assert "<script" not in page
    assert "&lt;i&gt;" in page


def test_a_patch_is_numbered_on_both_sides() -> None:
    assert numbered("@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n") == [
        Line("at", "", "", "@@ -1,2 +1,2 @@"),
        Line("same", "1", "1", " a"),
        Line("gone", "2", "", "-b"),
        Line("add", "", "2", "+c"),
        Line("at", "", "", "\\ No newline at end of file"),
    ]
    assert numbered("") == []
