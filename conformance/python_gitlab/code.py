"""Repositories, branches, files, commits, tags, protections and releases through python-gitlab."""

from __future__ import annotations

import io
import tarfile

from gitlab.v4.objects import Project, ProjectCommit

from conformance.python_gitlab.ground import DEVELOPER, Ground, told
from conformance.story import equal, expect


def repository(ground: Ground) -> None:
    """Trees, blobs, comparisons, contributors and archives."""
    project = ground.project("repository")
    tree = list(project.repository_tree(recursive=True, iterator=True, per_page=2))
    equal([entry["path"] for entry in tree], ["src", "README.md", "src/a.py", "src/b.py"], "tree")
    readme = next(entry["id"] for entry in tree if entry["path"] == "README.md")
    equal(project.repository_raw_blob(readme), b"# App\n", "raw blob")
    equal(told(project.repository_blob(readme))["size"], 6, "size of the blob")
    with tarfile.open(fileobj=io.BytesIO(project.repository_archive(format="tar.gz"))) as archive:
        expect(any(name.endswith("/src/a.py") for name in archive.getnames()), "the archive lacks src/a.py")
    expect(project.repository_archive()[:2] == b"\x1f\x8b", "the archive without a format is no tar.gz")
    people = project.repository_contributors(get_all=True)
    equal([one["commits"] for one in people], [1], "contributors")


def branches(ground: Ground) -> None:
    """Make, compare, merge and delete branches."""
    project = ground.project("branches")
    made = project.branches.create({"branch": "deps/x", "ref": "main"})
    equal(project.branches.get("deps/x").commit["id"], made.commit["id"], "commit")
    expect("deps/x" in [one.name for one in project.branches.list(iterator=True)], "not listed")
    project.files.create({"file_path": "n.txt", "content": "1", "branch": "deps/x", "commit_message": "N"})
    compared = told(project.repository_compare("main", "deps/x"))
    equal(len(compared["commits"]), 1, "commits between")
    equal(told(project.repository_merge_base(["main", "deps/x"]))["id"], made.commit["id"], "merge base")
    project.branches.create({"branch": "merged", "ref": "main"})
    project.delete_merged_branches()
    expect("merged" not in [one.name for one in project.branches.list(get_all=True)], "it is still there")
    project.branches.delete("deps/x")


def files(ground: Ground) -> None:
    """A file from its creation to its end."""
    project, where = ground.project("files"), {"branch": "main", "commit_message": "m"}
    project.files.create({"file_path": "x/y z.txt", "content": "1\n", **where})
    file = project.files.get("x/y z.txt", ref="main")
    equal(file.decode(), b"1\n", "content")
    file.content = "2\n"
    file.save(**where)
    project.files.update("x/y z.txt", {"content": "3\n", **where})
    equal(project.files.raw("x/y z.txt", ref="main"), b"3\n", "raw content")
    equal([run["lines"] for run in project.files.blame("x/y z.txt", ref="main")], [["3"]], "blame")
    equal(project.files.head("x/y z.txt", ref="main")["X-Gitlab-File-Path"], "x/y z.txt", "header of HEAD")
    project.files.delete("x/y z.txt", branch="main", commit_message="Gone")


def commits(ground: Ground) -> None:
    """Commits with actions, their diffs, comments, statuses, and their repetition elsewhere."""
    project = ground.project("commits")
    made = _commit(project, "topic", "src/a.py")
    commit = project.commits.get(made.id)
    equal([change["new_path"] for change in commit.diff(get_all=True)], ["src/a.py"], "diff")
    equal(commit.refs(get_all=True), [{"type": "branch", "name": "topic"}], "refs")
    equal(told(commit.sequence())["count"], 2, "sequence")
    commit.comments.create({"note": "Why?", "path": "src/a.py", "line": 1, "line_type": "new"})
    equal([one.note for one in commit.comments.list(get_all=True)], ["Why?"], "comments")
    commit.statuses.create({"state": "success", "name": "external", "target_url": "https://ci.example/1"})
    equal([one.name for one in commit.statuses.list(get_all=True)], ["external"], "statuses")
    equal(commit.merge_requests(get_all=True), [], "merge requests")
    picked = told(commit.cherry_pick(branch="main"))
    project.commits.get(picked["id"]).revert(branch="main")
    titles = [one.title for one in project.commits.list(ref_name="main", iterator=True)]
    equal(titles[:2], [f'Revert "{commit.title}"', commit.title], "titles on main")
    try:
        commit.signature()
    except Exception as refusal:  # noqa: BLE001 - whatever it is, its text is looked at
        expect("404" in str(refusal), f"an unsigned commit says {refusal}")


def protections(ground: Ground) -> None:
    """Protected branches and tags."""
    project = ground.project("protections")
    project.protectedbranches.create({"name": "release/*", "push_access_level": 30, "merge_access_level": 30})
    rule = project.protectedbranches.get("release/*")
    rule.allow_force_push = True
    rule.save()
    equal(project.protectedbranches.get("release/*").allow_force_push, True, "allow_force_push")
    equal(sorted(one.name for one in project.protectedbranches.list(get_all=True)), ["main", "release/*"], "rules")
    rule.delete()
    project.protectedtags.create({"name": "v*", "create_access_level": 40})
    equal(project.protectedtags.get("v*").create_access_levels[0]["access_level"], 40, "access level")
    equal([one.name for one in project.protectedtags.list(get_all=True)], ["v*"], "rules")
    project.protectedtags.delete("v*")


def releases(ground: Ground) -> None:
    """Tags, releases and their links."""
    project = ground.project("releases", DEVELOPER)
    project.tags.create({"tag_name": "v1", "ref": "main", "message": "One"})
    equal(project.tags.get("v1").message, "One", "message")
    release = project.releases.create({"tag_name": "v1", "name": "One", "description": "First"})
    link = release.links.create({"name": "doc", "url": "https://files.example/doc"})
    link.name = "docs"
    link.save()
    equal(release.links.get(link.id).name, "docs", "name of the link")
    equal([one.name for one in release.links.list(get_all=True)], ["docs"], "links")
    release.links.delete(link.id)
    release.description = "Still first"
    release.save()
    equal(project.releases.get("v1").description, "Still first", "description")
    equal([one.tag_name for one in project.releases.list(get_all=True)], ["v1"], "releases")
    project.releases.delete("v1")
    equal([one.name for one in project.tags.list(get_all=True)], ["v1"], "tags")
    project.tags.delete("v1")


def _commit(project: Project, branch: str, path: str) -> ProjectCommit:
    action = {"action": "update", "file_path": path, "content": f"{branch}\n"}
    commit = {"branch": branch, "start_branch": "main", "commit_message": f"Change {path}", "actions": [action]}
    return project.commits.create(commit)
