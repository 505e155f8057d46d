"""What outlives a restart, and what two clients at once cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api
from tests.sandbox.waiting import until

TOKEN = "glpat-root"
READS = (
    "/projects/1/issues/1",
    "/projects/1/issues/1/notes",
    "/projects/1/issues/1/resource_label_events",
    "/projects/1/labels",
    "/projects/1/merge_requests/1",
    "/projects/1/merge_requests/1/discussions",
    "/projects/1/merge_requests/1/changes",
    "/projects/1/merge_requests/1/versions",
    "/projects/1/merge_requests/1/approvals",
    "/projects/1/milestones",
    "/projects/1/hooks",
    "/projects/1/pipelines",
)


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Callable[[], tuple[Sandbox, Api]]]:
    """`restarted()` is the sandbox on the same folder and port as before, with its administrator's client."""
    running: list[tuple[Sandbox, Api]] = []

    def stop() -> int:
        sandbox, api = running.pop()
        api.close()
        sandbox.stop()
        assert sandbox.errors == []
        return int(sandbox.url.rpartition(":")[2])

    def start() -> tuple[Sandbox, Api]:
        port = stop() if running else 0
        sandbox = Sandbox(tmp_path / "data", TOKEN).start(port)
        running.append((sandbox, Api(sandbox.url, TOKEN)))
        return running[-1]

    yield start
    if running:
        stop()


def fill(sandbox: Sandbox, api: Api) -> None:
    """An issue, a merge request and all that hangs on them."""
    project = sandbox.add_project("group/app", {"README.md": "one\n"})
    sandbox.set_pipelines(project, "running")
    api.post("/projects/1/milestones", title="v1", due_date="2040-01-02")
    api.post("/projects/1/issues", title="x", labels="bug", milestone_id=1, due_date="2040-01-01")
    api.post("/projects/1/issues/1/notes", body="hello")
    action = {"action": "create", "file_path": "a.txt", "content": "x\n"}
    body = {"branch": "feature", "start_branch": "main", "commit_message": "Add", "actions": [action]}
    api.post("/projects/1/repository/commits", **body)
    api.post(
        "/projects/1/merge_requests", title="y", source_branch="feature", target_branch="main", description="Closes #1"
    )
    api.post("/projects/1/merge_requests/1/discussions", body="why?")
    api.post("/projects/1/merge_requests/1/approve")
    api.put("/projects/1/merge_requests/1/merge", auto_merge=True)
    api.post(
        "/projects/1/hooks", url="http://127.0.0.1:1/", push_events=False, custom_headers=[{"key": "A", "value": "b"}]
    )


def test_everything_is_as_it_was(restarted: Callable[[], tuple[Sandbox, Api]]) -> None:
    sandbox, api = restarted()
    fill(sandbox, api)
    until(lambda: api.get("/projects/1/pipelines")[0]["status"] == "running")
    before = {path: api.get(path) for path in READS}
    _, api = restarted()
    assert {path: api.get(path) for path in READS} == before


def test_auto_merge_goes_on_after_a_restart(restarted: Callable[[], tuple[Sandbox, Api]]) -> None:
    fill(*restarted())
    sandbox, api = restarted()
    sandbox.finish_pipelines(sandbox.world.projects[1], "success")
    until(lambda: api.get("/projects/1/merge_requests/1")["state"] == "merged")
    assert api.get("/projects/1/issues/1")["state"] == "closed"


def test_a_pipeline_goes_on_after_a_restart(restarted: Callable[[], tuple[Sandbox, Api]]) -> None:
    sandbox, api = restarted()
    project = sandbox.add_project("group/app", {"README.md": "one\n"})
    sandbox.set_pipelines(project, "success", 3600)
    api.post("/projects/1/pipeline", ref="main")
    sandbox.set_pipelines(project, "success", 0)
    _, api = restarted()
    until(lambda: api.get("/projects/1/pipelines")[0]["status"] == "success")


def _at_once(count: int, work: Callable[[], int]) -> list[int]:
    with ThreadPoolExecutor(count) as pool:
        return sorted(future.result() for future in [pool.submit(work) for _ in range(count)])


def test_one_branch_gets_one_merge_request(sandbox: Sandbox, path: str, commit: Callable[..., str]) -> None:
    commit("feature", {"a.txt": "x\n"})
    body = {"title": "x", "source_branch": "feature", "target_branch": "main"}

    def create() -> int:
        api = Api(sandbox.url, sandbox.token)
        try:
            return api.answer("POST", f"{path}/merge_requests", json=body).status_code
        finally:
            api.close()

    assert _at_once(6, create) == [201, 409, 409, 409, 409, 409]


def test_it_is_merged_once(sandbox: Sandbox, api: Api, path: str, open_request: Callable[..., dict[str, Any]]) -> None:
    open_request()

    def merge() -> int:
        api = Api(sandbox.url, sandbox.token)
        try:
            return api.answer("PUT", f"{path}/merge_requests/1/merge").status_code
        finally:
            api.close()

    first, *others = _at_once(4, merge)
    assert first == 200
    assert set(others) <= {405, 422}
    assert len(api.get(f"{path}/repository/commits", ref_name="main")) == 3


def test_an_archived_project_takes_no_comments(api: Api, path: str) -> None:
    api.post(f"{path}/issues", title="x")
    api.post(f"{path}/archive")
    api.post(f"{path}/issues/1/notes", 403, body="hello")
    api.post(f"{path}/issues", 403, title="y")
    api.put(f"{path}/issues/1", 403, title="z")
