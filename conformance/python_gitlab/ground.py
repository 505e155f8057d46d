"""What the acts of the python-gitlab story share: clients of people, and projects to work on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import gitlab
from gitlab.v4.objects import Project, ProjectMergeRequest

from conformance.place import Place
from conformance.story import Unmet, expect

DEVELOPER, MAINTAINER = "dev", "boss"
_FILES = {"README.md": "# App\n", "src/a.py": "a = 1\n", "src/b.py": "b = 1\n"}


@dataclass(slots=True)
class Ground:
    """The administrator's client, and clients of other people by user name."""

    here: Place
    root: gitlab.Gitlab = field(init=False)
    _people: dict[str, gitlab.Gitlab] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.root = self.client(self.here.sandbox.token)
        for name in (DEVELOPER, MAINTAINER):
            self.person(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def client(self, token: str) -> gitlab.Gitlab:
        """A client with that token; nothing of the machine's own set-up is in it."""
        made = self._open.enter_context(gitlab.Gitlab(self.here.sandbox.url, private_token=token, per_page=2))
        made.session.trust_env = False
        return made

    def person(self, username: str) -> gitlab.Gitlab:
        """The client of that user, who is made on first use."""
        if username not in self._people:
            user = self.here.sandbox.add_user(username)
            self._people[username] = self.client(self.here.sandbox.add_token(user))
        return self._people[username]

    def project(self, name: str, who: str | None = None) -> Project:
        """A new project with files, a developer and a maintainer, as `who` (root when None) sees it."""
        path = f"team/{name}"
        self.here.sandbox.add_project(path, _FILES, members={DEVELOPER: 30, MAINTAINER: 40})
        return (self.person(who) if who else self.root).projects.get(path)

    def request(self, project: Project, branch: str, path: str = "new.txt", **settings: object) -> ProjectMergeRequest:
        """A merge request of one commit, which writes a file, on a new branch."""
        action = {"action": "create", "file_path": path, "content": f"{branch}\n"}
        commit = {"branch": branch, "start_branch": "main", "commit_message": f"Write {path}", "actions": [action]}
        project.commits.create(commit)
        wanted = {"source_branch": branch, "target_branch": "main", "title": f"Take {branch}", **settings}
        return project.mergerequests.create(wanted)


def told(answer: object) -> dict[str, Any]:
    """The JSON object that was answered. Raises Unmet for anything else."""
    if not isinstance(answer, dict):
        raise Unmet(f"{answer!r} is no JSON object")
    return answer


def refused(error: type[gitlab.GitlabError], status: int, words: str, call: Callable[[], object]) -> None:
    """Raises Unmet unless calling `call` raises `error` with that status and those words in it."""
    try:
        call()
    except error as refusal:
        said = (refusal.response_code, str(refusal.error_message))
        expect(said[0] == status and words in said[1], f"refused with {said} instead of {(status, words)}")
        return
    expect(False, f"{status} {words!r} was expected, and nothing was refused")
