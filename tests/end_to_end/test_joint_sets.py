"""Fixes of one file that cannot stand apart, or that exclude each other: one story each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Completed, Fetched
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import inside
from tests.end_to_end.world import FIXES_ONLY, Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
PINS = "alpha==1.0\nbeta==1.0\nomega==1.0\n"
ALPHA, BETA, OMEGA = (f"vulnerable/PyPI/{name}" for name in ("alpha", "beta", "omega"))
TOGETHER = "Update alpha to 2.0, beta to 2.0 together against 2 vulnerabilities"
ALONE = "Update omega to 1.5 against CVE-2026-3"


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """alpha, beta and omega are pinned at 1.0, which is vulnerable; each has a fix."""
    for package, fixed in (("alpha", "2.0"), ("beta", "1.5"), ("omega", "1.5")):
        fleet.index.add(package, "1.0", fixed)
    fleet.index.add("beta", "2.0")
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    advise(fleet, "alpha", "beta", "omega")
    return fleet


@pytest.fixture
def bound(site: Fleet) -> Fleet:
    """The fix of alpha needs a later beta than beta's own fix is."""
    site.index.needs["alpha", "2.0"] = ["beta>=2"]
    site.project(PATH, {MANIFEST: PINS})
    return site


@pytest.fixture
def opposed(site: Fleet) -> Fleet:
    """The fix of alpha refuses every beta that is fixed."""
    site.index.needs["alpha", "2.0"] = ["beta<1.5"]
    site.project(PATH, {MANIFEST: PINS})
    return site


def advise(site: Fleet, *packages: str) -> None:
    known = {
        "alpha": record("CVE-2026-1", "alpha", "2.0"),
        "beta": record("CVE-2026-2", "beta", "1.5"),
        "omega": record("CVE-2026-3", "omega", "1.5"),
    }
    site.advise(*(known[package] for package in packages))


def outcomes(site: Fleet) -> dict[str, str]:
    """What became of each change set of the project, by its key."""
    (made,) = site.run(PATH)["projects"]
    return {r["key"]: r["outcome"] for r in made["remediations"]}


def titles(site: Fleet, state: str = "opened") -> set[str]:
    return {m["title"] for m in site.merge_requests(PATH) if m["state"] == state}


def test_fixes_that_move_each_others_packages_are_one_merge_request(bound: Fleet) -> None:
    (made,) = bound.run(PATH)["projects"]
    found = {r["key"]: r for r in made["remediations"]}
    assert found[ALPHA]["merge_request"] == found[BETA]["merge_request"] != found[OMEGA]["merge_request"]
    assert titles(bound) == {TOGETHER, ALONE}
    (both,) = (m for m in bound.merge_requests(PATH) if m["title"] == TOGETHER)
    assert bound.file(PATH, MANIFEST, both["source_branch"]) == "alpha==2.0\nbeta==2.0\nomega==1.0\n"
    assert "joint-fix" in both["labels"]
    assert "**Several packages together**" in both["description"]
    issues = [i["iid"] for i in bound.issues(PATH) if "joint-fix" in i["labels"]]
    assert [f"Closes #{iid}" in both["description"] for iid in issues] == [True, True]


def test_an_unchanged_joint_set_costs_nothing(bound: Fleet) -> None:
    bound.run(PATH)
    bound.run("--all")
    bound.sandbox.requests.clear()
    bound.run("--all")
    assert sorted(r.path.rsplit("/", 1)[-1] for r in bound.sandbox.requests) == ["graphql", "issues", "merge_requests"]


def test_a_merged_joint_set_is_confirmed_for_each_of_its_fixes(bound: Fleet) -> None:
    bound.run(PATH)
    (both,) = (m for m in bound.merge_requests(PATH) if m["title"] == TOGETHER)
    bound.merge(PATH, both["iid"])
    assert outcomes(bound) == {ALPHA: "confirmed", BETA: "confirmed", OMEGA: "updated"}
    assert sorted(i["state"] for i in bound.issues(PATH)) == ["closed", "closed", "opened"]


def test_closing_its_merge_request_is_a_no_to_all_of_it(bound: Fleet) -> None:
    bound.run(PATH)
    (both,) = (m for m in bound.merge_requests(PATH) if m["title"] == TOGETHER)
    bound.api.put(f"/projects/group%2Fapp/merge_requests/{both['iid']}", state_event="close")
    refused = {ALPHA: "refused", BETA: "refused", OMEGA: "unchanged"}
    assert [outcomes(bound), outcomes(bound)] == [refused, refused]
    (bound.folder / "bot.db").unlink()
    assert outcomes(bound) == refused
    assert len(bound.merge_requests(PATH)) == 2


def test_a_lost_database_makes_nothing_twice(bound: Fleet) -> None:
    bound.run(PATH)
    (bound.folder / "bot.db").unlink()
    bound.sandbox.requests.clear()
    bound.run(PATH)
    assert bound.writes() == []


