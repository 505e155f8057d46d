"""git itself on the embedded GitLab: every kind of clone, and pushes as they are taken and refused."""

from __future__ import annotations

import requests

from bot.sandbox.world import Access
from conformance.place import Place, place
from conformance.story import Story, equal, expect
from tests.sandbox.git_client import Git

_FILES = {
    f"{folder}/{number}.txt": f"{folder} {number}\n" for folder in ("app", "docs", "tests") for number in range(20)
}
_PATH = "team/shop"


def tell(story: Story) -> None:
    """Clone, fetch and push as people do, and be refused as GitLab refuses."""
    with place() as here:
        developer = Git(here.folder, here.sandbox.add_token(here.sandbox.add_user("dev")))
        here.sandbox.add_project(_PATH, {"README.md": "# Shop\n", **_FILES}, members={"dev": Access.DEVELOPER})
        root = Git(here.folder, here.sandbox.token)
        for act in (_clone, _thin_clones, _histories, _push, _leases, _refusals, _push_options, _many_refs):
            act(story, here, root if act is _clone else developer)


def _url(here: Place) -> str:
    return f"{here.sandbox.url}/{_PATH}.git"


def _clone(story: Story, here: Place, root: Git) -> None:
    for version in ("0", "1", "2"):
        with story.step(f"clones in full over protocol {version}"):
            root("-c", f"protocol.version={version}", "clone", "-q", _url(here), f"full{version}")
            full = root.at(f"full{version}")
            full("fsck", "--strict")
            equal(len(full("ls-files").split()), len(_FILES) + 1, "files")
    with story.step("grows ten commits and a tag"):
        full = root.at("full2")
        for number in range(10):
            full.commit({"app/0.txt": f"version {number}\n"}, f"Change {number}")
        full("tag", "-a", "v1.0.0", "-m", "One")
        full("push", "-q", "--follow-tags", "origin", "main")
        expect("refs/tags/v1.0.0^{}" in full("ls-remote", "--tags", "origin"), "the annotated tag did not arrive")
    with story.step("mirrors, and finds the default branch"):
        root("clone", "-q", "--mirror", _url(here), "mirror.git")
        equal(root.at("mirror.git")("rev-parse", "main"), full("rev-parse", "main"), "main")
        expect("ref: refs/heads/main\tHEAD" in root("ls-remote", "--symref", _url(here), "HEAD"), "no symref of HEAD")


def _thin_clones(story: Story, here: Place, git: Git) -> None:
    with story.step("clones blobless, and fetches a blob when it is wanted"):
        git("clone", "-q", "--filter=blob:none", "--no-checkout", _url(here), "blobless")
        thin = git.at("blobless")
        equal(thin("rev-list", "--count", "HEAD").strip(), "11", "commits")
        missing = thin("rev-list", "--objects", "--missing=print", "HEAD").count("\n?")
        expect(missing > len(_FILES), f"only {missing} blobs were left out")
        equal(thin("show", "HEAD:app/0.txt"), "version 9\n", "app/0.txt")
    with story.step("clones treeless"):
        git("clone", "-q", "--filter=tree:0", "--no-checkout", _url(here), "treeless")
        equal(git.at("treeless")("log", "--format=%s", "-1").strip(), "Change 9", "the last commit")
    with story.step("clones sparsely"):
        git("clone", "-q", "--depth=1", "--filter=blob:none", "--sparse", _url(here), "sparse")
        sparse = git.at("sparse")
        sparse("sparse-checkout", "set", "docs")
        equal(sorted(p.name for p in sparse.folder.iterdir()), [".git", "README.md", "docs"], "folders")


def _histories(story: Story, here: Place, git: Git) -> None:
    with story.step("clones shallow, deepens, and unshallows"):
        git("clone", "-q", "--depth=1", _url(here), "shallow")
        shallow = git.at("shallow")
        counts = [shallow("rev-list", "--count", "HEAD").strip()]
        for flag in ("--deepen=2", "--depth=5", "--unshallow"):
            shallow("fetch", "-q", flag)
            counts.append(shallow("rev-list", "--count", "HEAD").strip())
        equal(counts, ["1", "3", "5", "11"], "commits")
    with story.step("clones since a day, and one branch without tags"):
        git("clone", "-q", "--shallow-since=2 days ago", _url(here), "since")
        git("clone", "-q", "--single-branch", "--no-tags", _url(here), "single")
        equal(git.at("single")("tag"), "", "tags")
    with story.step("fetches one commit by its name, and nothing when nothing changed"):
        wanted = shallow("rev-parse", "HEAD~3").strip()
        git("init", "-q", "bare")
        git.at("bare")("fetch", "-q", "--depth=1", _url(here), wanted)
        equal(git.at("bare")("rev-parse", "FETCH_HEAD").strip(), wanted, "FETCH_HEAD")
        equal(shallow.run("fetch").stderr, "", "what a fetch without news says")


