"""An outage is not an answer, and one package's failure is that package's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.ports import Unlisted
from bot.sandbox.faults import Fault
from state.model import Project
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import inside
from tests.end_to_end.world import Fleet, quote

PATH = "group/app"
WHERE = f"/projects/{quote(PATH)}"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/acme"
FLAW = "PyPI:acme:CVE-2026-1"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A vulnerable package beside one that no registry knows."""
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n\n\n\ninternal==1.0\n"})
    return fleet


def run(app: Fleet) -> str:
    """A run that says that something failed."""
    ended = app.bot("run", PATH)
    assert ended.status == 1
    return ended.out


def test_a_package_that_no_registry_knows_does_not_keep_others_from_their_end(app: Fleet) -> None:
    assert "internal" in run(app)
    app.merge(PATH, 1)
    run(app)
    states = app.states(PATH)
    assert (states[FIX], states[FLAW]) == ("confirmed", "resolved")


def test_a_registry_out_of_reach_does_not_mean_that_there_is_no_fix(app: Fleet) -> None:
    published = app.index.packages.pop("acme")
    said = run(app)
    assert "acme" in said
    assert "no release newer" not in said
    assert app.issues(PATH) == []
    app.index.packages["acme"] = published
    run(app)
    assert [m["title"] for m in app.merge_requests(PATH)] == ["Update acme to 1.5 against CVE-2026-1"]


def test_a_package_that_cannot_be_looked_up_stays_in_its_merge_request(app: Fleet) -> None:
    app.index.add("beta", "1.0", "1.1")
    app.index.add("zeta", "1.0", "1.1")
    app.project("group/two", {MANIFEST: "beta==1.0\nzeta==1.0\n"})
    app.run("group/two")
    (before,) = app.merge_requests("group/two")
    app.index.packages.pop("zeta")
    assert app.bot("run", "group/two").status == 1
    (after,) = app.merge_requests("group/two")
    assert (after["title"], after["sha"]) == (before["title"], before["sha"])


class Forgetful:
    """A forge that cannot tell of one project."""

    def __init__(self, forge: Any) -> None:
        self._forge = forge

    def __getattr__(self, name: str) -> Any:
        return getattr(self._forge, name)

    def sweep(self) -> Iterator[Project | Unlisted]:
        for listed in self._forge.sweep():
            yield Unlisted(PATH, "Gitaly is away") if listed.path == PATH else listed


def test_a_project_that_gitlab_cannot_tell_of_fails_alone(app: Fleet) -> None:
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    with inside(app) as bot:
        forge: Any = Forgetful(bot.adapters.forge)
        bot.adapters = replace(bot.adapters, forge=forge)
        done = {outcome.path: (outcome.status, outcome.reason) for outcome in bot.sweep()}
    assert done == {"group/two": ("ok", ""), PATH: ("failed", "Gitaly is away")}
    assert app.merge_requests(PATH) == []
    assert len(app.merge_requests("group/two")) == 1


def test_advisories_that_fail_during_the_proof_do_not_block_the_fix_for_a_day(app: Fleet) -> None:
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    with inside(app) as bot:
        bot.interrupt_work("scratch", (app.folder / "advisories" / "PyPI.zip").unlink)
        bot.run("group/two")
        assert app.states("group/two")[FIX] == "failed"
        app.advise(record("CVE-2026-1", "acme", "1.5"))
        bot.run("group/two")
    assert app.states("group/two")[FIX] == "mr_open"


def test_a_push_that_gitlab_refuses_leaves_the_next_change_alone(app: Fleet) -> None:
    app.index.add("zeta", "1.0", "1.2")
    app.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "zeta", "1.2"))
    app.project("group/two", {MANIFEST: "acme==1.0\nzeta==1.0\n"})
    app.api.post("/projects/group%2Ftwo/protected_branches", name=f"remediation/{FIX}", push_access_level=0)
    ended = app.bot("run", "group/two")
    assert ended.status == 1
    assert f"remediation/{FIX}" in ended.out
    assert [m["source_branch"] for m in app.merge_requests("group/two")] == ["remediation/vulnerable/PyPI/zeta"]
    assert app.states("group/two")[FIX] == "failed"


