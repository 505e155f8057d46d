"""What a run works with, and one project's repository in it: opened only when the stored inventory does not do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import bot
from bot.pipeline.survey import Survey, survey, tell
from bot.pipeline.writing import render
from bot.policy.inherit import Inheritance
from bot.policy.model import Policy
from bot.ports import Adapters, Checkout, Commit
from state.model import Dependency, Failure, Issue, MergeRequest, Project

Progress = Callable[[str, str], None]
"""Told (project path, what is happening), and (project path, "") when the project is done."""


@dataclass(frozen=True, slots=True)
class Run:
    """What every project's run shares. A dry run reads, and writes nothing to GitLab or the database.

    `policy` is ours, and in one project's run that project's. Once `stopping` says so, projects that have not begun
    are left for the next run. With `again` what failed is tried before its time: somebody asks for just this project.
    """

    adapters: Adapters
    policy: Policy
    now: Callable[[], datetime]
    progress: Progress
    dry: bool = False
    again: bool = False
    stopping: Callable[[], bool] = lambda: False
    inheritance: Inheritance = field(default_factory=Inheritance)


@dataclass(frozen=True, slots=True)
class Seen:
    """What changed in GitLab of our own work in one project since it was last read, by iid.

    `whole` is whether that is all that we opened there, changed or not.
    """

    merge_requests: Mapping[int, MergeRequest] = field(default_factory=dict)
    issues: Mapping[int, Issue] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Inventory:
    """The dependencies at the head. `fresh` is whether they were read now rather than remembered."""

    dependencies: tuple[Dependency, ...]
    failed: tuple[Failure, ...]
    fresh: bool


class Workplace:
    """Lends the checkout and its survey, each made once; `stack` ends them with the run."""

    def __init__(self, project: Project, run: Run, stack: contextlib.ExitStack) -> None:
        self.project = project
        self.run = run
        self._stack = stack.enter_context(contextlib.ExitStack())
        self._outer = stack
        self._checkout: Checkout | None = None
        self._survey: Survey | None = None

    @classmethod
    @contextlib.contextmanager
    def alone(cls, project: Project, run: Run) -> Iterator[Workplace]:
        """A place for one look."""
        with contextlib.ExitStack() as stack:
            yield cls(project, run, stack)

    def at(self, project: Project) -> Workplace:
        """A place at another commit of the same project; this one is given back, as only one can be open."""
        self._stack.close()
        return Workplace(project, self.run, self._outer)

    @property
    def opened(self) -> bool:
        """Whether the repository was opened in this run."""
        return self._checkout is not None

    def inventory(self) -> Inventory:
        """What the project depends on at its head: as stored when that head was read by this version of the bot."""
        store = self.run.adapters.store
        last = store.last_scan(self.project.id)
        if last is not None and last.head == self.project.head and last.fingerprint == bot.__version__:
            return Inventory(store.dependencies(self.project.id), last.failed, fresh=False)
        read = self.survey()
        return Inventory(read.dependencies, read.failed, fresh=True)

    def checkout(self) -> Checkout:
        """The repository at the project's head. Raises CheckoutError."""
        if self._checkout is None:
            # git keeps us waiting, and what comes after it takes as long to load.
            loading = threading.Thread(target=self._load, name="load", daemon=True)
            loading.start()
            # It must not open what is closed after us.
            self._stack.callback(loading.join)
            self._checkout = self._stack.enter_context(self.run.adapters.checkouts.open(self.project))
        return self._checkout

    def _load(self) -> None:
        # Whatever fails here fails again where it is needed, and is said there.
        with contextlib.suppress(Exception):
            self.run.adapters.toolbox.prepare()
            if not self.run.dry:
                render.compile_all()

    def tip(self, branch: str) -> Commit | None:
        """The tip of a branch as it is in GitLab, None when there is none. Raises CheckoutError."""
        return self.checkout().branch(branch)

    def survey(self) -> Survey:
        """Its units and dependencies."""
        if self._survey is None:
            place = self.checkout()
            self._survey = survey(
                self.run.adapters.toolbox.ecosystems,
                place.paths,
                place.reader(place.head),
                place.prefetch,
                place.left_out,
            )
            tell(self._survey, self.project.path)
        return self._survey
