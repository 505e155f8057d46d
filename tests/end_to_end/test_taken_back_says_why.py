"""A merge request that is not asked for any more is closed with the true reason, and comes back when it is."""

from __future__ import annotations

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet, quote

PATH = "group/app"
MANIFEST = "requirements.txt"
POLICY = ".remediation.yml"
FIX = "vulnerable/PyPI/acme"
FLAW = "PyPI:acme:CVE-2026-1"
NO_MAJORS = "updates: {major: false}\n"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """A vulnerable package, and two that are only outdated."""
    fleet.environ["BOT_POLICY__SECOND_OPINION"] = "false"
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("beta", "1.0", "1.1")
    fleet.index.add("zeta", "1.0", "1.1")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    return fleet


def made(app: Fleet, pins: str, policy: str = NO_MAJORS) -> None:
    app.project(PATH, {MANIFEST: pins, POLICY: policy})
    app.run(PATH)


def looked(app: Fleet, policy: str | None = None) -> None:
    """One look, with this policy, and one more that changes nothing."""
    if policy is not None:
        app.commit(PATH, "main", POLICY, policy)
    app.run(PATH)
    app.sandbox.requests.clear()
    app.run(PATH)
    assert app.writes() == []


def states(app: Fleet) -> list[tuple[str, str]]:
    """Each merge request and each issue, by title."""
    return [(i["state"], i["title"]) for i in (*app.merge_requests(PATH), *app.issues(PATH))]


def said(app: Fleet, iid: int = 1) -> str:
    """The last words on a merge request, which are those on its issue."""
    words = [app.notes(PATH, kind, iid)[-1].partition("\n")[0] for kind in ("merge_requests", "issues")]
    assert words[0] == words[1]
    return words[0]


def test_ranges_that_are_narrowed_so_that_nothing_is_vulnerable(app: Fleet) -> None:
    made(app, "acme==1.0\n", "updates: {minor: false, major: false}\n")
    app.advise(record("CVE-2026-1", "acme", "0.9"))
    looked(app)
    assert said(app).startswith("No advisory names acme at this version any more. Scanned `")
    assert app.states(PATH) == {FIX: "superseded", FLAW: "withdrawn"}


def test_a_finding_that_is_gone_names_the_scan_once(app: Fleet) -> None:
    made(app, "acme==1.0\n")
    app.commit(PATH, "main", MANIFEST, "acme==1.5\n")
    looked(app)
    assert said(app).count(app.api.get(f"/projects/{quote(PATH)}/repository/commits/main")["id"][:12]) == 1


def test_updates_that_are_switched_off_and_on_again(app: Fleet) -> None:
    made(app, "beta==1.0\n")
    looked(app, "updates: {patch: false, minor: false, major: false}\n")
    assert said(app).startswith("No newer release of beta is to be taken any more: by the policy, or ")
    looked(app, NO_MAJORS)
    title = "Update beta to 1.1 in requirements.txt"
    assert states(app) == [("closed", title), ("opened", title), ("opened", title)]


def test_fixes_that_are_switched_off_and_on_again(app: Fleet) -> None:
    made(app, "acme==1.0\n")
    looked(app, "updates: {security: none}\n")
    title = "Update acme to 1.5 against CVE-2026-1"
    assert said(app).startswith("Fixes are switched off by the policy (updates.security: none). Scanned `")
    assert states(app) == [("closed", title), ("closed", title)]
    assert {key: app.states(PATH)[key] for key in (FIX, FLAW)} == {FIX: "superseded", FLAW: "open"}
    looked(app, NO_MAJORS)
    assert states(app) == [("closed", title), ("opened", title), ("opened", title)]


def test_an_update_that_a_group_takes_in_names_who_has_it_now(app: Fleet) -> None:
    made(app, "beta==1.0\nzeta==1.0\n", f"{NO_MAJORS}groups: {{z: [zeta]}}\n")
    zeta = next(m["iid"] for m in app.merge_requests(PATH) if "zeta" in m["title"])
    looked(app, NO_MAJORS)
    words = app.notes(PATH, "merge_requests", zeta)[-1]
    assert words.startswith("Another merge request has what it offers: Update 2 dependencies in requirements.txt. ")


def test_words_of_a_policy_call_nobody_and_command_nothing(app: Fleet) -> None:
    made(app, "acme==1.0\n")
    looked(app, f"ignore: [{{package: acme, why: 'ask @root about #1'}}]\n{NO_MAJORS}")
    assert said(app).startswith(r"Accepted by the policy: ask \@root about \#1. Scanned `")
