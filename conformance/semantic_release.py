"""semantic-release with @semantic-release/gitlab: releases from conventional commits, as in a CI job."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.world import Access, Project
from conformance.clients import npm_packages
from conformance.place import Place, place, run
from conformance.story import Story, equal, expect
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git

# The newest that runs on Node 20.
_PACKAGES = ("semantic-release@24.2.9", "@semantic-release/gitlab@13.3.3")
_LINK = {"url": "https://lib.example/docs", "label": "Documentation", "type": "other"}
_PLUGIN = ("@semantic-release/gitlab", {"assets": [_LINK, {"path": "dist/*.txt", "label": "Notes"}]})
_BRANCHES = ["main", {"name": "beta", "prerelease": True}]


_FRIDAY = """
export function verifyRelease() {
  throw Object.assign(new Error('Nothing is released on Fridays'), { semanticRelease: true, code: 'EFRIDAY' });
}
"""


def _settings(*plugins_of_ours: object) -> str:
    plugins = ["@semantic-release/commit-analyzer", "@semantic-release/release-notes-generator", *plugins_of_ours]
    return json.dumps({"branches": _BRANCHES, "plugins": plugins})


@dataclass(frozen=True, slots=True)
class _Library:
    """A project that is released."""

    here: Place
    modules: Path
    project: Project
    api: Api
    git: Git
    token: str

    def change(self, branch: str, message: str, onto: str = "main", **request: object) -> int:
        """The iid of a merge request that brought one commit with that message to `onto`."""
        self.git("fetch", "-q")
        self.git("switch", "-q", "-c", branch, f"origin/{onto}")
        self.git.commit({"dist/notes.txt": f"{message}\n"}, message)
        self.git("push", "-q", "origin", branch)
        wanted = {"source_branch": branch, "target_branch": onto, "title": message, **request}
        iid = int(self.api.post(f"{self.path}/merge_requests", **wanted)["iid"])
        self.api.put(f"{self.path}/merge_requests/{iid}/merge")
        return iid

    @property
    def path(self) -> str:
        """The project's REST path."""
        return f"/projects/{self.project.id}"

    def release(self, branch: str = "main", settings: str | None = None, status: int = 0) -> str:
        """What semantic-release says in a job on that branch: a detached, shallow clone and GitLab's variables.

        Raises Unmet unless it ends with `status`.
        """
        url, path = self.here.sandbox.url, self.project.full_path
        job = f"job{len(list(self.here.folder.glob('job*')))}"
        user = Git(self.here.folder, self.token)
        user("clone", "-q", "--depth=20", "-b", branch, f"{url}/{path}.git", job)
        work = user.at(job)
        work("checkout", "-q", "--detach")
        (work.folder / ".releaserc.json").write_text(settings or _settings(_PLUGIN))
        (work.folder / "friday.mjs").write_text(_FRIDAY)
        variables = {
            "CI": "true", "GITLAB_CI": "true", "CI_SERVER_VERSION": "18.4.0", "CI_PROJECT_ID": str(self.project.id),
            "CI_PROJECT_PATH": path, "CI_PROJECT_URL": f"{url}/{path}", "CI_API_V4_URL": f"{url}/api/v4",
            "CI_COMMIT_REF_NAME": branch, "CI_COMMIT_SHA": work("rev-parse", "HEAD").strip(), "GL_TOKEN": self.token,
        }  # fmt: skip
        program = self.modules / "node_modules" / "semantic-release" / "bin" / "semantic-release.js"
        return run(["node", str(program)], work.folder, variables, status=status)

    def notes(self, kind: str, iid: int) -> list[str]:
        """What people said on an issue or a merge request."""
        found = self.api.get(f"{self.path}/{kind}/{iid}/notes")
        return [note["body"] for note in found if not note["system"]]


