"""Joint sets where something fails, is contradicted or cannot be looked up: one story each."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import CheckoutError
from bot.pipeline.outcome import Did, ProjectOutcome
from bot.ports import DisagreementError, ReleaseAnswer
from state.model import Failure, Proof, RemediationState
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import Inside, inside
from tests.end_to_end.test_joint_sets import (
    ALONE,
    ALPHA,
    BETA,
    MANIFEST,
    OMEGA,
    PATH,
    TOGETHER,
    advise,
    bound,
    opposed,
    outcomes,
    site,
    titles,
)
from tests.end_to_end.world import Fleet

__all__ = ["bound", "opposed", "site"]


def did(made: Sequence[ProjectOutcome]) -> dict[str, Did]:
    """What became of each change set of the only project."""
    (project,) = made
    return {r.remediation.key: r.did for r in project.remediations}


@dataclass
class Breaking:
    """Checkouts whose nth commit fails."""

    checkouts: Any
    nth: int

    @contextmanager
    def open(self, project: Any) -> Iterator[Any]:
        with self.checkouts.open(project) as checkout:
            yield _Breaking(checkout, itertools.count(1), self.nth)


class _Breaking:
    def __init__(self, checkout: Any, made: Iterator[int], nth: int) -> None:
        self._checkout, self._made, self._nth = checkout, made, nth

    def __getattr__(self, name: str) -> Any:
        if name == "commit" and next(self._made) == self._nth:
            raise CheckoutError("git: no space left")
        return getattr(self._checkout, name)


def test_a_fault_in_a_joint_set_is_that_of_its_fixes_only(bound: Fleet) -> None:
    with inside(bound) as pipeline:
        # After alpha, beta and omega alone comes what is made together.
        pipeline.adapters = replace(pipeline.adapters, checkouts=Breaking(pipeline.adapters.checkouts, 4))
        assert did(pipeline.sweep()) == {ALPHA: Did.FAILED, BETA: Did.FAILED, OMEGA: Did.OPENED}
    assert titles(bound) == {ALONE}
    with inside(bound) as pipeline:
        assert did(pipeline.sweep(timedelta(hours=1))) == {ALPHA: Did.OPENED, BETA: Did.OPENED, OMEGA: Did.UNCHANGED}
    assert titles(bound) == {TOGETHER, ALONE}


@dataclass
class Contradicting:
    """An auditor that reports some pins."""

    reported: Collection[tuple[str, str]]

    def prepare(self, ecosystem: str, pinned: Collection[tuple[str, str]]) -> None:
        """Nothing to prepare."""

    def check(self, ecosystem: str, pinned: Sequence[tuple[str, str]], proof: Proof) -> str | None:
        """Raises DisagreementError for one of the pins."""
        if found := set(self.reported) & set(pinned):
            raise DisagreementError(f"the auditor reports {sorted(found)}")
        return "the auditor reports nothing"


def contradict(pipeline: Inside, *reported: tuple[str, str]) -> None:
    toolbox = replace(pipeline.adapters.toolbox, crosschecks=Contradicting(reported))
    pipeline.adapters = replace(pipeline.adapters, toolbox=toolbox)


@pytest.mark.parametrize(
    ("reported", "offered"),
    [
        pytest.param([("alpha", "2.0")], {"Update beta to 1.5 against CVE-2026-2", ALONE}, id="its own release"),
        pytest.param([("beta", "2.0")], {"Update beta to 1.5 against CVE-2026-2", ALONE}, id="what it brings along"),
        pytest.param([("alpha", "2.0"), ("beta", "1.5"), ("beta", "2.0")], {ALONE}, id="all of them"),
        pytest.param([("omega", "1.5")], {TOGETHER}, id="one that stands alone"),
    ],
)
def test_a_joint_set_goes_without_the_fix_that_another_auditor_contradicts(
    bound: Fleet, reported: list[tuple[str, str]], offered: set[str]
) -> None:
    with inside(bound) as pipeline:
        contradict(pipeline, *reported)
        (made,) = pipeline.sweep()
    assert titles(bound) == offered
    blocked = [r for r in made.remediations if r.did is Did.BLOCKED]
    assert blocked
    assert all("the auditor reports" in r.reason for r in blocked)


def test_of_fixes_that_exclude_each_other_another_is_made_where_an_auditor_contradicts_the_first(
    opposed: Fleet,
) -> None:
    with inside(opposed) as pipeline:
        contradict(pipeline, ("alpha", "2.0"))
        assert did(pipeline.sweep()) == {ALPHA: Did.BLOCKED, BETA: Did.OPENED, OMEGA: Did.OPENED}


@dataclass
class Silent:
    """Releases of a registry that tells nothing of one package."""

    releases: Any
    package: str

    def lookup(self, packages: Collection[tuple[str, str, str | None]]) -> ReleaseAnswer:
        """The answer without it."""
        answer: ReleaseAnswer = self.releases.lookup(packages)
        known = {key: found for key, found in answer.releases.items() if key[1] != self.package}
        return ReleaseAnswer(known, (*answer.failed, Failure(f"PyPI:{self.package}", "the registry is away")))


def test_a_joint_set_one_of_which_cannot_be_looked_up_stays_as_it_is(site: Fleet) -> None:
    """omega could join alpha and beta, which are open together; but nothing can be said of beta now."""
    site.index.needs |= {("alpha", "2.0"): ["beta>=2", "omega>=1.5"]}
    advise(site, "alpha", "beta")
    site.project(PATH, {MANIFEST: "alpha==1.0\nbeta==1.0\nomega==1.0\n"})
    assert outcomes(site) == {ALPHA: "opened", BETA: "opened"}
    before = site.merge_requests(PATH)[0]
    advise(site, "alpha", "beta", "omega")
    with inside(site) as pipeline:
        toolbox = pipeline.adapters.toolbox
        toolbox = replace(toolbox, releases=Silent(toolbox.releases, "beta"))
        pipeline.adapters = replace(pipeline.adapters, toolbox=toolbox)
        pipeline.sweep()
    after = site.merge_requests(PATH)[0]
    assert (after["state"], after["sha"], after["description"]) == ("opened", before["sha"], before["description"])
    assert titles(site) == {before["title"], ALONE}


def failed(made: Fleet, key: str) -> None:
    """Have the remediation of this key be one that failed and rests."""
    with inside(made) as pipeline:
        store = pipeline.adapters.store
        project = pipeline.adapters.forge.project(PATH)
        (known,) = (t for t in store.remediations(project.id) if t.remediation.key == key)
        later = known.updated_at + timedelta(days=1)
        resting = replace(known, state=RemediationState.FAILED, reason="git failed", retry_at=later)
        store.save_remediation(project.id, resting)


def test_updates_leave_out_what_a_fix_moves_that_failed_while_its_merge_request_is_open(bound: Fleet) -> None:
    advise(bound, "beta")
    bound.run(PATH)
    failed(bound, BETA)
    bound.environ["BOT_POLICY__UPDATES"] = '{"major": true}'
    bound.bot("run", "--all", "--json")
    assert {m["title"] for m in bound.merge_requests(PATH) if "beta" in m["title"]} == {
        "Update beta to 1.5 against CVE-2026-2"
    }
    branches = {m["source_branch"] for m in bound.merge_requests(PATH)} - {f"remediation/{BETA}"}
    assert branches
    for branch in branches:
        assert "beta==1.0" in bound.file(PATH, MANIFEST, branch)


def test_a_merge_request_that_is_closed_while_its_fix_rests_is_in_nobody_s_way(bound: Fleet) -> None:
    advise(bound, "beta")
    bound.run(PATH)
    failed(bound, BETA)
    bound.api.put("/projects/group%2Fapp/merge_requests/1", state_event="close")
    bound.bot("run", "--all", "--json")
    with inside(bound) as pipeline:
        project = pipeline.adapters.forge.project(PATH)
        (known,) = pipeline.adapters.store.remediations(project.id)
    assert (known.state, known.merge_request) == (RemediationState.FAILED, None)
    advise(bound, "alpha", "beta")
    assert outcomes(bound)[ALPHA] == "opened"


def test_others_work_on_one_of_its_branches_stays_open_although_the_database_was_lost(bound: Fleet) -> None:
    advise(bound, "beta")
    bound.run(PATH)
    bound.commit(PATH, f"remediation/{BETA}", MANIFEST, "alpha==1.0\nbeta==1.5  # by hand\nomega==1.0\n")
    (bound.folder / "bot.db").unlink()
    advise(bound, "alpha", "beta")
    bound.run(PATH)
    theirs, joint = bound.merge_requests(PATH)
    assert (theirs["state"], joint["state"], joint["title"]) == ("opened", "opened", TOGETHER)
    assert "stays open" in bound.notes(PATH, "merge_requests", theirs["iid"])[-1]


def test_a_fix_that_has_no_place_any_more_is_not_held_for_open(opposed: Fleet) -> None:
    advise(opposed, "beta")
    opposed.run(PATH)
    severe = record("CVE-2026-1", "alpha", "2.0")
    severe["severity"] = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    opposed.advise(severe, record("CVE-2026-2", "beta", "1.5"))
    assert outcomes(opposed) == {ALPHA: "opened", BETA: "blocked"}
    assert [m["state"] for m in opposed.merge_requests(PATH)] == ["closed", "opened"]
    with inside(opposed) as pipeline:
        project = pipeline.adapters.forge.project(PATH)
        known = {t.remediation.key: t for t in pipeline.adapters.store.remediations(project.id)}
    assert (known[BETA].state, known[BETA].merge_request) == (RemediationState.BLOCKED, None)
