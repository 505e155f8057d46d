"""Projects with merge requests that are assigned to marge-bot, and marge-bot's looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.world import Access, Project
from conformance.place import Place, run
from conformance.story import equal, expect
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git

AUTHOR, REVIEWER = "ada", "bob"
_FILES = {"README.md": "# App\n", "shared.txt": "one\n"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """A place where marge-bot works as `user` with `token`. `bin` is where it is installed.

    `api`, `git` and `reviewer` are the author's and the reviewer's clients.
    """

    here: Place
    bin: Path
    user: str
    token: str
    api: Api
    git: Git
    reviewer: Api

    def project(self, name: str, outcome: str = "success", **settings: object) -> Project:
        """A project whose pipelines take a second and end so; `settings` are those of the REST API."""
        members = {AUTHOR: Access.MAINTAINER, REVIEWER: Access.DEVELOPER, self.user: Access.MAINTAINER}
        made = self.here.sandbox.add_project(f"team/{name}", _FILES, members=members, visibility="public")
        self.here.sandbox.set_pipelines(made, outcome, 1.0)
        settings = {"only_allow_merge_if_pipeline_succeeds": True, "merge_method": "ff", **settings}
        self.api.put(f"/projects/{made.id}", **settings)
        self.git("clone", "-q", f"{self.here.sandbox.url}/{made.full_path}.git", name)
        return made

    def propose(self, project: Project, branch: str, file: str, **settings: object) -> int:
        """The iid of a merge request of one commit on main, which changes `file`, assigned to marge-bot."""
        self.push(project, branch, file)
        wanted = {"source_branch": branch, "target_branch": "main", "title": f"Take {branch}", **settings}
        made = self.api.post(f"/projects/{project.id}/merge_requests", **wanted)
        self.assign(project, made["iid"])
        return int(made["iid"])

    def push(self, project: Project, branch: str, file: str, remote: str = "origin") -> None:
        """One commit on main, which changes `file`, pushed to `branch`."""
        work = self.git.at(project.path)
        work("switch", "-q", "-c", branch, "origin/main")
        work.commit({file: f"{branch}\n"}, f"Change {file} on {branch}")
        work("push", "-q", remote, branch)

    def assign(self, project: Project, *iids: int) -> None:
        """Give merge requests to marge-bot."""
        [marge] = self.api.get("/users", username=self.user)
        for iid in iids:
            self.api.put(f"/projects/{project.id}/merge_requests/{iid}", assignee_ids=[marge["id"]])

    def look(self, projects: str, *flags: str) -> str:
        """What marge-bot says while it looks once at the projects whose name matches."""
        options = ("--cli", "--use-https", "--debug", "--ci-timeout=1min", f"--project-regexp=team/({projects})$")
        command = [str(self.bin / "marge.app"), f"--gitlab-url={self.here.sandbox.url}", *options, *flags]
        return run(command, self.here.folder, {"MARGE_AUTH_TOKEN": self.token})

    def request(self, project: Project, iid: int) -> Any:
        """A merge request as its author sees it."""
        return self.api.get(f"/projects/{project.id}/merge_requests/{iid}")

    def notes(self, project: Project, iid: int) -> list[str]:
        """What people said on a merge request."""
        found = self.api.get(f"/projects/{project.id}/merge_requests/{iid}/notes")
        return [note["body"] for note in found if not note["system"]]

    def turned_down(self, project: Project, iid: int, why: str) -> None:
        """Raises Unmet unless the merge request is open, back with its author, and a comment says why."""
        seen = self.request(project, iid)
        equal((seen["state"], [one["username"] for one in seen["assignees"]]), ("opened", [AUTHOR]), "who has it")
        said = self.notes(project, iid)
        expect(any(why in note for note in said), f"no comment says {why!r}: {said}")

    def merged(self, project: Project, *iids: int) -> None:
        """Raises Unmet unless these were merged, in this order."""
        seen = [self.request(project, iid) for iid in iids]
        said = [self.notes(project, iid) for iid in iids]
        equal([one["state"] for one in seen], ["merged"] * len(iids), f"states ({said})")
        times = [one["merged_at"] for one in seen]
        equal(sorted(times), times, "order of the merges")
