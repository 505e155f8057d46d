"""@gitbeaker/rest, the JavaScript client of GitLab's REST API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.sandbox.faults import Fault
from conformance.clients import npm_packages
from conformance.place import Place, place, run
from conformance.story import Story, equal, expect

_PACKAGE = "@gitbeaker/rest@43.8.0"
_DRIVER = Path(__file__).with_name("gitbeaker.mjs")
_PROJECTS = 10_000
_DIFFS = [["README.md", "README.md", False, "100644"], ["src/c.txt", "src/c.txt", True, "100755"]]
_SEEN = {
    "status": "mergeable", "reference": "!1", "commits": ["Move one", "Add two, change one"], "closes": [1],
    "content": "hello\n", "tree": ["src", "README.md", "src/c.txt"],
}  # fmt: skip
_MERGED = {"stale": 409, "state": "merged", "branches": ["main"], "issue": "closed"}
_AUTOMATED = {"variable": "value", "hook": [False, True], "token": "string", "tag": "One", "release": "site", "jobs": 0}
_REFUSALS = {
    "missing": [404, "404 Project Not Found"],
    "twice": [400, "Branch already exists"],
    "incomplete": [400, "title is missing, target_branch is missing"],
    "stranger": [401, "401 Unauthorized"],
}


def tell(story: Story) -> None:
    """Walk a large fleet; open, review and merge a merge request; plan, automate, and be refused."""
    with story.step(f"installs {_PACKAGE}"):
        modules = npm_packages("gitbeaker", _PACKAGE)
    with place() as here:
        _walk(story, here, modules)
    with place() as here:
        _work(story, here, modules)


def _drive(here: Place, modules: Path, step: str, token: str = "", **argument: object) -> Any:
    environ = {"MODULES": str(modules), "GITLAB_URL": here.sandbox.url, "GITLAB_TOKEN": token or here.sandbox.token}
    return json.loads(run(["node", str(_DRIVER), step, json.dumps(argument)], here.folder, environ))


def _walk(story: Story, here: Place, modules: Path) -> None:
    with story.step(f"seeds {_PROJECTS} projects"):
        made = [
            here.sandbox.add_project(f"fleet/group{n % 100}/p{n}", {"README.md": "# P\n"}) for n in range(_PROJECTS)
        ]
    with story.step("walks them by keyset, each once, in order"):
        equal(_drive(here, modules, "walkByKeyset"), [project.id for project in made], "ids")
    with story.step("walks three pages by offset"):
        seen = _drive(here, modules, "walkByOffset")
        equal((seen["count"], seen["total"], seen["totalPages"]), (300, _PROJECTS, 100), "count and totals")
    with story.step("takes the seventh page"):
        seen = _drive(here, modules, "onePage")
        equal([seen[key] for key in ("count", "current", "previous", "next", "perPage")], [50, 7, 6, 8, 50], "page")


def _work(story: Story, here: Place, modules: Path) -> None:
    with story.step("makes a group, a project, people and their tokens"):
        made = _drive(here, modules, "makeWorld")
    project, ada, bob = made["project"], made["tokens"]["ada"], made["tokens"]["bob"]

    with story.step("opens a merge request from commits with six kinds of actions"):
        opened = _drive(here, modules, "propose", ada, project=project)
        iid, issue = opened["iid"], opened["issue"]
        equal((iid, opened["labels"]), (1, ["greeting"]), "merge request")
    with story.step("reads it back: diffs, commits, files, what it closes"):
        seen = _drive(here, modules, "look", bob, project=project, iid=iid)
        equal(seen.pop("diffs"), _DIFFS, "diffs")
        equal(seen, _SEEN, "merge request")
    with story.step("reviews it: a note, a thread, an emoji, an approval"):
        seen = _drive(here, modules, "review", bob, project=project, iid=iid)
        equal(seen["approvedBy"], ["bob"], "approvals")
        expect(2 in seen["threads"], f"no thread of two notes: {seen['threads']}")
    with story.step("uploads a file and writes on a line of the diff"):
        seen = _drive(here, modules, "annotate", bob, project=project, iid=iid)
        equal(seen, {"type": "DiffNote", "place": ["src/c.txt", 1], "alt": "build.log"}, "what was written")
    with story.step("is refused to merge a stale commit, and merges"):
        seen = _drive(here, modules, "merge", ada, project=project, iid=iid, issue=issue)
        equal(seen, _MERGED, "the merge")
    with story.step("plans with labels, a milestone, issues and links"):
        seen = _drive(here, modules, "plan", ada, project=project)
        equal(seen, {"open": ["First"], "linked": ["Second"], "due": None}, "issues")
    with story.step("automates: variable, hook, project token, tag, release"):
        seen = _drive(here, modules, "automate", ada, project=project)
        equal(seen, _AUTOMATED, "what was made")
    with story.step("downloads an archive and a raw file"):
        equal(_drive(here, modules, "stream", bob, project=project), {"archive": True, "raw": "# The shop\n"}, "files")
    with story.step("hears refusals in words"):
        equal(_drive(here, modules, "refusals", ada, project=project), _REFUSALS, "refusals")
    with story.step("tries again when told 429 or 502"):
        faults = [here.sandbox.faults.add(Fault("GET", "*/user", status=status)) for status in (429, 502)]
        equal(_drive(here, modules, "busy"), "root", "user")
        equal([fault.struck for fault in faults], [1, 1], "faults that struck")
    with story.step("asks for nothing that is not served"):
        equal(here.unserved(), (), "routes that are not served")