def test_what_failed_is_tried_again_after_a_while_and_not_at_each_sweep(app: Fleet) -> None:
    app.api.post(f"{WHERE}/archive")
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    app.api.post("/projects/group%2Ftwo/protected_branches", name=f"remediation/{FIX}", push_access_level=0)
    with inside(app) as bot:
        bot.sweep()
        app.api.delete(f"/projects/group%2Ftwo/protected_branches/{quote(f'remediation/{FIX}')}")
        bot.sweep()
        assert (app.states("group/two")[FIX], app.merge_requests("group/two")) == ("failed", [])
        bot.sweep(later=timedelta(minutes=16))
    assert app.states("group/two")[FIX] == "mr_open"


def test_who_asks_for_a_project_has_it_tried_at_once(app: Fleet) -> None:
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    app.api.post("/projects/group%2Ftwo/protected_branches", name=f"remediation/{FIX}", push_access_level=0)
    assert app.bot("run", "group/two").status == 1
    app.api.delete(f"/projects/group%2Ftwo/protected_branches/{quote(f'remediation/{FIX}')}")
    (planned,) = app.run("--dry-run", "group/two")["projects"][0]["remediations"]
    assert planned["outcome"] == "would open"
    app.run("group/two")
    assert app.states("group/two")[FIX] == "mr_open"


def test_a_token_that_may_not_push_is_not_tried_for_every_change(app: Fleet) -> None:
    names = [f"lib{n}" for n in range(5)]
    for name in names:
        app.index.add(name, "1.0", "1.5")
    app.advise(*(record(f"CVE-2026-{n}", name, "1.5") for n, name in enumerate(names)))
    app.project("group/two", {MANIFEST: "".join(f"{name}==1.0\n" for name in names)})
    app.api.post("/projects/group%2Ftwo/protected_branches", name="remediation/*", push_access_level=0)
    app.sandbox.requests.clear()
    assert app.bot("run", "group/two").status == 1
    # All in one go, then two by themselves: a second refusal is no accident.
    assert len([r for r in app.sandbox.requests if r.path.endswith("/git-receive-pack") and r.write]) == 3


def test_a_version_that_nobody_can_read_does_not_keep_others_from_a_second_opinion(app: Fleet) -> None:
    app.environ["BOT_POLICY__SECOND_OPINION"] = "true"
    app.index.add("clock", "2004.1")
    app.project("group/two", {MANIFEST: "acme==1.0\n", "old/requirements.txt": "clock===2004d\n"})
    assert app.bot("run", "group/two").status == 1
    (merge_request,) = app.merge_requests("group/two")
    assert "Second opinion: pip-audit" in merge_request["description"]


def test_an_issue_that_gitlab_does_not_let_us_close_does_not_stop_the_project(app: Fleet) -> None:
    app.index.add("zeta", "1.0", "1.2")
    app.project("group/two", {MANIFEST: "acme==1.0\n"})
    app.run("group/two")
    refused = app.sandbox.faults.add(Fault(method="PUT", path="*/issues/1", status=403, count=None))
    app.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "zeta", "1.2"))
    app.commit("group/two", "main", MANIFEST, "acme==1.5\nzeta==1.0\n")
    ended = app.bot("run", "group/two")
    assert ended.status == 1
    assert "issues/1" in ended.out
    assert [m["state"] for m in app.merge_requests("group/two")] == ["closed", "opened"]
    # It is tried again until it works.
    app.sandbox.faults.clear()
    app.run("group/two")
    assert refused.struck == 1
    assert [i["state"] for i in app.issues("group/two")] == ["closed", "opened"]
