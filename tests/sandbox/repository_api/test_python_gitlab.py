"""A client library gets along with the repository API."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import gitlab
import pytest
from gitlab.v4.objects import Project as Remote

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project


@pytest.fixture
def project(sandbox: Sandbox) -> Project:
    return sandbox.add_project("team/shop", {"README.md": "# Shop\n", "lib/a.py": "a\n"})


@pytest.fixture
def remote(sandbox: Sandbox, project: Project) -> Iterator[Remote]:
    with gitlab.Gitlab(sandbox.url, private_token=sandbox.token) as client:
        yield client.projects.get(project.full_path)


def test_a_file_lives_and_dies(remote: Remote) -> None:
    where = {"branch": "main", "commit_message": "m"}
    remote.files.create({"file_path": "x/y.txt", "content": "1", **where})
    file = remote.files.get("x/y.txt", ref="main")
    assert file.decode() == b"1"
    file.content = "2"
    file.save(**where)
    assert remote.files.raw("x/y.txt", ref="main") == b"2"
    assert [run["lines"] for run in remote.files.blame("x/y.txt", ref="main")] == [["2"]]
    remote.files.head("x/y.txt", ref="main")
    remote.files.get("x/y.txt", ref="main").delete(**where)
    with pytest.raises(gitlab.GitlabGetError, match="404 File Not Found"):
        remote.files.get("x/y.txt", ref="main")


def test_branches_commits_and_comparisons(remote: Remote) -> None:
    remote.branches.create({"branch": "deps/x", "ref": "main"})
    action = {"action": "update", "file_path": "lib/a.py", "content": "b\n"}
    made = remote.commits.create({"branch": "deps/x", "commit_message": "Bump", "actions": [action]})
    assert next(iter(remote.commits.list(ref_name="deps/x", iterator=True))).id == made.id
    assert [change["new_path"] for change in remote.commits.get(made.id).diff(get_all=True)] == ["lib/a.py"]
    assert remote.commits.get(made.id).refs() == [{"type": "branch", "name": "deps/x"}]
    compared = remote.repository_compare("main", "deps/x")
    ancestor = remote.repository_merge_base(["main", "deps/x"])
    assert isinstance(compared, dict)
    assert isinstance(ancestor, dict)
    assert (len(compared["commits"]), ancestor["title"]) == (1, "Initial commit")
    made.cherry_pick(branch="main")
    made.revert(branch="deps/x")
    made.comments.create({"note": "Hm"})
    assert made.merge_requests() == []
    remote.branches.delete("deps/x")
    assert [b.name for b in remote.branches.list(iterator=True)] == ["main"]


def test_trees_and_archives(remote: Remote) -> None:
    tree = list(remote.repository_tree(recursive=True, iterator=True, per_page=2))
    assert [entry["path"] for entry in tree] == ["lib", "README.md", "lib/a.py"]
    assert remote.repository_raw_blob(tree[1]["id"]) == b"# Shop\n"
    with tarfile.open(fileobj=io.BytesIO(remote.repository_archive(format="tar.gz"))) as archive:
        assert any(name.endswith("/lib/a.py") for name in archive.getnames())


def test_tags_releases_and_protections(remote: Remote) -> None:
    remote.tags.create({"tag_name": "v1", "ref": "main", "message": "One"})
    release = remote.releases.create({"tag_name": "v1", "name": "One", "description": "First"})
    release.links.create({"name": "doc", "url": "https://files.example/doc"})
    assert remote.releases.get("v1").assets["count"] == 5
    release.description = "Still first"
    release.save()
    assert remote.releases.get("v1").description == "Still first"
    remote.protectedbranches.create({"name": "release/*", "push_access_level": 30})
    rule = remote.protectedbranches.get("release/*")
    rule.allow_force_push = True
    rule.save()
    assert remote.protectedbranches.get("release/*").allow_force_push is True
    rule.delete()
    remote.protectedtags.create({"name": "v*"}).delete()
