"""One vulnerable package in several places of a project, of which not every one can have the fix."""

from __future__ import annotations

from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet

PATH = "group/app"
FIX = "vulnerable/PyPI/acme"


def test_what_a_partial_fix_leaves_is_named_by_place_and_gets_its_reason_after_the_merge(fleet: Fleet) -> None:
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.2", "1.5")
    fleet.index.add("beta", "1.0")
    fleet.index.needs["beta", "1.0"] = ["acme<1.5"]
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    pins = {"a/requirements.txt": "acme==1.0\n", "b/requirements.txt": "acme==1.2\nbeta==1.0\n"}
    fleet.project(PATH, pins)
    fleet.run(PATH)
    (merge_request,) = fleet.merge_requests(PATH)
    left = "`acme` `1.2` in `b/requirements.txt` as it is"
    assert merge_request["description"].startswith(f"**Partial fix**: it leaves {left}.\n")
    assert "Related to #1" in merge_request["description"]
    assert f"This leaves {left}. " in fleet.issues(PATH)[0]["description"]
    fleet.sandbox.requests.clear()
    fleet.run(PATH)
    assert fleet.writes() == []

    fleet.merge(PATH, 1)
    fleet.run(PATH)
    (issue,) = fleet.issues(PATH)
    assert issue["state"] == "opened"
    assert "b/requirements.txt cannot be installed with acme 1.5" in issue["description"]
    assert "a/requirements.txt" not in issue["description"]
    assert "partial-fix" not in issue["labels"]
    assert fleet.states(PATH)[FIX] == "blocked"
