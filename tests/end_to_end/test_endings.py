"""How a remediation ends, whatever people do to its merge request, its issue and the default branch meanwhile."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet, quote

PATH = "group/app"
WHERE = f"/projects/{quote(PATH)}"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/acme"
BRANCH = f"remediation/{FIX}"
FLAW = "PyPI:acme:CVE-2026-1"
ENDED = {FIX: "superseded", FLAW: "resolved"}
CONFIRMED = {FIX: "confirmed", FLAW: "resolved"}


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A vulnerable package, not looked at yet."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n"})
    return fleet


def mend(app: Fleet) -> None:
    """What the fix does, by hand."""
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")


def spoil(app: Fleet) -> None:
    """Back to the vulnerable version."""
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n")


def issues(app: Fleet) -> list[str]:
    return [issue["state"] for issue in app.issues(PATH)]


def merge_requests(app: Fleet) -> list[str]:
    return [merge_request["state"] for merge_request in app.merge_requests(PATH)]


def test_one_that_never_got_its_merge_request_ends_with_its_finding(app: Fleet) -> None:
    app.sandbox.faults.add(Fault(method="POST", path="*/merge_requests", status=403))
    assert app.bot("run", PATH).status == 1
    assert issues(app) == ["opened"]
    mend(app)
    app.run(PATH)
    assert issues(app) == ["closed"]
    assert app.states(PATH) == ENDED


def test_a_branch_that_someone_had_rebased_is_still_the_bot_s(app: Fleet) -> None:
    app.run(PATH)
    actions = [{"action": "create", "file_path": "README.md", "content": "moved on"}]
    app.api.post(f"{WHERE}/repository/commits", branch="main", commit_message="Move on", actions=actions)
    # The administrator clicks: GitLab makes them the committer.
    app.api.put(f"{WHERE}/merge_requests/1/rebase", 202)
    while app.api.get(f"{WHERE}/merge_requests/1", include_rebase_in_progress="true")["rebase_in_progress"]:
        pass
    assert app.api.get(f"{WHERE}/repository/commits/{quote(BRANCH)}")["committer_name"] != "Remediation Bot"
    app.index.add("acme", "1.6")
    app.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "acme", "1.6"))
    app.run(PATH)
    assert app.file(PATH, MANIFEST, BRANCH) == "acme==1.6\n"
    assert app.notes(PATH, "merge_requests", 1) == []


def test_a_branch_that_gitlab_rebased_is_closed_with_its_finding(app: Fleet) -> None:
    app.run(PATH)
    actions = [{"action": "create", "file_path": "README.md", "content": "moved on"}]
    app.api.post(f"{WHERE}/repository/commits", branch="main", commit_message="Move on", actions=actions)
    app.api.put(f"{WHERE}/merge_requests/1/rebase", 202)
    while app.api.get(f"{WHERE}/merge_requests/1", include_rebase_in_progress="true")["rebase_in_progress"]:
        pass
    mend(app)
    app.run(PATH)
    assert merge_requests(app) == ["closed"]
    assert "stays open" not in app.notes(PATH, "merge_requests", 1)[-1]


def test_a_merge_request_that_was_made_but_not_noted_is_closed_all_the_same(app: Fleet) -> None:
    app.sandbox.faults.add(Fault(method="POST", path="*/merge_requests", cut="after"))
    app.sandbox.faults.add(Fault(method="GET", path="*/projects/*/merge_requests", after=2, count=None, status=403))
    assert app.bot("run", PATH).status == 1
    app.sandbox.faults.clear()
    assert merge_requests(app) == ["opened"]
    mend(app)
    app.run(PATH)
    assert merge_requests(app) == ["closed"]


def test_what_the_bot_took_back_itself_is_offered_again(app: Fleet) -> None:
    app.run(PATH)
    mend(app)
    app.run(PATH)
    spoil(app)
    app.run(PATH)
    assert merge_requests(app) == ["closed", "opened"]
    assert issues(app) == ["opened"]
    assert "finds CVE-2026-1 in `acme`, so this issue is open again" in app.notes(PATH, "issues", 1)[-1]
    assert app.states(PATH) == {FIX: "mr_open", FLAW: "in_review"}


def test_a_merge_between_two_looks_is_a_merge_even_when_nobody_tells_of_it(app: Fleet) -> None:
    app.run(PATH)
    app.merge(PATH, 1)
    # As for a token whose user did not open the merge request.
    app.sandbox.faults.add(Fault(method="GET", path="*/projects/*/merge_requests", status=200, body=[]))
    app.run(PATH)
    assert app.states(PATH) == CONFIRMED


def test_a_merge_after_the_remake_failed_is_a_merge(app: Fleet) -> None:
    lines = "acme==1.0\n\n\n\n\n"
    app.commit(PATH, "main", MANIFEST, lines)
    app.run(PATH)
    app.api.post(f"{WHERE}/protected_branches", name=BRANCH, push_access_level=0)
    app.commit(PATH, "main", MANIFEST, f"{lines}# moved\n")
    assert app.bot("run", PATH).status == 1
    assert app.states(PATH)[FIX] == "failed"
    app.merge(PATH, 1)
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")
    app.run(PATH)
    assert app.states(PATH) == CONFIRMED


def test_a_regression_gets_its_issue_back_although_it_was_reopened_once_before(app: Fleet) -> None:
    app.run(PATH)
    app.api.put(f"{WHERE}/issues/1", state_event="close")
    app.run(PATH)
    app.merge(PATH, 1)
    app.run(PATH)
    assert issues(app) == ["closed"]
    spoil(app)
    app.run(PATH)
    assert issues(app) == ["opened"]
    assert app.states(PATH) == {FIX: "mr_open", FLAW: "in_review"}


def test_others_commits_on_the_branch_keep_the_merge_request_open(app: Fleet) -> None:
    app.run(PATH)
    app.commit(PATH, BRANCH, MANIFEST, "acme==1.5  # and more\n")
    mend(app)
    app.run(PATH)
    assert merge_requests(app) == ["opened"]
    assert "stays open" in app.notes(PATH, "merge_requests", 1)[-1]
    assert issues(app) == ["closed"]
    assert app.states(PATH) == ENDED


def test_a_branch_that_someone_took_over_and_deleted_is_made_anew(app: Fleet) -> None:
    app.run(PATH)
    app.commit(PATH, BRANCH, MANIFEST, "acme==1.5  # and more\n")
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n# moved\n")
    app.run(PATH)
    assert "close this merge request and delete the branch" in app.notes(PATH, "merge_requests", 1)[-1]
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.run(PATH)
    assert app.states(PATH) == {FIX: "blocked", FLAW: "open"}
    app.api.delete(f"{WHERE}/repository/branches/{quote(BRANCH)}")
    app.commit(PATH, "main", MANIFEST, "acme==1.0\n# moved on\n")
    app.run(PATH)
    assert merge_requests(app) == ["closed", "opened"]
    assert app.file(PATH, MANIFEST, BRANCH) == "acme==1.5\n# moved on\n"


def test_a_no_holds_although_a_newer_offer_was_refused_and_withdrawn_since(app: Fleet) -> None:
    def refuse_and_look(iid: int) -> None:
        app.api.put(f"{WHERE}/merge_requests/{iid}", state_event="close")
        app.run(PATH)

    app.run(PATH)
    refuse_and_look(1)
    app.index.add("acme", "1.6")
    app.advise(record("CVE-2026-1", "acme", "1.6"))
    app.run(PATH)
    refuse_and_look(2)
    app.advise(record("CVE-2026-1", "acme", "1.5"))
    app.run(PATH)
    assert merge_requests(app) == ["closed", "closed"]
    assert app.states(PATH) == {FIX: "rejected", FLAW: "open"}


def test_a_refused_fix_of_a_regression_stays_refused_and_its_issue_is_open(app: Fleet) -> None:
    app.run(PATH)
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.run(PATH)
    mend(app)
    app.run(PATH)
    assert (issues(app), app.states(PATH)) == (["closed"], ENDED)
    spoil(app)
    app.run(PATH)
    assert merge_requests(app) == ["closed"]
    assert issues(app) == ["opened"]
    assert app.states(PATH) == {FIX: "rejected", FLAW: "open"}


def test_a_refused_fix_closes_its_issue_in_the_end_although_the_database_was_lost(app: Fleet) -> None:
    app.run(PATH)
    app.api.put(f"{WHERE}/merge_requests/1", state_event="close")
    app.run(PATH)
    for file in app.folder.glob("bot.db*"):
        file.unlink()
    app.run(PATH)
    assert merge_requests(app) == ["closed"]
    mend(app)
    app.run(PATH)
    assert issues(app) == ["closed"]


def test_issues_that_were_switched_off_do_not_stand_in_the_way(app: Fleet) -> None:
    app.run(PATH)
    app.api.put(WHERE, issues_enabled=False)
    mend(app)
    app.run(PATH)
    assert merge_requests(app) == ["closed"]
    assert app.states(PATH) == ENDED


def test_the_default_branch_by_its_new_name_is_where_the_fix_goes(app: Fleet) -> None:
    app.run(PATH)
    app.api.post(f"{WHERE}/repository/branches", branch="trunk", ref="main")
    app.api.put(WHERE, default_branch="trunk")
    app.api.delete(f"{WHERE}/repository/branches/main")
    app.run(PATH)
    assert [(m["state"], m["target_branch"]) for m in app.merge_requests(PATH)] == [("opened", "trunk")]
    assert "`trunk`" in app.issues(PATH)[0]["description"]