def tell(story: Story) -> None:
    """Release twice, comment what was released, prerelease, and open an issue when a release fails."""
    with story.step(f"installs {' and '.join(_PACKAGES)}"):
        modules = npm_packages("semantic-release", *_PACKAGES)
    with place() as here:
        user = here.sandbox.add_user("releaser")
        project = here.sandbox.add_project(
            "team/lib", {"README.md": "# Lib\n", "dist/notes.txt": "none\n"}, members={"releaser": Access.MAINTAINER}
        )
        token = here.sandbox.add_token(user)
        git = Git(here.folder, token)
        git("clone", "-q", f"{here.sandbox.url}/team/lib.git", "lib")
        with closing(Api(here.sandbox.url, token)) as api:
            _tell(story, _Library(here, modules, project, api, git.at("lib"), token))
        with story.step("asked for nothing that is not served"):
            equal(here.unserved(), (), "routes that are not served")


def _tell(story: Story, library: _Library) -> None:
    _releases(story, library)
    _prerelease(story, library)
    _refusals(story, library)


def _releases(story: Story, library: _Library) -> None:
    api, path = library.api, library.path
    issue = api.post(f"{path}/issues", title="It cannot do this")["iid"]
    with story.step("makes the first release of conventional commits"):
        merged = library.change("feature", "feat: do this", description=f"Closes #{issue}")
        library.release()
        made = api.get(f"{path}/releases/v1.0.0")
        expect("do this" in made["description"], f"the notes are {made['description']!r}")
        tag = api.get(f"{path}/repository/tags/v1.0.0")
        equal(tag["commit"]["id"], api.get(f"{path}/repository/branches/main")["commit"]["id"], "commit of the tag")
    with story.step("links to a page, and to a file that it uploads"):
        links = {link["name"]: link for link in made["assets"]["links"]}
        equal(sorted(links), ["Documentation", "Notes"], "links")
        file = api.answer("GET", links["Notes"]["direct_asset_url"])
        equal((file.status_code, file.text), (200, "feat: do this\n"), "the uploaded file")
    with story.step("comments on the merge request and on the issue that it closed"):
        for kind, iid in (("issues", issue), ("merge_requests", merged)):
            said = library.notes(kind, iid)
            expect(any("in version 1.0.0" in note for note in said), f"no word on {kind}/{iid}: {said}")
    with story.step("releases a fix with a milestone, and nothing for a change of documents"):
        api.post(f"{path}/milestones", title="Spring")
        library.change("mend", "fix: mend that")
        library.release(settings=_settings(("@semantic-release/gitlab", {"milestones": ["Spring"]})))
        equal(api.get(f"{path}/releases/v1.0.1")["milestones"][0]["title"], "Spring", "milestone")
        library.change("words", "docs: say it better")
        expect("no new version is released" in library.release(), "it did not say that nothing is released")
        equal([one["tag_name"] for one in api.get(f"{path}/releases")], ["v1.0.1", "v1.0.0"], "releases")


def _prerelease(story: Story, library: _Library) -> None:
    with story.step("releases from a second branch under a channel of its own"):
        library.api.post(f"{library.path}/repository/branches", branch="beta", ref="main")
        library.change("bold", "feat: dare\n\nBREAKING CHANGE: all of it", onto="beta")
        library.release("beta")
        notes = library.api.get(f"{library.path}/releases/v2.0.0-beta.1")["description"]
        expect("BREAKING CHANGES" in notes, f"the notes are {notes!r}")
        work = library.git
        work("fetch", "-q", "--tags", "origin", "+refs/notes/*:refs/notes/*")
        expect("beta" in work("notes", "--ref=semantic-release-v2.0.0-beta.1", "show", "v2.0.0-beta.1"), "no channel")


def _refusals(story: Story, library: _Library) -> None:
    api, path = library.api, library.path
    library.change("more", "feat: more")
    with story.step("opens an issue when it cannot release, and comments on it the next time"):
        for _ in range(2):
            library.release(settings=_settings(_PLUGIN, "./friday.mjs"), status=1)
        [issue] = api.get(f"{path}/issues", state="opened")
        equal((issue["labels"], "failing" in issue["title"]), (["semantic-release"], True), "the issue")
        equal(len(library.notes("issues", issue["iid"])), 1, "comments on it")
    with story.step("is refused a protected tag, in GitLab's words"):
        api.post(f"{path}/protected_tags", name="v*", create_access_level=0)
        said = library.release(status=1)
        expect("You are not allowed to create this tag as it is protected" in said, said[-2000:])
