"""Files over REST."""

from __future__ import annotations

import base64
import hashlib

import pytest

from bot.sandbox.git.objects import name_of
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"lib/a b.py": "one\ntwo\n"})


@pytest.fixture
def file(project: Project) -> str:
    return f"/projects/{project.id}/repository/files/lib%2Fa%20b%2Epy"


def test_a_file_with_its_metadata(api: Api, head: str, file: str) -> None:
    answer = api.answer("GET", f"{file}?ref=main")
    assert answer.json() == {
        "file_name": "a b.py",
        "file_path": "lib/a b.py",
        "size": 8,
        "encoding": "base64",
        "content_sha256": hashlib.sha256(b"one\ntwo\n").hexdigest(),
        "ref": "main",
        "blob_id": name_of("blob", b"one\ntwo\n"),
        "commit_id": head,
        "last_commit_id": head,
        "execute_filemode": False,
        "content": base64.b64encode(b"one\ntwo\n").decode(),
    }
    headers = api.answer("HEAD", f"{file}?ref=main").headers
    assert headers["X-Gitlab-Blob-Id"] == answer.json()["blob_id"]
    assert (headers["X-Gitlab-Size"], headers["X-Gitlab-File-Path"]) == ("8", "lib/a b.py")
    assert headers["X-Gitlab-Execute-Filemode"] == "false"


def test_raw(api: Api, head: str, file: str) -> None:
    answer = api.answer("GET", f"{file}/raw?ref={head}")
    assert (answer.text, answer.headers["Content-Type"]) == ("one\ntwo\n", "text/plain; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'inline; filename="a b.py"'
    assert api.answer("GET", f"{file}/raw").text == "one\ntwo\n", "the default branch where no ref is given"


def test_the_last_commit_is_the_file_s(api: Api, project: Project, head: str, base: str, file: str) -> None:
    api.post(f"{base}/files/other", branch="main", commit_message="m", content="x")
    shown = api.get(file, ref="main")
    assert (shown["last_commit_id"], shown["commit_id"]) == (head, project.head)


def test_blame(api: Api, project: Project, head: str, file: str) -> None:
    api.put(file, branch="main", commit_message="m", content="one\n2\n")
    runs = api.get(f"{file}/blame", ref="main")
    assert [(run["commit"]["id"], run["lines"]) for run in runs] == [(head, ["one"]), (project.head, ["2"])]
    [run] = api.get(f"{file}/blame", **{"ref": "main", "range[start]": "2", "range[end]": "2"})
    assert run["lines"] == ["2"]
    assert api.get(f"{file}/blame", 400, **{"ref": "main", "range[start]": "2", "range[end]": "1"}) == {
        "message": "range[start] must be less than or equal to range[end]"
    }


@pytest.mark.parametrize(
    ("path", "params", "status", "body"),
    [
        ("nope", {"ref": "main"}, 404, {"message": "404 File Not Found"}),
        ("lib", {"ref": "main"}, 404, {"message": "404 File Not Found"}),
        ("lib%2Fa%20b.py", {"ref": "nope"}, 404, {"message": "404 Commit Not Found"}),
        ("lib%2Fa%20b.py", {}, 400, {"error": "ref is missing"}),
        ("lib%2F..%2F..", {"ref": "main"}, 400, {"error": "file_path should be a valid file path"}),
    ],
)
def test_what_is_not_there(
    api: Api, project: Project, path: str, params: dict[str, str], status: int, body: dict[str, str]
) -> None:
    assert api.get(f"/projects/{project.id}/repository/files/{path}", status, **params) == body


def test_a_token_that_only_reads_repositories_reads_files(sandbox: Sandbox, clients: list[Api], file: str) -> None:
    clients.append(Api(sandbox.url, sandbox.add_token(sandbox.root, ["read_repository"])))
    assert clients[-1].get(file, ref="main")["size"] == 8
    assert clients[-1].get("/projects", 403)["error"] == "insufficient_scope"