def _push(story: Story, here: Place, git: Git) -> None:
    git("clone", "-q", _url(here), "work")
    work = git.at("work")
    with story.step("pushes a branch and is shown the way to a merge request"):
        work("switch", "-q", "-c", "feature/a")
        work.commit({"a.txt": "1\n"}, "Add a")
        said = work.run("push", "-u", "origin", "feature/a").stderr
        expect("remote: To create a merge request for feature/a, visit:" in said, said)
    with story.step("pushes from a shallow clone, fetches and prunes"):
        shallow = git.at("shallow")
        shallow("push", "-q", "origin", "HEAD:refs/heads/gone")
        work("fetch", "-q")
        shallow("push", "-q", "origin", "--delete", "gone")
        expect("[deleted]" in work.run("fetch", "--prune").stderr, "the deleted branch was not pruned")
    with story.step("pushes all or nothing"):
        work("branch", "side")
        work.refused("push", "--atomic", "origin", "side", "side:main")
        equal(work("ls-remote", "origin", "side"), "", "side")


def _leases(story: Story, here: Place, git: Git) -> None:
    work = git.at("work")
    with story.step("loses a race of force-with-lease, and wins it after a fetch"):
        git("clone", "-q", "-b", "feature/a", _url(here), "rival")
        git.at("rival").commit({"b.txt": "theirs\n"})
        git.at("rival")("push", "-q")
        work("commit", "-q", "--amend", "-m", "Add a, better")
        expect("stale info" in work.refused("push", "--force-with-lease"), "the stale lease was not the reason")
        expect("fetch first" in work.refused("push"), "a plain push was not told to fetch first")
        work("fetch", "-q")
        work("push", "-q", "--force-with-lease")


def _refusals(story: Story, here: Place, git: Git) -> None:
    work = git.at("work")
    with story.step("is refused on the protected branch"):
        said = work.refused("push", "origin", "HEAD:main")
        expect("GitLab: You are not allowed to push code to protected branches on this project." in said, said)
    with story.step("is refused to rewrite it, even as its owner"):
        full = Git(here.folder / "full2", here.sandbox.token)
        full("commit", "-q", "--amend", "-m", "Rewritten")
        said = full.refused("push", "--force", "origin", "main")
        expect("You are not allowed to force push code to a protected branch on this project." in said, said)
    with story.step("is told nothing about projects that it may not see"):
        here.sandbox.add_project("team/secret", {"a": "1"})
        heard = [git.refused("clone", f"{here.sandbox.url}/team/{name}.git", name) for name in ("secret", "none")]
        expect(all("could not be found or you don't have permission to view it" in one for one in heard), heard[0])
    with story.step("is turned away without a good token"):
        for token in (None, "glpat-wrong"):
            Git(here.folder, token).refused("ls-remote", _url(here))


def _push_options(story: Story, here: Place, git: Git) -> None:
    work = git.at("work")
    with story.step("opens a merge request by push options, and is told where"):
        options = ("merge_request.create", "merge_request.target=main", "merge_request.title=From a push")
        work.commit({"c.txt": "1\n"})
        said = work.run("push", *(f"--push-option={option}" for option in options), "origin", "feature/a").stderr
        expect(f"{here.sandbox.url}/{_PATH}/-/merge_requests/1" in said, said)
    with story.step("fetches the merge request by its own ref"):
        work("fetch", "-q", "origin", "+refs/merge-requests/*/head:refs/remotes/origin/mr/*")
        equal(work("rev-parse", "origin/mr/1"), work("rev-parse", "HEAD"), "head of the merge request")
    with story.step("sees it merged over REST, in the next fetch"):
        answer = requests.put(
            f"{here.sandbox.url}/api/v4/projects/{_PATH.replace('/', '%2F')}/merge_requests/1/merge",
            headers={"PRIVATE-TOKEN": here.sandbox.token}, timeout=30,
        )  # fmt: skip
        equal(answer.status_code, 200, answer.text)
        work("fetch", "-q")
        equal(work("rev-parse", "origin/main").strip(), answer.json()["merge_commit_sha"], "main")


def _many_refs(story: Story, here: Place, git: Git) -> None:
    work = git.at("work")
    with story.step("pushes 500 branches at once, counts and deletes them"):
        names = [f"refs/heads/many/{number}" for number in range(500)]
        work("push", "-q", "origin", *(f"HEAD:{name}" for name in names))
        equal(work("ls-remote", "--heads", "origin", "many/*").count("\n"), len(names), "branches")
        work("push", "-q", "origin", *(f":{name}" for name in names))
        equal(work("ls-remote", "--heads", "origin", "many/*"), "", "branches")
    story.skip("stores large files", "git-lfs is a program of its own; the sandbox has no LFS storage")
