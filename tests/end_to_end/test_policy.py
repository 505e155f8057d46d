"""What a project's own policy, and its group's, changes in what the bot does: one story each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from state.model import RemediationState
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import inside
from tests.end_to_end.world import BOT, DEVELOPER, Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
FILE = ".remediation.yml"
VULNERABLE = "PyPI:acme:CVE-2026-1"


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """A package with a fix, and two that are only outdated."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("beta", "1.0", "1.1")
    fleet.index.add("zeta", "1.0", "2.0")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    return fleet


def project(site: Fleet, policy: str, path: str = PATH, pins: str = "acme==1.0\nbeta==1.0\nzeta==1.0\n") -> None:
    site.project(path, {MANIFEST: pins, FILE: policy})


def outcomes(site: Fleet, *argv: str) -> dict[str, str]:
    """What became of each change set of the project."""
    (made,) = site.run(PATH, *argv)["projects"]
    return {r["key"]: r["outcome"] for r in made["remediations"]}


def test_a_wrong_file_stops_its_project_only_and_one_issue_says_why_until_it_is_mended(site: Fleet) -> None:
    project(site, "labels: [ours]\nissues: sometimes\n")
    project(site, "", "group/other")
    ended = site.bot("run", "--all", "--json")
    assert ended.status == 1
    wrong, right = sorted(ended.report["projects"], key=lambda p: str(p["path"]))
    assert (wrong["status"], right["status"]) == ("failed", "ok")
    assert wrong["reason"].startswith(".remediation.yml: line 2: issues: Input should be 'always'")
    site.bot("run", "--all")
    (issue,) = site.issues(PATH)
    assert issue["title"] == ".remediation.yml cannot be followed"
    assert "| 2 | issues: Input should be" in issue["description"]
    assert site.merge_requests(PATH) == []

    site.commit(PATH, "main", FILE, "issues: never\n")
    site.run(PATH)
    assert [i["state"] for i in site.issues(PATH)] == ["closed"]
    assert "can be followed: the bot works on this project again" in site.notes(PATH, "issues", 1)[0]
    assert len(site.merge_requests(PATH)) == 3
    site.commit(PATH, "main", FILE, "issues: {}\n")
    site.bot("run", PATH)
    assert [i["state"] for i in site.issues(PATH)] == ["opened"]


def test_who_closes_the_issue_about_the_file_has_read_it(site: Fleet) -> None:
    project(site, "issues: sometimes\n")
    site.bot("run", PATH)
    site.api.put("/projects/group%2Fapp/issues/1", state_event="close")
    site.sandbox.requests.clear()
    site.bot("run", PATH)
    assert ([i["state"] for i in site.issues(PATH)], site.writes()) == (["closed"], [])
    site.commit(PATH, "main", FILE, "issue: never\n")
    site.bot("run", PATH)
    assert [i["state"] for i in site.issues(PATH)] == ["opened"]


def test_an_exception_is_on_record_and_takes_the_merge_request_back(site: Fleet) -> None:
    project(site, "updates: {minor: false, major: false}\n")
    assert outcomes(site) == {"vulnerable/PyPI/acme": "opened"}
    text = "ignore: [{advisory: cve-2026-1, until: 2999-12-31, why: not reachable}]\n"
    site.commit(PATH, "main", FILE, text + "updates: {minor: false, major: false}\n")
    (made,) = site.run(PATH)["projects"]
    words = "accepted by the policy until 2999-12-31: not reachable"
    (no,) = (no for no in made["rejected"] if no["finding"] == VULNERABLE)
    assert (no["reason"], no["reason_kind"], no["until"]) == (words, "held_by_policy", "3000-01-01T00:00:00Z")
    assert site.states(PATH)[VULNERABLE] == "accepted"
    assert [m["state"] for m in site.merge_requests(PATH)] == ["closed"]
    assert [i["state"] for i in site.issues(PATH)] == ["closed"]
    assert words.capitalize() in site.notes(PATH, "merge_requests", 1)[-1]

    site.commit(PATH, "main", FILE, "updates: {minor: false, major: false}\n")
    assert outcomes(site) == {"vulnerable/PyPI/acme": "opened"}
    assert site.states(PATH)[VULNERABLE] == "in_review"


