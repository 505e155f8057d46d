"""Whatever a client puts into a name, it gets an answer and never an error of the server."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api

READS = (
    "commits?ref_name={}",
    "commits?path={}",
    "commits?author={}",
    "commits/{}",
    "commits/{}/diff",
    "commits/{}/merge_requests",
    "tree?ref={}",
    "tree?path={}&recursive=true",
    "compare?from={}&to=main",
    "compare?from=main&to={}",
    "merge_base?refs[]={}&refs[]=main",
    "archive.zip?sha={}",
    "archive?path={}",
    "files/{}?ref=main",
    "files/a.txt?ref={}",
    "files/{}/blame?ref=main",
    "branches?regex={}",
    "branches/{}",
    "blobs/{}",
    "tags/{}",
    "contributors?ref={}",
)
NAMES = (
    *("--all", "../..", "..main", "main..", "main:a.txt", "main^{tree}", ":/x", "@{-1}"),
    *("a\0b", "🦊", "x" * 3000, "*", "[", "/", "lib"),
)


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"a.txt": "1\n", "lib/b": "x"})


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:12])
def test_every_name_has_an_answer(api: Api, base: str, name: str) -> None:
    for read in READS:
        answer = api.answer("GET", f"{base}/{read.format(quote(name, safe=''))}")
        assert answer.status_code < 500, f"{read}: {answer.text}"

    action = {"action": "create", "file_path": name, "content": "1"}
    writes = (
        ("branches", {"branch": name, "ref": "main"}),
        ("branches", {"branch": "b", "ref": name}),
        ("tags", {"tag_name": name, "ref": "main"}),
        ("tags", {"tag_name": "t", "ref": name, "message": name}),
        ("commits", {"branch": name, "start_branch": "main", "commit_message": name, "actions": [action]}),
        ("commits", {"branch": "c", "start_branch": name, "commit_message": "m", "actions": [action]}),
        ("commits", {"branch": "main", "commit_message": "m", "author_name": name, "actions": [action]}),
    )
    for path, values in writes:
        answer = api.answer("POST", f"{base}/{path}", json=values)
        assert answer.status_code in {201, 400}, f"{path}: {answer.text}"
