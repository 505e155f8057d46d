"""A receiver of web hooks, and a project with one that listens to everything."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api
from tests.sandbox.webhooks.receiver import Received, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that takes deliveries."""
    kept = Receiver()

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            kept.received.append(Received(dict(self.headers), raw))
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(b"thanks")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("group/app", {"README.md": "one\n"})


@pytest.fixture
def path(project: Project) -> str:
    return f"/projects/{project.id}"


@pytest.fixture
def hook(api: Api, path: str, receiver: Receiver) -> dict[str, Any]:
    """A hook of the project for everything that this GitLab tells."""
    events = ("issues", "merge_requests", "note", "pipeline", "push", "tag_push")
    switches = {f"{name}_events": True for name in events}
    made: dict[str, Any] = api.post(f"{path}/hooks", url=receiver.url, token="secret", **switches)
    return made


@pytest.fixture
def feature(api: Api, path: str) -> Callable[[], str]:
    """Commits to the branch "feature"; returns the SHA."""

    def commit() -> str:
        action = {"action": "create", "file_path": "a.txt", "content": "x\n"}
        body = {"branch": "feature", "start_branch": "main", "commit_message": "Add", "actions": [action]}
        return str(api.post(f"{path}/repository/commits", **body)["id"])

    return commit