def test_an_exception_ends_on_its_day(site: Fleet) -> None:
    project(site, "ignore: [{package: acme, until: 2020-01-01, why: over}]\n", pins="acme==1.0\n")
    assert outcomes(site) == {"vulnerable/PyPI/acme": "opened"}


def test_an_exception_ends_when_attacks_become_known(site: Fleet) -> None:
    project(site, "ignore: [{package: acme, why: not reachable}]\n", pins="acme==1.0\n")
    known = site.folder / "known.json"
    known.write_text('{"vulnerabilities": []}')
    site.environ["BOT_ADVISORIES"] = json.dumps(
        json.loads(site.environ["BOT_ADVISORIES"]) | {"known_exploited": str(known), "fresh_for_minutes": 0}
    )
    assert (outcomes(site), site.states(PATH)[VULNERABLE]) == ({}, "accepted")
    known.write_text('{"vulnerabilities": [{"cveID": "CVE-2026-1"}]}')
    (made,) = site.run(PATH)["projects"]
    assert [r["outcome"] for r in made["remediations"]] == ["opened"]
    said = "CVE-2026-1 in acme: its exception (not reachable) does not hold, as it is known to be exploited"
    assert said in [each["reason"] for each in made["not_handled"]]
    assert site.states(PATH)[VULNERABLE] == "in_review"


def scored(vector: str) -> dict[str, object]:
    return {**record("CVE-2026-1", "acme", "1.5"), "severity": [{"type": "CVSS_V3", "score": vector}]}


MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N"
CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def test_an_exception_ends_when_what_it_accepted_is_rated_worse(site: Fleet) -> None:
    site.environ["BOT_ADVISORIES"] = json.dumps(json.loads(site.environ["BOT_ADVISORIES"]) | {"fresh_for_minutes": 0})
    site.advise(scored(MEDIUM))
    project(site, "ignore: [{package: acme, why: not reachable}]\n", pins="acme==1.0\n")
    assert (outcomes(site), site.states(PATH)[VULNERABLE]) == ({}, "accepted")
    site.advise(scored(CRITICAL))
    (made,) = site.run(PATH)["projects"]
    assert [r["outcome"] for r in made["remediations"]] == ["opened"]
    (said,) = (each["reason"] for each in made["not_handled"])
    assert "as its severity is critical now and was medium when it was accepted" in said
    assert site.states(PATH)[VULNERABLE] == "in_review"
    assert site.run(PATH)["projects"][0]["not_handled"][0]["reason"] == said

    site.commit(PATH, "main", FILE, "ignore: [{package: acme, why: still not reachable}]\n")
    site.run(PATH)
    assert site.states(PATH)[VULNERABLE] == "accepted"


def test_what_a_group_says_holds_unless_a_project_says_otherwise(site: Fleet) -> None:
    site.environ["BOT_POLICY_PROJECTS"] = json.dumps({"group": "group/settings"})
    site.project("group/settings", {FILE: "labels: [group]\nupdates: {major: false}\nissues: never\n"})
    project(site, "updates: {major: true}\n")
    project(site, "", "group/other")
    project(site, "", "elsewhere/app")
    site.run("--all")
    titles = {path: {m["title"] for m in site.merge_requests(path)} for path in (PATH, "group/other", "elsewhere/app")}
    major = "Update zeta to 2.0 (major)"
    assert {path: major in found for path, found in titles.items()} == {
        PATH: True,
        "group/other": False,
        "elsewhere/app": True,
    }
    assert all("group" in m["labels"] for m in site.merge_requests("group/other"))
    assert (site.issues("group/other"), len(site.issues("elsewhere/app"))) == ([], 3)


