"""Which policy holds for a project: ours, its group's and its own; a wrong file is reported on its own project."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bot.errors import BotError
from bot.pipeline.workplace import Run, Workplace
from bot.pipeline.writing import render
from bot.policy.document import FILE, MAX_BYTES, PolicyError, Problem
from bot.policy.model import Policy
from bot.policy.resolve import Settings, resolve, said, settings
from bot.ports import Checkout, Forge
from remediators.errors import ManifestError
from state.model import IssueState, Project
from state.store import Store

MARKER = "remediation-bot-policy"

# How far the issue got: a crash may have come between its opening and our noting it.
TELLING, TOLD = "telling", "told"


def of(place: Workplace) -> Policy:
    """The policy of a project; the issue about its file is opened, or closed, as the file is wrong or right.

    Raises PolicyError when its own file cannot be followed, BotError when its group's cannot be read.
    """
    run, project = place.run, place.project
    # Before a checkout is held: the configuration project can be the one whose turn it is in another thread.
    inherited = _inherited(project, run)
    concern = Concern(run.adapters.forge, run.adapters.store, project)
    try:
        own = _settings(_file(place), FILE)
    except PolicyError as error:
        if not run.dry:
            concern.report(error, run.policy.labels)
        raise
    if not run.dry:
        concern.settle()
    return resolve((said(run.policy), inherited, own))


def _inherited(project: Project, run: Run) -> Settings:
    source = run.inheritance.source(project.path)
    return {} if source is None else run.inheritance.once(source, lambda: _configured(source, run))


def _configured(path: str, run: Run) -> Settings:
    project = run.adapters.forge.project(path)
    with Workplace.alone(project, run) as place:
        return _settings(_file(place), f"{FILE} of {path}")


def _settings(data: bytes | None, source: str) -> Settings:
    return {} if data is None else settings(data, source)


def _file(place: Workplace) -> bytes | None:
    """The policy file at the head of the default branch, None for none: remembered with that head."""
    store, project = place.run.adapters.store, place.project
    name = f"policy file of project {project.id}"
    remembered = json.loads(store.mark(name) or "{}")
    if project.head is None:
        return None
    if remembered.get("head") != project.head:
        data = _read(place.checkout())
        # One character for each byte: a file that is not UTF-8 is remembered as it is.
        remembered = {"head": project.head, "file": None if data is None else data.decode("latin-1")}
        if not place.run.dry:
            store.set_mark(name, json.dumps(remembered))
    text = remembered["file"]
    return None if text is None else text.encode("latin-1")


def _read(checkout: Checkout) -> bytes | None:
    try:
        data = checkout.reader(checkout.head)(FILE)
    except ManifestError as error:
        raise PolicyError(FILE, Problem(1, str(error))) from error
    # No more is remembered than shows that it is too much.
    return None if data is None else data[: MAX_BYTES + 1]


@dataclass(frozen=True, slots=True)
class Concern:
    """The one issue on a project that says what is wrong with its policy file."""

    forge: Forge
    store: Store
    project: Project

    @property
    def _name(self) -> str:
        return f"policy issue of project {self.project.id}"

    def report(self, error: PolicyError, labels: tuple[str, ...]) -> None:
        """Have an open issue say what is wrong."""
        if not self.project.issues_enabled:
            return
        draft = render.policy_issue(error.problems, MARKER, labels)
        told = self.store.mark(self._name) == TOLD
        if not told:
            self.store.set_mark(self._name, TELLING)
        found = next(iter(self.forge.issues(self.project, MARKER)), None)
        news = found is None or not render.same(found.description, draft.description)
        if found is None:
            found = self.forge.create_issue(self.project, draft)
        elif news:
            found = self.forge.update_issue(self.project, found.iid, draft)
        # Who closes it while the same mistake stands has read it: the run's report goes on saying it.
        if found.state is IssueState.CLOSED and (news or not told):
            self.forge.set_issue_open(self.project, found.iid, opened=True)
        if not told:
            self.store.set_mark(self._name, TOLD)

    def settle(self) -> None:
        """Close the issue, if there is one, now that the file can be followed."""
        if not self.store.mark(self._name):
            return
        for issue in self.forge.issues(self.project, MARKER):
            if issue.state is IssueState.OPENED:
                marker = f"{MARKER}-mended-{self.project.head}"
                body = render.note("policy_mended", marker, head=self.project.head or "")
                self.forge.comment_issue(self.project, issue.iid, body, marker)
                self.forge.set_issue_open(self.project, issue.iid, opened=False)
        self.store.set_mark(self._name, "")


def targeted(place: Workplace) -> Workplace:
    """The project at the branch that its policy targets; the same place where that is the default branch.

    Raises BotError when there is no such branch.
    """
    project, run = place.project, place.run
    branch = run.policy.target_branch
    if branch is None or branch == project.default_branch:
        return place
    head = run.adapters.forge.branch_head(project, branch)
    if head is None:
        raise BotError(f"target_branch of the policy: there is no branch {branch}; create it or change {FILE}")
    return place.at(replace(project, default_branch=branch, head=head))
