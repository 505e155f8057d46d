"""Merge requests that GitLab merges by itself, and those that a person is to approve: one story each."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.test_policy import FILE, MANIFEST, PATH, outcomes, project, site
from tests.end_to_end.world import Fleet

__all__ = ["site"]

FIXES = "updates: {minor: false, major: false}\n"


def pipeline(site: Fleet, state: str) -> None:
    """Have the newest commit of the first merge request built."""
    (merge_request,) = site.merge_requests(PATH)
    where = f"/projects/group%2Fapp/statuses/{merge_request['sha']}"
    site.api.post(where, state=state, name="build", ref=merge_request["source_branch"])


def not_handled(site: Fleet) -> list[str]:
    (made,) = site.run(PATH)["projects"]
    return [each["reason"] for each in made["not_handled"]]


def test_a_fix_merges_by_itself_when_the_pipeline_of_its_commit_passes(site: Fleet) -> None:
    files = {MANIFEST: "acme==1.0\n", FILE: "automerge: [security]\n"}
    site.project(PATH, files, level=40)
    assert not_handled(site) == ["!1 is not set to merge by itself: its commit has no pipeline yet"]
    pipeline(site, "running")
    assert not_handled(site) == []
    assert site.merge_requests(PATH)[0]["merge_when_pipeline_succeeds"]
    site.sandbox.requests.clear()
    site.run("--all")
    assert len(site.sandbox.requests) == 3, "what was asked for is not asked about again"
    pipeline(site, "success")
    assert "merged" in (site.merge_requests(PATH)[0]["state"] for _ in range(100)), "GitLab merges in the background"
    assert outcomes(site) == {"vulnerable/PyPI/acme": "confirmed"}


@pytest.mark.parametrize(
    ("policy", "asks"),
    [("automerge: [patch]", False), ("automerge: [security]\napproval: manual", True), ("", False)],
    ids=["another kind", "approval", "never"],
)
def test_what_the_policy_does_not_let_merge_by_itself_is_left_to_people(site: Fleet, policy: str, asks: bool) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n", FILE: f"{policy}\n"}, level=40)
    site.run(PATH)
    pipeline(site, "success")
    site.run(PATH)
    (merge_request,) = site.merge_requests(PATH)
    assert (merge_request["state"], "needs-approval" in merge_request["labels"]) == ("opened", asks)


def test_a_role_that_may_not_merge_is_said(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n", FILE: "automerge: [security]\n"})
    site.run(PATH)
    pipeline(site, "success")
    (said,) = not_handled(site)
    assert said.startswith("!1 is not set to merge by itself: GitLab answered 401")


def test_a_failed_pipeline_merges_nothing(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n", FILE: "automerge: [security]\n"}, level=40)
    site.run(PATH)
    pipeline(site, "failed")
    assert not_handled(site) == ["!1 is not set to merge by itself: its pipeline is failed"]


def test_what_is_to_be_approved_is_a_draft_until_somebody_marks_it_as_ready(site: Fleet) -> None:
    files = {MANIFEST: "acme==1.0\n", FILE: "approval: manual\nautomerge: [security]\n"}
    site.project(PATH, files, level=40)
    site.run(PATH)
    (draft,) = site.merge_requests(PATH)
    assert (draft["draft"], draft["title"]) == (True, "Draft: Update acme to 1.5 against CVE-2026-1")
    pipeline(site, "running")
    assert not_handled(site) == []
    assert not site.merge_requests(PATH)[0]["merge_when_pipeline_succeeds"]

    site.api.put("/projects/group%2Fapp/merge_requests/1", title="Update acme to 1.5 against CVE-2026-1")
    assert not_handled(site) == []
    assert site.merge_requests(PATH)[0]["merge_when_pipeline_succeeds"]
    pipeline(site, "success")
    assert "merged" in (site.merge_requests(PATH)[0]["state"] for _ in range(100)), "GitLab merges in the background"


def test_an_approval_is_for_the_versions_that_it_was_given_to(site: Fleet) -> None:
    project(site, "approval: manual\nupdates: {minor: false, major: false}\n", pins="acme==1.0\n")
    site.run(PATH)
    site.api.put("/projects/group%2Fapp/merge_requests/1", title="Update acme to 1.5 against CVE-2026-1")
    site.commit(PATH, "main", MANIFEST, "acme==1.0  # moved\n")
    assert outcomes(site) == {"vulnerable/PyPI/acme": "updated"}
    assert not site.merge_requests(PATH)[0]["draft"], "the same versions on another base"
    site.index.add("acme", "1.6")
    site.advise(record("CVE-2026-1", "acme", "1.6"))
    assert outcomes(site) == {"vulnerable/PyPI/acme": "updated"}
    assert site.merge_requests(PATH)[0]["title"] == "Draft: Update acme to 1.6 against CVE-2026-1"


def test_what_need_not_be_approved_any_more_is_no_draft(site: Fleet) -> None:
    project(site, "approval: manual\nupdates: {minor: false, major: false}\n", pins="acme==1.0\n")
    site.run(PATH)
    site.commit(PATH, "main", FILE, "updates: {minor: false, major: false}\n")
    site.commit(PATH, "main", MANIFEST, "acme==1.0  # moved\n")
    site.run(PATH)
    assert site.merge_requests(PATH)[0]["title"] == "Update acme to 1.5 against CVE-2026-1"


@pytest.fixture
def merging(site: Fleet) -> Fleet:
    """A fix that GitLab was told to merge, and whose pipeline still runs."""
    site.project(PATH, {MANIFEST: "acme==1.0\n", FILE: f"{FIXES}automerge: [security]\n"}, level=40)
    site.run(PATH)
    pipeline(site, "running")
    site.run(PATH)
    assert merges(site)
    return site


def merges(site: Fleet) -> bool:
    """Whether GitLab merges the only merge request by itself."""
    (merge_request,) = site.merge_requests(PATH)
    return bool(merge_request["merge_when_pipeline_succeeds"])


@pytest.mark.parametrize(
    ("policy", "lost"),
    [
        pytest.param("approval: manual\nautomerge: [security]\n", False, id="approval is asked for now"),
        pytest.param("approval: manual\nautomerge: [security]\n", True, id="and the database was lost"),
        pytest.param("automerge: [patch]\n", False, id="the kind is not named any more"),
        pytest.param("", False, id="nothing merges by itself any more"),
    ],
)
def test_what_is_not_to_merge_by_itself_any_more_is_taken_back(merging: Fleet, policy: str, lost: bool) -> None:
    merging.commit(PATH, "main", FILE, f"{FIXES}{policy}")
    if lost:
        (merging.folder / "bot.db").unlink()
    assert not_handled(merging) == []
    assert not merges(merging)
    merging.sandbox.requests.clear()
    merging.run(PATH)
    assert merging.writes() == []
    assert not [r for r in merging.sandbox.requests if r.path.endswith("/merge_requests/1")], "it is asked about once"
    pipeline(merging, "success")
    assert merging.merge_requests(PATH)[0]["state"] == "opened"


def test_it_merges_by_itself_again_once_the_policy_says_so(merging: Fleet) -> None:
    merging.commit(PATH, "main", FILE, f"{FIXES}automerge: [patch]\n")
    merging.run(PATH)
    merging.commit(PATH, "main", FILE, f"{FIXES}automerge: [security]\n")
    merging.run(PATH)
    assert merges(merging)


def test_what_a_person_had_gitlab_merge_is_theirs(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n", FILE: f"{FIXES}automerge: [security]\n"}, level=40)
    site.run(PATH)
    pipeline(site, "running")
    site.api.put("/projects/group%2Fapp/merge_requests/1/merge", auto_merge=True)
    site.commit(PATH, "main", FILE, f"{FIXES}automerge: [patch]\n")
    site.run(PATH)
    assert merges(site)


def test_what_gitlab_does_not_let_us_take_back_is_said_and_asked_for_again(merging: Fleet) -> None:
    merging.commit(PATH, "main", FILE, FIXES)
    path = "*/cancel_merge_when_pipeline_succeeds"
    merging.sandbox.faults.add(Fault(method="POST", path=path, status=401, body={"message": "401 Unauthorized"}))
    (said,) = not_handled(merging)
    assert said == (
        "!1 still merges by itself: GitLab answered 401 (401 Unauthorized): take its auto-merge off by hand"
    )
    assert merges(merging)
    assert not_handled(merging) == []
    assert not merges(merging)
