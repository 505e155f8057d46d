"""Trees, blobs, archives, comparisons and contributors over REST."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.client import Api

FILES = {"README.md": "# Shop\n", "lib/a.py": "a\n", "lib/deep/b.py": "b\n"}


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", FILES)


def test_trees(api: Api, base: str) -> None:
    first = api.get(f"{base}/tree")
    assert [(e["name"], e["type"], e["mode"]) for e in first] == [
        ("lib", "tree", "040000"),
        ("README.md", "blob", "100644"),
    ]
    assert set(first[0]) == {"id", "name", "type", "path", "mode"}
    assert [e["path"] for e in api.get(f"{base}/tree", path="lib")] == ["lib/deep", "lib/a.py"]
    recursive = api.get(f"{base}/tree", recursive="true", pagination="none", ref="main")
    assert [e["path"] for e in recursive] == ["lib", "lib/deep", "README.md", "lib/a.py", "lib/deep/b.py"]


def test_pages_of_a_tree(api: Api, base: str) -> None:
    page = api.answer("GET", f"{base}/tree?recursive=true&per_page=3")
    assert (len(page.json()), page.headers["X-Total"], page.headers["X-Next-Page"]) == (3, "5", "2")
    keyset = api.answer("GET", f"{base}/tree?recursive=true&per_page=3&pagination=keyset")
    assert "X-Total" not in keyset.headers
    following = api.answer("GET", keyset.links["next"]["url"])
    assert [e["path"] for e in following.json()] == ["lib/a.py", "lib/deep/b.py"]
    assert "next" not in following.links


@pytest.mark.parametrize(
    ("params", "status", "body"),
    [
        ({"ref": "nope"}, 404, {"message": "404 Tree Not Found"}),
        ({"path": "nope"}, 404, {"message": "404 invalid revision or path Not Found"}),
        ({"pagination": "none"}, 400, {"error": 'pagination cannot be "none" unless "recursive" is true'}),
        ({"pagination": "x"}, 400, {"error": "pagination does not have a valid value"}),
    ],
)
def test_what_is_no_tree(api: Api, base: str, params: dict[str, str], status: int, body: dict[str, str]) -> None:
    assert api.get(f"{base}/tree", status, **params) == body


def test_an_empty_repository_has_no_tree(api: Api, sandbox: Sandbox) -> None:
    empty = sandbox.add_project("team/empty")
    assert api.get(f"/projects/{empty.id}/repository/tree", 404) == {"message": "404 Tree Not Found"}
    assert api.get(f"/projects/{empty.id}/repository/commits") == []


def test_blobs(api: Api, base: str) -> None:
    sha = api.get(f"{base}/tree", path="lib")[1]["id"]
    assert api.get(f"{base}/blobs/{sha}") == {"size": 2, "encoding": "base64", "content": "YQo=", "sha": sha}
    assert api.answer("GET", f"{base}/blobs/{sha}/raw").content == b"a\n"
    assert api.get(f"{base}/blobs/{'0' * 40}", 404) == {"message": "404 Blob Not Found"}


def test_archives(api: Api, head: str, base: str) -> None:
    name = f"shop-main-{head}"
    answer = api.answer("GET", f"{base}/archive.tar.gz?sha=main")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        assert f"{name}/lib/deep/b.py" in archive.getnames()
    zipped = api.answer("GET", f"{base}/archive.zip?path=lib")
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        assert [n for n in archive.namelist() if n.endswith(".py")] == [
            f"{name}-lib/lib/a.py",
            f"{name}-lib/lib/deep/b.py",
        ]
    with tarfile.open(fileobj=io.BytesIO(api.answer("GET", f"{base}/archive.tar.bz2").content)) as archive:
        assert f"{name}/README.md" in archive.getnames()
    assert api.get(f"{base}/archive.zip", 404, sha="nope") == {"message": "404 File Not Found"}


def test_comparing(api: Api, head: str, base: str) -> None:
    for branch, path, start in (("main", "m", {}), ("side", "s", {"start_sha": head})):
        action = {"action": "create", "file_path": path, "content": f"{path}\n"}
        api.post(f"{base}/commits", branch=branch, commit_message=branch, actions=[action], **start)
    shown = api.get(f"{base}/compare", **{"from": "main", "to": "side"})
    assert [c["title"] for c in shown["commits"]] == ["side"]
    assert shown["commit"] == shown["commits"][-1]
    assert [d["new_path"] for d in shown["diffs"]] == ["s"]
    assert (shown["compare_timeout"], shown["compare_same_ref"]) == (False, False)
    assert shown["web_url"].endswith("/team/shop/-/compare/main...side")

    straight = api.get(f"{base}/compare", **{"from": "main", "to": "side", "straight": "true"})
    assert sorted(d["new_path"] for d in straight["diffs"]) == ["m", "s"]
    same = api.get(f"{base}/compare", **{"from": "main", "to": "main"})
    assert (same["commit"], same["commits"], same["diffs"], same["compare_same_ref"]) == (None, [], [], True)
    assert api.get(f"{base}/compare", 404, **{"from": "x", "to": "main"}) == {"message": "404 Ref Not Found"}
    assert api.get(f"{base}/compare", 400, to="main") == {"error": "from is missing"}

    base_commit = api.get(f"{base}/merge_base", **{"refs[]": ["main", "side"]})
    assert base_commit["id"] == head
    assert api.get(f"{base}/merge_base", 400, **{"refs[]": ["main"]}) == {"message": "Provide at least 2 refs"}
    unknown = api.get(f"{base}/merge_base", 400, **{"refs[]": ["main", "x", "y"]})
    assert unknown == {"message": "Could not find refs: x, y"}


def test_comparing_a_fork_with_its_parent(api: Api, project: Project, base: str) -> None:
    fork = api.post(f"/projects/{project.id}/fork", namespace_path="root")
    action = {"action": "create", "file_path": "f", "content": "x\n"}
    api.post(f"/projects/{fork['id']}/repository/commits", branch="main", commit_message="Fork", actions=[action])
    shown = api.get(
        f"/projects/{fork['id']}/repository/compare", **{"from": "main", "to": "main", "from_project_id": project.id}
    )
    assert [c["title"] for c in shown["commits"]] == ["Fork"]
    stranger = api.post("/projects", name="stranger")["id"]
    refused = api.get(f"{base}/compare", 400, **{"from": "main", "to": "main", "from_project_id": stranger})
    assert refused == {"message": f"Target project id:{stranger} is not a fork of project id:{project.id}"}


def test_contributors(api: Api, base: str) -> None:
    [person] = api.get(f"{base}/contributors")
    assert (person["name"], person["commits"], person["additions"]) == ("Administrator", 1, 0)
