"""From a token to a merge request, and on until the fix is confirmed: one story each."""

from __future__ import annotations

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
BRANCH = "remediation/vulnerable/PyPI/acme"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """One project with one vulnerable package, whose fix exists."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "# ours\nacme==1.0  # pinned\n"})
    return fleet


def test_a_vulnerable_package_gets_a_proven_merge_request_with_its_issue(app: Fleet) -> None:
    (project,) = app.run(PATH)["projects"]
    (made,) = project["remediations"]
    assert (made["outcome"], made["branch"]) == ("opened", BRANCH)
    assert [a["advisory"] for a in made["proof"]["fixed"]] == ["CVE-2026-1"]

    (issue,) = app.issues(PATH)
    (merge_request,) = app.merge_requests(PATH)
    assert merge_request["title"] == "Update acme to 1.5 against CVE-2026-1"
    assert f"Closes #{issue['iid']}" in merge_request["description"]
    assert {"remediation-bot", "security"} <= set(merge_request["labels"]) & set(issue["labels"])
    assert (made["issue"], made["merge_request"]) == (issue["web_url"], merge_request["web_url"])
    assert app.file(PATH, MANIFEST, BRANCH) == "# ours\nacme==1.5  # pinned\n"


def test_a_second_run_with_nothing_new_writes_nothing_and_says_so(app: Fleet) -> None:
    app.run(PATH)
    app.sandbox.requests.clear()
    ended = app.bot("run", PATH)
    assert app.writes() == []
    assert "nothing to change: no write call to GitLab" in ended.out


def test_a_sweep_over_an_unchanged_fleet_is_three_requests_and_no_clone(app: Fleet) -> None:
    app.project("group/other", {"README.md": "nothing to see\n"})
    app.run("--all")
    app.run("--all")
    app.sandbox.requests.clear()
    app.run("--all")
    asked = sorted(r.path.rsplit("/", 1)[-1] for r in app.sandbox.requests)
    assert asked == ["graphql", "issues", "merge_requests"]


def test_a_merged_fix_is_confirmed_by_a_scan_of_the_default_branch(app: Fleet) -> None:
    app.run(PATH)
    app.merge(PATH, 1)
    (project,) = app.run(PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["confirmed"]
    assert [i["state"] for i in app.issues(PATH)] == ["closed"]
    status = app.bot("status", PATH, "--json").report
    assert {f["state"] for f in status["findings"]} == {"resolved"}
    assert [r["state"] for r in status["remediations"]] == ["confirmed"]


def test_a_closed_merge_request_is_a_no_to_these_versions_only(app: Fleet) -> None:
    app.run(PATH)
    app.api.put("/projects/group%2Fapp/merge_requests/1", state_event="close")
    (project,) = app.run(PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["refused"]
    app.advise(record("CVE-2026-1", "acme", "1.6"))
    app.index.add("acme", "1.6")
    app.run(PATH)
    assert [(m["state"], m["title"]) for m in app.merge_requests(PATH)] == [
        ("closed", "Update acme to 1.5 against CVE-2026-1"),
        ("opened", "Update acme to 1.6 against CVE-2026-1"),
    ]


def test_an_issue_closed_by_hand_is_reopened_once_with_the_reason_and_then_left(app: Fleet) -> None:
    app.run(PATH)
    app.api.put("/projects/group%2Fapp/issues/1", state_event="close")
    app.run(PATH)
    (issue,) = app.issues(PATH)
    (said,) = app.notes(PATH, "issues", 1)
    assert issue["state"] == "opened"
    assert "still finds CVE-2026-1" in said
    app.api.put("/projects/group%2Fapp/issues/1", state_event="close")
    app.run(PATH)
    app.run(PATH)
    assert [i["state"] for i in app.issues(PATH)] == ["closed"]
    assert len(app.notes(PATH, "issues", 1)) == 1


def test_a_newer_fix_updates_the_same_merge_request(app: Fleet) -> None:
    app.run(PATH)
    app.advise(record("CVE-2026-1", "acme", "1.6"))
    app.index.add("acme", "1.6")
    (project,) = app.run(PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["updated"]
    assert [m["title"] for m in app.merge_requests(PATH)] == ["Update acme to 1.6 against CVE-2026-1"]
    assert "acme==1.6" in app.file(PATH, MANIFEST, BRANCH)


def test_someone_elses_commit_on_the_branch_is_left_alone(app: Fleet) -> None:
    app.run(PATH)
    app.commit(PATH, BRANCH, MANIFEST, "acme==1.5\nmine==1.0\n")
    app.index.add("mine", "1.0")
    app.advise(record("CVE-2026-1", "acme", "1.6"))
    app.index.add("acme", "1.6")
    app.run(PATH)
    app.run(PATH)
    assert app.file(PATH, MANIFEST, BRANCH) == "acme==1.5\nmine==1.0\n"
    assert len(app.notes(PATH, "merge_requests", 1)) == 1


def test_a_fix_is_made_anew_when_its_file_changed_and_left_when_another_did(app: Fleet) -> None:
    app.project(PATH + "2", {MANIFEST: "acme==1.0\n", "README.md": "one\n"})
    app.run(PATH + "2")
    before = app.merge_requests(PATH + "2")[0]["sha"]
    app.commit(PATH + "2", "main", "README.md", "two\n")
    app.run(PATH + "2")
    assert app.merge_requests(PATH + "2")[0]["sha"] == before
    app.commit(PATH + "2", "main", MANIFEST, "# new\nacme==1.0\n")
    app.run(PATH + "2")
    assert app.merge_requests(PATH + "2")[0]["sha"] != before
    assert app.file(PATH + "2", MANIFEST, BRANCH) == "# new\nacme==1.5\n"


def test_a_fix_that_is_not_needed_any_more_is_taken_back(app: Fleet) -> None:
    app.run(PATH)
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")
    (project,) = app.run(PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["closed"]
    assert [m["state"] for m in app.merge_requests(PATH)] == ["closed"]
    assert [i["state"] for i in app.issues(PATH)] == ["closed"]


def test_a_package_without_a_fix_has_an_issue_that_says_why_and_gets_the_fix_later(app: Fleet) -> None:
    app.advise(record("CVE-2026-1", "acme", None))
    (project,) = app.run(PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["blocked"]
    (issue,) = app.issues(PATH)
    assert "no fixed version" in issue["description"]
    assert app.merge_requests(PATH) == []
    app.sandbox.requests.clear()
    app.run(PATH)
    assert app.writes() == []
    app.advise(record("CVE-2026-1", "acme", "1.5"))
    app.run(PATH)
    assert [i["iid"] for i in app.issues(PATH)] == [issue["iid"]]
    assert "no fixed version" not in app.issues(PATH)[0]["description"]
    assert len(app.merge_requests(PATH)) == 1


def test_routine_updates_are_grouped_and_a_major_stands_alone(app: Fleet) -> None:
    app.index.add("beta", "1.0", "1.1")
    app.index.add("zeta", "1.0", "1.2", "2.0")
    app.project("group/routine", {MANIFEST: "beta==1.0\nzeta==1.0\n"})
    app.run("group/routine")
    assert [m["title"] for m in app.merge_requests("group/routine")] == [
        "Update 2 dependencies in requirements.txt",
        "Update zeta to 2.0 (major)",
    ]


def test_a_lost_database_duplicates_nothing(app: Fleet) -> None:
    app.run(PATH)
    before = (app.issues(PATH), app.merge_requests(PATH))
    for file in app.folder.glob("bot.db*"):
        file.unlink()
    again = app.run(PATH)
    assert [r["outcome"] for r in again["projects"][0]["remediations"]] == ["unchanged"]
    assert (again["calls"]["writes"], again["calls"]["pushes"]) == (0, 0)
    after = (app.issues(PATH), app.merge_requests(PATH))
    assert [len(kind) for kind in after] == [1, 1]
    assert [m["sha"] for m in after[1]] == [m["sha"] for m in before[1]]


def test_a_dry_run_writes_nothing_anywhere(app: Fleet) -> None:
    (project,) = app.run("--dry-run", PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["would open"]
    assert app.writes() == []
    assert app.bot("status", "--json").report == []


def test_a_dry_run_knows_what_stands_already(app: Fleet) -> None:
    app.run(PATH)
    app.sandbox.requests.clear()
    (project,) = app.run("--dry-run", PATH)["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["unchanged"]
    assert app.writes() == []


def test_without_advisory_data_nothing_is_clean_and_nothing_is_closed(app: Fleet) -> None:
    app.run(PATH)
    (app.folder / "advisories" / "PyPI.zip").unlink()
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")
    ended = app.bot("run", PATH, "--json")
    assert ended.status == 1
    assert [m["state"] for m in app.merge_requests(PATH)] == ["opened"]