def test_a_group_whose_policy_cannot_be_followed_is_named_with_the_line(site: Fleet) -> None:
    site.environ["BOT_POLICY_PROJECTS"] = json.dumps({"group": "group/settings"})
    site.project("group/settings", {FILE: "allowed:\n  acme: '<5 or'\n"})
    project(site, "")
    ended = site.bot("run", PATH, "--json")
    (made,) = ended.report["projects"]
    assert made["reason"].startswith(
        f"{FILE} of group/settings: line 2: allowed.acme: '<5 or' is no range that PyPI or"
    )


def test_a_group_whose_policy_cannot_be_had_stops_its_projects_only(site: Fleet) -> None:
    site.environ["BOT_POLICY_PROJECTS"] = json.dumps({"group": "group/nowhere"})
    project(site, "")
    project(site, "", "elsewhere/app")
    report = site.bot("run", "--all", "--json").report
    assert {p["path"]: p["status"] for p in report["projects"]} == {PATH: "failed", "elsewhere/app": "ok"}


def test_an_unchanged_project_with_a_policy_is_neither_cloned_nor_asked_for(site: Fleet) -> None:
    project(site, "labels: [ours]\n")
    site.run("--all")
    site.run("--all")
    site.sandbox.requests.clear()
    site.run("--all")
    asked = sorted(r.path.rsplit("/", 1)[-1] for r in site.sandbox.requests)
    assert asked == ["graphql", "issues", "merge_requests"]


def test_outside_of_the_schedule_only_fixes_are_made(site: Fleet) -> None:
    project(site, "schedule: {days: mon, hours: 00:00-00:01, timezone: UTC}\n")
    assert {key: did for key, did in outcomes(site).items() if did != "waiting"} == {"vulnerable/PyPI/acme": "opened"}
    assert len(site.merge_requests(PATH)) == 1


def test_the_limit_of_a_day_is_for_routine_updates_and_ends_with_it(site: Fleet) -> None:
    project(site, "merge_requests_per_day: 1\n")
    made = outcomes(site)
    assert sorted(made.values()) == ["opened", "opened", "waiting"]
    assert made["vulnerable/PyPI/acme"] == "opened"
    assert sorted(outcomes(site).values()) == ["unchanged", "unchanged", "waiting"]
    with inside(site) as pipeline:
        pipeline.sweep(later=timedelta(days=1, minutes=1))
    assert len(site.merge_requests(PATH)) == 3


def test_a_group_of_packages_is_one_merge_request(site: Fleet) -> None:
    site.index.add("alpha", "1.0", "1.1")
    pins = {"a/requirements.txt": "alpha==1.0\n", "b/requirements.txt": "beta==1.0\n"}
    site.project(PATH, {**pins, FILE: 'groups: {greek: ["*a"]}\n'})
    (made,) = site.run(PATH)["projects"]
    ((key, changes),) = [(r["key"], r["changes"]) for r in made["remediations"]]
    assert (key, [c["manifest"] for c in changes]) == ("group/greek", ["a/requirements.txt", "b/requirements.txt"])
    assert site.file(PATH, "b/requirements.txt", "remediation/group/greek") == "beta==1.1\n"


def test_reviewers_are_asked_and_one_that_does_not_exist_stops_nothing(site: Fleet) -> None:
    site.sandbox.add_user("alice")
    files = {MANIFEST: "acme==1.0\n", FILE: "reviewers: [nobody-here, alice]\n"}
    site.sandbox.add_project(PATH, files, members={BOT: DEVELOPER, "alice": DEVELOPER})
    ended = site.bot("run", PATH)
    assert "the policy's reviewer nobody-here is no user of this GitLab" in ended.err
    (merge_request,) = site.merge_requests(PATH)
    assert [user["username"] for user in merge_request["reviewers"]] == ["alice"]


@pytest.mark.parametrize(("mode", "count"), [("always", 3), ("vulnerable", 1), ("never", 0)])
def test_which_change_sets_have_an_issue(site: Fleet, mode: str, count: int) -> None:
    project(site, f"issues: {mode}\n")
    site.run(PATH)
    assert (len(site.issues(PATH)), len(site.merge_requests(PATH))) == (count, 3)


