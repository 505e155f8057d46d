"""Files that people attach to issues, merge requests and releases."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api

FILES = {
    "notes.txt": ("notes.txt", "[{name}]({url})", "notes.txt"),
    "shot 1.png": ("shot_1.png", "![{name}]({url})", "shot_1"),
}


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    """The REST path of a project with a developer and a maintainer."""
    for name in ("dev", "boss"):
        sandbox.add_user(name)
    return f"/projects/{sandbox.add_project('team/app', members={'dev': 30, 'boss': 40}).id}"


def upload(api: Api, path: str, name: str = "notes.txt", content: bytes = b"hello\n") -> requests.Response:
    return api.answer("POST", f"{path}/uploads", files={"file": (name, content)})


@pytest.mark.parametrize("name", FILES)
def test_an_upload_is_told_as_markdown(login: Callable[..., Api], path: str, name: str) -> None:
    answer = upload(login("dev"), path, name)
    assert answer.status_code == 201
    body = answer.json()
    stored, markdown, alt = FILES[name]
    assert re.fullmatch(rf"/uploads/[0-9a-f]{{32}}/{re.escape(stored)}", body["url"])
    assert body == {
        "id": 1,
        "alt": alt,
        "url": body["url"],
        "full_path": f"/-/project/1{body['url']}",
        "markdown": markdown.format(name=alt, url=body["url"]),
    }


def test_it_can_be_fetched_from_where_it_says(sandbox: Sandbox, login: Callable[..., Api], path: str) -> None:
    body = upload(login("dev"), path, content=b"\0\1").json()
    for place in (body["full_path"], f"/team/app{body['url']}"):
        answer = requests.get(f"{sandbox.url}{place}", timeout=10)
        assert (answer.status_code, answer.content) == (200, b"\0\1")
    missing = requests.get(f"{sandbox.url}/-/project/1/uploads/{'0' * 32}/notes.txt", timeout=10)
    assert missing.status_code == 404


def test_maintainers_list_fetch_and_delete(login: Callable[..., Api], path: str) -> None:
    secret = upload(login("dev"), path).json()["url"].split("/")[2]
    upload(login("dev"), path, "b.txt")
    boss = login("boss")
    listed = boss.get(f"{path}/uploads")
    assert [(one["id"], one["filename"], one["size"]) for one in listed] == [(2, "b.txt", 6), (1, "notes.txt", 6)]
    assert listed[0]["uploaded_by"]["username"] == "dev"
    for place in ("1", f"{secret}/notes.txt"):
        assert boss.answer("GET", f"{path}/uploads/{place}").content == b"hello\n"
    boss.delete(f"{path}/uploads/{secret}/notes.txt")
    boss.delete(f"{path}/uploads/2")
    boss.delete(f"{path}/uploads/2", 404)
    assert boss.get(f"{path}/uploads") == []


def test_who_may_not(login: Callable[..., Api], anonymous: Api, path: str) -> None:
    assert upload(anonymous, path).status_code == 401
    assert upload(login("stranger"), path).status_code == 404
    upload(login("dev"), path)
    login("dev").get(f"{path}/uploads", 403)
    login("dev").delete(f"{path}/uploads/1", 403)


@pytest.mark.parametrize(("body", "error"), [({}, "file is missing"), ({"file": "x"}, "file is invalid")])
def test_what_is_no_file(login: Callable[..., Api], path: str, body: dict[str, str], error: str) -> None:
    assert login("dev").post(f"{path}/uploads", 400, **body) == {"error": error}