def test_a_fix_that_stood_alone_joins_a_later_one_and_parts_from_it_again(bound: Fleet) -> None:
    advise(bound, "beta")
    assert outcomes(bound) == {BETA: "opened"}
    advise(bound, "alpha", "beta")
    bound.run(PATH)
    assert (titles(bound), titles(bound, "closed")) == ({TOGETHER}, set())
    assert outcomes(bound) == {ALPHA: "unchanged", BETA: "unchanged"}
    advise(bound, "beta")
    assert outcomes(bound) == {ALPHA: "closed", BETA: "updated"}
    assert titles(bound) == {"Update beta to 1.5 against CVE-2026-2"}
    assert outcomes(bound) == {BETA: "unchanged"}
    assert len(bound.merge_requests(PATH)) == 1


def test_when_the_fix_that_it_goes_by_is_gone_the_other_has_a_merge_request_of_its_own(bound: Fleet) -> None:
    bound.run(PATH)
    advise(bound, "beta", "omega")
    bound.run(PATH)
    assert titles(bound) == {"Update beta to 1.5 against CVE-2026-2", ALONE}
    assert titles(bound, "closed") == {TOGETHER}


def test_when_there_is_no_fix_for_one_of_them_any_more_the_other_stands_alone(bound: Fleet) -> None:
    bound.run(PATH)
    bound.advise(record("CVE-2026-1", "alpha", "2.0"), record("CVE-2026-2", "beta", None))
    assert {ALPHA: "updated", BETA: "blocked"}.items() <= outcomes(bound).items()
    assert {ALPHA: "unchanged", BETA: "blocked"}.items() <= outcomes(bound).items()


def test_of_fixes_that_exclude_each_other_the_first_is_made_and_the_issue_of_the_other_says_why(
    opposed: Fleet,
) -> None:
    (made,) = opposed.run(PATH)["projects"]
    found = {r["key"]: r for r in made["remediations"]}
    left_out, kept = ({BETA: (BETA, ALPHA), ALPHA: (ALPHA, BETA)})[
        next(key for key in (ALPHA, BETA) if found[key]["outcome"] == "blocked")
    ]
    assert (found[kept]["outcome"], found[OMEGA]["outcome"]) == ("opened", "opened")
    (no,) = made["rejected"]
    other = kept.rpartition("/")[2]
    assert (no["reason_kind"], [b["package"] for b in no["blocked_by"]]) == ("excluded", [other])
    assert f"no place for this fix beside {other}" in found[left_out]["reason"]
    (issue,) = (i for i in opposed.issues(PATH) if "partial-fix" in i["labels"])
    assert f"no place for this fix beside {other}" in issue["description"]
    (partial,) = (m for m in opposed.merge_requests(PATH) if "partial-fix" in m["labels"])
    assert partial["web_url"] == found[kept]["merge_request"]
    opposed.sandbox.requests.clear()
    opposed.run(PATH)
    assert opposed.writes() == []


def test_what_excludes_is_looked_at_again_after_a_day_and_stays(opposed: Fleet) -> None:
    opposed.run(PATH)
    opposed.sandbox.requests.clear()
    with inside(opposed) as pipeline:
        pipeline.sweep(later=timedelta(days=1, minutes=1))
    assert opposed.writes() == []
    assert len(titles(opposed)) == 2


class Counting:
    """Tools that count how often a package manager resolves."""

    def __init__(self, tools: Any) -> None:
        self._tools = tools
        self.resolved = 0

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        self.resolved += "compile" in argv
        done: Completed = self._tools.run(argv, cwd, env)
        return done

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        found: Fetched = self._tools.fetch(url, accept, etag)
        return found


def resolved(site: Fleet, path: str, pins: str) -> int:
    """How often a package manager resolves for the first look at a project with these pins."""
    site.project(path, {MANIFEST: pins})
    with inside(site) as pipeline:
        counting = Counting(pipeline.adapters.toolbox.tools)
        pipeline.adapters = replace(pipeline.adapters, toolbox=replace(pipeline.adapters.toolbox, tools=counting))
        pipeline.run(path)
    return counting.resolved


def test_fixes_that_stand_alone_take_no_run_of_a_package_manager_more(site: Fleet) -> None:
    site.index.add("helper", "1.0")
    site.index.needs |= {("beta", "1.5"): ["helper"], ("omega", "1.5"): ["helper"]}
    alone = [resolved(site, f"group/{name}", f"{name}==1.0\n") for name in ("beta", "omega")]
    assert resolved(site, PATH, "beta==1.0\nomega==1.0\n") == sum(alone) > 0


def test_a_fix_that_has_the_other_in_it_takes_none_more_either(site: Fleet) -> None:
    site.index.needs["alpha", "2.0"] = ["beta>=2"]
    advise(site, "alpha")
    alone = resolved(site, "group/alpha", "alpha==1.0\nbeta==1.0\n")
    advise(site, "beta")
    alone += resolved(site, "group/beta", "alpha==1.0\nbeta==1.0\n")
    advise(site, "alpha", "beta")
    assert resolved(site, PATH, "alpha==1.0\nbeta==1.0\n") == alone
    assert titles(site) == {TOGETHER}