def test_another_target_branch_is_scanned_and_fixed(site: Fleet) -> None:
    project(site, "target_branch: develop\n", pins="acme==1.5\n")
    site.api.post("/projects/group%2Fapp/repository/branches", branch="develop", ref="main")
    site.commit(PATH, "develop", MANIFEST, "acme==1.0\n")
    assert outcomes(site) == {"vulnerable/PyPI/acme": "opened"}
    (merge_request,) = site.merge_requests(PATH)
    assert merge_request["target_branch"] == "develop"
    assert outcomes(site) == {"vulnerable/PyPI/acme": "unchanged"}
    site.merge(PATH, merge_request["iid"])
    assert outcomes(site) == {"vulnerable/PyPI/acme": "confirmed"}


def test_a_target_branch_that_is_not_there_is_said(site: Fleet) -> None:
    project(site, "target_branch: develop\n")
    (made,) = site.bot("run", PATH, "--json").report["projects"]
    assert made["reason"].startswith("target_branch of the policy: there is no branch develop")


def test_a_critical_fix_within_its_cooldown_asks_for_approval(site: Fleet) -> None:
    critical = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}
    site.advise(record("CVE-2026-1", "acme", "1.5") | critical)
    site.index.add("acme", "1.5", uploaded="2026-11-20T00:00:00Z")
    project(site, "cooldown_days: 100000\n", pins="acme==1.0\n")
    site.run(PATH)
    (merge_request,) = site.merge_requests(PATH)
    assert "needs-approval" in merge_request["labels"]
    assert "**Please approve**: 1.5 is " in merge_request["description"]


def test_a_folder_has_its_policy_as_well(site: Fleet) -> None:
    (site.folder / MANIFEST).write_text("acme==1.0\n")
    (site.folder / FILE).write_text("ignore: [{package: acme, why: ours}]\n")
    found = site.bot("scan", "--json").report["findings"]
    assert {(f["target"], f["reason"]) for f in found} == {(None, "accepted by the policy: ours")}
    (site.folder / FILE).write_text("ignored: []\n")
    ended = site.bot("scan")
    assert ended.status == 1
    assert ".remediation.yml: line 1: ignored: there is no such setting; did you mean ignore?" in ended.err


def test_what_is_known_to_be_exploited_is_fixed_first_and_need_not_wait(site: Fleet) -> None:
    (site.folder / "known.json").write_text('{"vulnerabilities": [{"cveID": "CVE-2026-2"}]}')
    site.environ["BOT_ADVISORIES__KNOWN_EXPLOITED"] = str(site.folder / "known.json")
    site.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "zeta", "2.0"))
    site.index.add("zeta", "2.0", uploaded="2026-11-20T00:00:00Z")
    project(site, "cooldown_days: 100000\n", pins="acme==1.0\nzeta==1.0\n")
    (made,) = site.run(PATH)["projects"]
    assert [(r["key"], r["outcome"]) for r in made["remediations"]] == [
        ("vulnerable/PyPI/zeta", "opened"),
        ("vulnerable/PyPI/acme", "blocked"),
    ]
    assert [(no["finding"], no["reason_kind"]) for no in made["rejected"]] == [(VULNERABLE, "cooldown")]
    assert ["needs-approval" in m["labels"] for m in site.merge_requests(PATH)] == [True]


def test_what_failed_while_its_merge_request_is_open_takes_its_place(site: Fleet) -> None:
    policy = "open_merge_requests: 1\nupdates: {patch: false}\n"
    project(site, policy, pins="beta==1.0\n")
    site.run(PATH)
    with inside(site) as pipeline:
        found = pipeline.adapters.forge.project(PATH)
        (known,) = pipeline.adapters.store.remediations(found.id)
        later = known.updated_at + timedelta(days=1)
        resting = replace(known, state=RemediationState.FAILED, reason="git failed", retry_at=later)
        pipeline.adapters.store.save_remediation(found.id, resting)
    site.index.add("beta", "2.0")
    report = site.bot("run", "--all", "--json").report
    (made,) = report["projects"]
    assert {r["key"]: r["outcome"] for r in made["remediations"]}["major/PyPI/beta"] == "waiting"
    assert len(site.merge_requests(PATH)) == 1
