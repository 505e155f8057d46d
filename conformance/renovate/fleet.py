"""The projects, people and registries of Renovate's story, and what their GitLab shows of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.sandbox.world import Project
from conformance import npm_registry
from conformance.npm_registry import NpmRegistry
from conformance.place import Place, place
from conformance.renovate.client import Record, RenovateCommand, RenovateRun, run
from conformance.story import Story, equal
from conformance.traffic import Traffic
from tests.end_to_end import index as python_index
from tests.end_to_end.index import Index
from tests.sandbox.client import Api

APP, WEB, SHARED = "team/app", "team/web", "team/renovate-config"
BOT, PERSON = "renovate-bot", "ada"
DASHBOARD = "Dependency Dashboard"
_CROWD = 110
_REQUIREMENTS = "alpha==1.0.0\nbeta==1.0.0\n\n# for the reports\ngamma==1.0.0\n\n# for the mails\ndelta==1.0.0\n"
_PACKAGE = {"name": "web", "version": "1.0.0", "dependencies": {"left": "1.0.0", "right": "1.0.0", "up": "1.0.0"}}


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the story plays with.

    `person` is the REST client of Ada, a maintainer; `token` is Renovate's; `web` is WEB as the sandbox keeps it.
    """

    story: Story
    place: Place
    command: RenovateCommand
    index: Index
    registry: NpmRegistry
    person: Api
    token: str
    web: Project

    def renovate(self, config: Record | None = None) -> RenovateRun:
        """One run over whatever Renovate discovers; it must not complain. Its cost becomes part of the report."""
        asked = self.place.sandbox.requests
        asked.clear()
        config = {"autodiscoverFilter": ["team/*"], **(config or {})}
        done = run(self.command, self.place.sandbox.url, self.token, (), self.place.folder / "renovate", config)
        git = f"{done.git.commands.total()} git commands in {done.git.processes} processes"
        self.story.remark(f"Renovate {done.seconds:.1f} s; {Traffic.of(asked)}; {git}")
        equal(done.complaints, (), "what Renovate warns of")
        equal(done.status, 0, "Renovate's exit status")
        equal(done.hosts, {"127.0.0.1"}, "hosts that Renovate asked")
        return done

    def writes(self) -> list[str]:
        """What the last run tried to change, as "METHOD path"."""
        return [f"{r.method} {r.path}" for r in self.place.sandbox.requests if r.write]

    def merge_requests(self, project: str, **filters: str) -> list[dict[str, Any]]:
        """The merge requests of a project, the latest first."""
        found: list[dict[str, Any]] = self.person.get(f"{api_path(project)}/merge_requests", **filters)
        return found

    def merge_request(self, project: str, branch: str, state: str = "opened") -> dict[str, Any]:
        """The one merge request from that branch, in full."""
        found = self.merge_requests(project, source_branch=branch, state=state)
        equal(len(found), 1, f"{state} merge requests of {project} from {branch}")
        shown: dict[str, Any] = self.person.get(f"{api_path(project)}/merge_requests/{found[0]['iid']}")
        return shown

    def branches(self, project: str) -> dict[str, dict[str, Any]]:
        """The commit at the head of every branch, by the branch's name."""
        return {b["name"]: b["commit"] for b in self.person.get(f"{api_path(project)}/repository/branches")}

    def text(self, project: str, path: str, ref: str = "main") -> str:
        """A file's text."""
        address = f"{api_path(project)}/repository/files/{quote(path, safe='')}/raw"
        return self.person.answer("GET", address, params={"ref": ref}).text

    def commit(self, project: str, branch: str, path: str, text: str) -> None:
        """Let Ada change a file."""
        action = {"action": "update", "file_path": path, "content": text}
        self.person.post(
            f"{api_path(project)}/repository/commits", branch=branch, commit_message=f"Edit {path}", actions=[action]
        )

    def dashboard(self, project: str) -> dict[str, Any]:
        """Renovate's one open dashboard."""
        found = self.person.get(f"{api_path(project)}/issues", state="opened", search=DASHBOARD)
        equal([(issue["title"], issue["author"]["username"]) for issue in found], [(DASHBOARD, BOT)], "dashboards")
        return dict(found[0])


def api_path(project: str) -> str:
    """The project's place in REST."""
    return f"/projects/{quote(project, safe='')}"


@contextmanager
def fleet(story: Story, command: RenovateCommand) -> Iterator[Fleet]:
    """Two projects to work on, and some that are none of Renovate's business; two registries beside the GitLab."""
    with place() as here, python_index.serve() as index, npm_registry.serve() as registry:
        sandbox = here.sandbox
        token = sandbox.add_token(sandbox.add_user(BOT, "Renovate Bot", "renovate@example.org"))
        person = Api(sandbox.url, sandbox.add_token(sandbox.add_user(PERSON, "Ada", "ada@example.org")))
        for name, versions in _PYTHON.items():
            index.add(name, *versions)
        for name, versions in _NPM.items():
            registry.add(name, *versions)
        web = _seed(here, _shared(index.url, registry.url))
        yield Fleet(story, here, command, index, registry, person, token, web)
        person.close()


_PYTHON = {
    "alpha": ("1.0.0", "1.1.0"),
    "beta": ("1.0.0", "2.0.0"),
    "gamma": ("1.0.0", "1.0.1"),
    "delta": ("1.0.0",),
}
_NPM = {"left": ("1.0.0",), "right": ("1.0.0",), "up": ("1.0.0",)}


def _shared(python_url: str, npm_url: str) -> dict[str, object]:
    return {
        "extends": ["config:recommended"],
        "labels": ["dependencies"],
        "assignees": [PERSON],
        "reviewersFromCodeOwners": True,
        "expandCodeOwnersGroups": True,
        "filterUnavailableUsers": True,
        "prHourlyLimit": 0,
        "packageRules": [
            {"matchDatasources": ["pypi"], "registryUrls": [python_url]},
            {"matchDatasources": ["npm"], "registryUrls": [npm_url]},
            {"matchPackageNames": ["left"], "automerge": True, "autoApprove": True},
            {"matchPackageNames": ["right"], "automerge": True, "platformAutomerge": False},
            {"matchPackageNames": ["up"], "automerge": True, "automergeType": "branch"},
            {"matchPackageNames": ["delta"], "minimumReleaseAge": "3 days", "internalChecksFilter": "none"},
        ],
    }


def _seed(here: Place, shared: dict[str, object]) -> Project:
    sandbox, members = here.sandbox, {BOT: 30}
    sandbox.add_group("team", {PERSON: 40})
    sandbox.add_project(APP, {"requirements.txt": _REQUIREMENTS, "CODEOWNERS": "* @team\n"}, members=members)
    # GitLab lets maintainers alone merge into a default branch as it comes.
    web = sandbox.add_project(WEB, {"package.json": json.dumps(_PACKAGE, indent=2) + "\n"}, members={BOT: 40})
    sandbox.add_project(SHARED, {"default.json": json.dumps(shared, indent=2) + "\n"}, members={BOT: 20})
    sandbox.add_project("team/empty", members=members)
    sandbox.add_project(
        "team/secret",
        {"requirements.txt": _REQUIREMENTS},
    )
    # More than a page of projects.
    for number in range(_CROWD):
        sandbox.add_project(f"crowd/{number}", {"README.md": "# One of many\n"}, members=members)
    attic = sandbox.add_project("team/attic", {"requirements.txt": _REQUIREMENTS}, members=members)
    root = Api(sandbox.url, sandbox.token)
    root.post(f"/projects/{attic.id}/archive")
    root.close()
    return web
