"""How Renovate heeds what people do to its branches, merge requests and dashboard."""

from __future__ import annotations

import re

from conformance.renovate.fleet import APP, BOT, Fleet, api_path
from conformance.renovate.updates import ALPHA, BETA
from conformance.story import equal, expect


def leaves_edited_branches(fleet: Fleet) -> None:
    """A newer release does not move a branch with a commit of Ada's; the dashboard says so."""
    text = fleet.text(APP, "requirements.txt", BETA)
    fleet.commit(APP, BETA, "requirements.txt", text.replace("beta==", "# reviewed\nbeta=="))
    edited = fleet.branches(APP)[BETA]["id"]
    fleet.index.add("beta", "2.1.0")
    fleet.renovate()
    equal(fleet.branches(APP)[BETA]["id"], edited, "the head of the edited branch")
    blocked = fleet.dashboard(APP)["description"].partition("Edited (Blocked)")[2].partition("\n## ")[0]
    expect(f"rebase-branch={BETA}" in blocked, "the dashboard does not list it as edited")
    equal(_noted(fleet, fleet.merge_request(APP, BETA)["iid"]), ["Edited/Blocked Notification"], "notes of Renovate")


def starts_over_when_asked(fleet: Fleet) -> None:
    """Ada ticks the box in the dashboard."""
    _tick(fleet, f"rebase-branch={BETA}")
    fleet.renovate()
    commits = fleet.person.get(f"{api_path(APP)}/merge_requests/{fleet.merge_request(APP, BETA)['iid']}/commits")
    equal([commit["author_name"] for commit in commits], ["Renovate Bot"], "authors of its commits")
    expect("beta==2.1.0" in fleet.text(APP, "requirements.txt", BETA), "it does not have the newer release")
    expect("[x]" not in fleet.dashboard(APP)["description"], "the box is still ticked")


def rebases_when_asked(fleet: Fleet) -> None:
    """Ada ticks the box in the merge request, after main has moved on."""
    fleet.commit(APP, "main", "requirements.txt", fleet.text(APP, "requirements.txt") + "# the end\n")
    request = fleet.merge_request(APP, BETA)
    description = request["description"].replace("- [ ] <!-- rebase-check -->", "- [x] <!-- rebase-check -->")
    fleet.person.put(f"{api_path(APP)}/merge_requests/{request['iid']}", description=description)
    fleet.renovate()
    heads = fleet.branches(APP)
    equal(heads[BETA]["parent_ids"], [heads["main"]["id"]], "what the branch is on top of")
    expect("[x]" not in fleet.merge_request(APP, BETA)["description"], "the box is still ticked")


def takes_no_for_an_answer(fleet: Fleet) -> None:
    """Ada closes alpha's merge request: no other is opened, and a note says how to change one's mind."""
    request = fleet.merge_request(APP, ALPHA)
    fleet.person.put(f"{api_path(APP)}/merge_requests/{request['iid']}", state_event="close")
    fleet.renovate()
    equal(fleet.merge_requests(APP, source_branch=ALPHA, state="opened"), [], "merge requests for alpha")
    equal(_noted(fleet, request["iid"]), ["Renovate Ignore Notification"], "notes of Renovate")
    fleet.renovate()
    equal(fleet.writes(), [], "changes by another run")


def changes_its_mind(fleet: Fleet) -> None:
    """Ada ticks the box that asks for the closed merge request again."""
    _tick(fleet, f"recreate-branch={ALPHA}")
    fleet.renovate()
    expect(fleet.merge_request(APP, ALPHA)["title"].startswith("Update dependency alpha"), "no merge request again")


def finds_its_dashboard_again(fleet: Fleet) -> None:
    """Ada closes the dashboard: a new one is opened."""
    issue = fleet.dashboard(APP)
    fleet.person.put(f"{api_path(APP)}/issues/{issue['iid']}", state_event="close")
    fleet.renovate()
    expect(fleet.dashboard(APP)["iid"] != issue["iid"], "the closed dashboard was opened again")


def _noted(fleet: Fleet, iid: int) -> list[str]:
    notes = fleet.person.get(f"{api_path(APP)}/merge_requests/{iid}/notes")
    bodies = [note["body"] for note in notes if note["author"]["username"] == BOT and not note["system"]]
    return [body.partition("\n")[0].strip("# ") for body in bodies]


def _tick(fleet: Fleet, box: str) -> None:
    issue = fleet.dashboard(APP)
    ticked, times = re.subn(rf"\[ \](?= <!-- {re.escape(box)} -->)", "[x]", issue["description"])
    equal(times, 1, f"boxes {box} in the dashboard")
    fleet.person.put(f"{api_path(APP)}/issues/{issue['iid']}", description=ticked)


CHAPTERS = {
    "leaves a branch that a person committed to": leaves_edited_branches,
    "starts it over when the dashboard asks": starts_over_when_asked,
    "rebases when the merge request asks": rebases_when_asked,
    "takes a closed merge request for a no": takes_no_for_an_answer,
    "opens it again when the dashboard asks": changes_its_mind,
    "opens a new dashboard for a closed one": finds_its_dashboard_again,
}
