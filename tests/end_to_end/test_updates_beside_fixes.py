"""A routine update and the fix of a vulnerability that would move the same package: one story each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
FIX = "vulnerable/PyPI/deep"
UPDATE = f"outdated/{MANIFEST}"
MAJOR = "major/PyPI/deep"
WAITS = "waits for the fix of deep, which moves web as well"


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """deep 1.0 is vulnerable; web 1.0 refuses its fix, so it goes to 1.1 along with it, and there is a web 1.2."""
    fleet.index.add("deep", "1.0", "3.1")
    fleet.index.add("web", "1.0", "1.1", "1.2")
    fleet.index.needs |= {("web", "1.0"): ["deep<3"], ("web", "1.1"): ["deep>=3"], ("web", "1.2"): ["deep>=3"]}
    fleet.index.add("beta", "1.0", "1.1")
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    fleet.environ["BOT_POLICY__UPDATES"] = '{"major": false}'
    fleet.advise(record("CVE-2026-1", "deep", "3.1"))
    return fleet


def outcomes(site: Fleet) -> dict[str, Any]:
    """What became of each change set of the project, and why, by its key."""
    (made,) = site.run(PATH)["projects"]
    return {r["key"]: (r["outcome"], r["reason"]) for r in made["remediations"]}


def test_an_update_leaves_out_what_the_fix_moves_until_that_is_merged(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\nbeta==1.0\n"})
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("opened", None)}
    titles = [m["title"] for m in site.merge_requests(PATH)]
    assert titles == ["Update deep to 3.1 against CVE-2026-1", f"Update beta to 1.1 in {MANIFEST}"]
    assert site.file(PATH, MANIFEST, f"remediation/{FIX}") == "deep==3.1\nweb==1.1\nbeta==1.0\n"
    assert site.file(PATH, MANIFEST, f"remediation/{UPDATE}") == "deep==1.0\nweb==1.0\nbeta==1.1\n"

    assert outcomes(site) == {FIX: ("unchanged", None), UPDATE: ("unchanged", None)}
    site.merge(PATH, 1)
    assert {key: did for key, (did, _) in outcomes(site).items()} == {FIX: "confirmed", UPDATE: "updated"}
    assert site.file(PATH, MANIFEST, f"remediation/{UPDATE}") == "deep==3.1\nweb==1.2\nbeta==1.1\n"


def test_an_update_of_which_nothing_is_left_waits(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\n"})
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("waiting", WAITS)}
    assert outcomes(site) == {FIX: ("unchanged", None), UPDATE: ("waiting", WAITS)}
    assert len(site.merge_requests(PATH)) == 1


def test_an_update_that_would_carry_a_vulnerable_package_along_waits_for_its_fix(site: Fleet) -> None:
    site.index.needs["web", "1.0"] = []
    site.advise(record("CVE-2026-1", "deep", "1.5"))
    site.index.add("deep", "1.5")
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\n"})
    why = "moves deep as well, whose fix comes first"
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("blocked", why)}
    site.sandbox.requests.clear()
    assert outcomes(site) == {FIX: ("unchanged", None), UPDATE: ("blocked", why)}
    assert site.writes() == []
    site.merge(PATH, 1)
    assert {key: did for key, (did, _) in outcomes(site).items()} == {FIX: "confirmed", UPDATE: "opened"}
    assert "web==1.2" in site.file(PATH, MANIFEST, f"remediation/{UPDATE}")


def test_an_update_waits_for_each_fix_of_a_joint_set(site: Fleet) -> None:
    site.index.add("alpha", "1.0", "2.0")
    site.index.needs |= {("web", "1.0"): [], ("alpha", "2.0"): ["deep>=3.1"]}
    site.advise(record("CVE-2026-1", "deep", "3.1"), record("CVE-2026-2", "alpha", "2.0"))
    site.project(PATH, {MANIFEST: "alpha==1.0\ndeep==1.0\nweb==1.0\n"})
    blocked = (UPDATE, ("blocked", "moves deep as well, whose fix comes first"))
    first = {"vulnerable/PyPI/alpha": ("opened", None), FIX: ("opened", "in one merge request with the fix of alpha")}
    assert outcomes(site) == first | dict([blocked])
    assert len(site.merge_requests(PATH)) == 1


def test_fixes_take_no_place_of_the_updates_that_may_be_open(site: Fleet) -> None:
    site.environ["BOT_POLICY__OPEN_MERGE_REQUESTS"] = "1"
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\nbeta==1.0\n"})
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("opened", None)}
    site.project("group/two", {MANIFEST: "beta==1.0\n", "other/requirements.txt": "web==1.1\n"})
    (made,) = site.run("group/two")["projects"]
    assert sorted(r["outcome"] for r in made["remediations"]) == ["opened", "waiting"]


def test_an_update_that_was_open_first_makes_way(site: Fleet) -> None:
    site.advise()
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\nbeta==1.0\n"})
    assert outcomes(site) == {UPDATE: ("opened", None)}
    site.advise(record("CVE-2026-1", "deep", "3.1"))
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("updated", None)}
    assert site.file(PATH, MANIFEST, f"remediation/{UPDATE}") == "deep==1.0\nweb==1.0\nbeta==1.1\n"


def advise_deep(site: Fleet) -> None:
    site.advise(record("CVE-2026-1", "deep", "3.1"))


@pytest.fixture
def due(site: Fleet) -> Fleet:
    """An update of just deep is open; then deep is found to be vulnerable, and its fix moves it as well."""
    site.index.needs.clear()
    site.index.add("deep", "3.2")
    site.environ["BOT_POLICY__UPDATES"] = '{"minor": false, "patch": false}'
    site.advise()
    site.project(PATH, {MANIFEST: "deep==1.0\n"})
    assert outcomes(site) == {MAJOR: ("opened", None)}
    advise_deep(site)
    return site


def test_an_update_whose_package_a_later_fix_moves_is_closed_and_comes_back_after_it(due: Fleet) -> None:
    assert outcomes(due) == {FIX: ("opened", None), MAJOR: ("waiting", "waits for the fix of deep")}
    assert [m["state"] for m in due.merge_requests(PATH)] == ["closed", "opened"]
    (said,) = due.notes(PATH, "merge_requests", 1)
    assert "The fix of `deep` (!2) takes its place, as it moves `deep` as well." in said
    assert [i["state"] for i in due.issues(PATH)] == ["opened", "opened"]
    due.sandbox.requests.clear()
    assert outcomes(due) == {FIX: ("unchanged", None)}
    assert due.writes() == []

    due.index.add("deep", "4.0")
    due.merge(PATH, 2)
    assert {key: did for key, (did, _) in outcomes(due).items()} == {FIX: "confirmed", MAJOR: "opened"}
    assert due.file(PATH, MANIFEST, f"remediation/{MAJOR}") == "deep==4.0\n"


def test_an_update_that_someone_committed_to_is_left_to_them(due: Fleet) -> None:
    due.commit(PATH, f"remediation/{MAJOR}", MANIFEST, "deep==3.1  # by hand\n")
    assert outcomes(due)[FIX] == ("opened", None)
    due.run(PATH)
    update, _ = due.merge_requests(PATH)
    assert (update["state"], due.notes(PATH, "merge_requests", 1)) == ("opened", [])
    assert due.file(PATH, MANIFEST, f"remediation/{MAJOR}") == "deep==3.1  # by hand\n"


def test_an_update_keeps_its_place_while_no_fix_has_a_merge_request(due: Fleet) -> None:
    due.environ["BOT_POLICY__UPDATES"] = '{"minor": false, "patch": false, "security": "none"}'
    due.run(PATH)
    assert [m["state"] for m in due.merge_requests(PATH)] == ["opened"]


def test_an_update_of_which_nothing_is_left_any_more_is_closed_and_waits(site: Fleet) -> None:
    site.advise()
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\n"})
    assert outcomes(site) == {UPDATE: ("opened", None)}
    advise_deep(site)
    assert outcomes(site) == {FIX: ("opened", None), UPDATE: ("waiting", WAITS)}
    assert [m["state"] for m in site.merge_requests(PATH)] == ["closed", "opened"]
    due = site.merge_requests(PATH)[1]["iid"]
    site.merge(PATH, due)
    assert {key: did for key, (did, _) in outcomes(site).items()} == {FIX: "confirmed", UPDATE: "opened"}


def test_an_open_update_that_carries_a_package_along_makes_way_for_its_fix(site: Fleet) -> None:
    site.index.needs["web", "1.0"] = []
    site.index.add("deep", "1.5")
    site.advise()
    site.environ["BOT_POLICY__IGNORE"] = '[{"package": "deep", "why": "kept"}]'
    site.project(PATH, {MANIFEST: "deep==1.0\nweb==1.0\n"})
    site.run(PATH)
    assert "deep==3.1" in site.file(PATH, MANIFEST, f"remediation/{UPDATE}")
    site.advise(record("CVE-2026-1", "deep", "1.5"))
    del site.environ["BOT_POLICY__IGNORE"]
    assert outcomes(site)[FIX] == ("opened", None)
    assert [m["state"] for m in site.merge_requests(PATH)] == ["closed", "opened"]
