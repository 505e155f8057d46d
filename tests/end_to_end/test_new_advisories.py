"""Advisories change while a fix is in review."""

from __future__ import annotations

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/acme"
GHSA = "GHSA-aaaa-bbbb-cccc"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A package in review, whose advisory has no CVE yet."""
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record(GHSA, "acme", "1.5"))
    fleet.project(PATH, {MANIFEST: "acme==1.0\n"})
    fleet.run(PATH)
    return fleet


def test_another_one_that_the_same_change_fixes_is_told(app: Fleet) -> None:
    app.advise(record(GHSA, "acme", "1.5"), record("CVE-2026-2", "acme", "1.5"))
    app.run(PATH)
    assert [m["title"] for m in app.merge_requests(PATH)] == ["Update acme to 1.5 against 2 vulnerabilities"]
    assert "CVE-2026-2" in app.issues(PATH)[0]["description"]
    assert set(app.states(PATH).values()) == {"mr_open", "in_review"}


def test_one_that_gets_its_cve_is_the_same_finding_in_the_same_merge_request(app: Fleet) -> None:
    (before,) = app.bot("status", PATH, "--json").report["findings"]
    app.advise({**record(GHSA, "acme", "1.5"), "aliases": ["CVE-2026-9"]})
    app.run(PATH)
    assert [(m["state"], m["title"]) for m in app.merge_requests(PATH)] == [
        ("opened", "Update acme to 1.5 against CVE-2026-9")
    ]
    assert [i["state"] for i in app.issues(PATH)] == ["opened"]
    known = {f["cluster"]: f for f in app.bot("status", PATH, "--json").report["findings"]}
    assert {cluster: f["state"] for cluster, f in known.items()} == {"CVE-2026-9": "in_review", GHSA: "withdrawn"}
    assert known["CVE-2026-9"]["first_seen"] == before["first_seen"]
    assert known[GHSA]["reason"] == "goes by CVE-2026-9 now"


def test_one_that_is_withdrawn_takes_the_merge_request_back(app: Fleet) -> None:
    app.advise({**record(GHSA, "acme", "1.5"), "withdrawn": "2026-02-01T00:00:00Z"})
    app.run(PATH)
    assert [m["state"] for m in app.merge_requests(PATH)] == ["closed"]
    assert app.states(PATH) == {FIX: "superseded", f"PyPI:acme:{GHSA}": "withdrawn"}


def test_one_that_hits_the_fix_itself_takes_the_merge_request_back_and_the_issue_says_why(app: Fleet) -> None:
    app.advise(record(GHSA, "acme", "1.5"), record("MAL-2026-1", "acme", None, introduced="1.5"))
    app.run(PATH)
    assert [m["state"] for m in app.merge_requests(PATH)] == ["closed"]
    assert "is not offered any more: no fixed version" in app.notes(PATH, "merge_requests", 1)[-1]
    (issue,) = app.issues(PATH)
    assert (issue["state"], "no fixed version" in issue["description"]) == ("opened", True)
    assert set(app.states(PATH).values()) == {"blocked", "open"}
    # It was no refusal: a better fix is offered, and so is the same one once it is good again.
    app.advise(record(GHSA, "acme", "1.5"))
    app.run(PATH)
    assert [m["state"] for m in app.merge_requests(PATH)] == ["closed", "opened"]


def test_one_that_hits_what_an_update_offers_takes_that_update_back_and_leaves_the_other(app: Fleet) -> None:
    del app.environ["BOT_POLICY__UPDATES"]
    app.index.add("zeta", "1.0", "1.2", "2.0")
    app.project("group/two", {MANIFEST: "zeta==1.0\n"})
    app.run("group/two")
    assert [m["title"] for m in app.merge_requests("group/two")] == [
        "Update zeta to 1.2 in requirements.txt",
        "Update zeta to 2.0 (major)",
    ]
    app.advise(record("CVE-2026-7", "zeta", None, introduced="2.0"))
    app.run("group/two")
    assert [m["state"] for m in app.merge_requests("group/two")] == ["opened", "closed"]
    assert [i["state"] for i in app.issues("group/two")] == ["opened", "closed"]
    assert app.states("group/two")["major/PyPI/zeta"] == "superseded"
    app.advise(record(GHSA, "acme", "1.5"))
    app.run("group/two")
    assert [m["state"] for m in app.merge_requests("group/two")] == ["opened", "closed", "opened"]


def test_one_that_hits_the_fix_when_the_next_one_is_blocked_takes_the_merge_request_back(app: Fleet) -> None:
    app.index.add("acme", "1.6")
    app.index.needs["acme", "1.6"] = ["other>=2"]
    app.index.add("other", "1.0", "2.0")
    app.index.add("web", "1.0")
    app.index.needs["web", "1.0"] = ["other<2"]
    app.project("group/two", {MANIFEST: "acme==1.0\nother==1.0\nweb==1.0\n"})
    app.run("group/two")
    app.advise(record(GHSA, "acme", "1.5"), record("CVE-2026-2", "acme", "1.6", introduced="1.5"))
    app.run("group/two")
    assert [m["state"] for m in app.merge_requests("group/two")] == ["closed"]
    assert (
        "This change is not offered any more: requirements.txt cannot be installed with acme 1.6"
        in app.notes("group/two", "merge_requests", 1)[-1]
    )
    assert "you require other==1.0" in app.issues("group/two")[0]["description"]
    assert set(app.states("group/two").values()) == {"blocked", "open"}
    # Once nothing is in the way, it is offered again.
    app.commit("group/two", "main", MANIFEST, "acme==1.0\n")
    app.run("group/two")
    assert [(m["state"], m["title"][:18]) for m in app.merge_requests("group/two")] == [
        ("closed", "Update acme to 1.5"),
        ("opened", "Update acme to 1.6"),
    ]
