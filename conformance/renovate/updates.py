"""What Renovate does alone: updates as merge requests, kept up to date and closed when obsolete."""

from __future__ import annotations

from conformance.renovate.fleet import APP, BOT, PERSON, Fleet, api_path
from conformance.story import equal, expect

ALPHA, BETA, GAMMA = "renovate/alpha-1.x", "renovate/beta-2.x", "renovate/gamma-1.x"


def proposes(fleet: Fleet) -> None:
    """One branch with one commit and one changed line for every update."""
    opened = fleet.merge_requests(APP, state="opened")
    equal({request["source_branch"] for request in opened}, {ALPHA, BETA, GAMMA}, "branches with a merge request")
    alpha = fleet.merge_request(APP, ALPHA)
    equal(alpha["title"], "Update dependency alpha to v1.1.0", "the title")
    equal(alpha["labels"], ["dependencies"], "labels")
    equal([user["username"] for user in alpha["assignees"]], [PERSON], "assignees")
    # Of the group that CODEOWNERS names; GitLab without a licence keeps one reviewer.
    equal(len(alpha["reviewers"]), 1, "the number of reviewers")
    equal(alpha["force_remove_source_branch"], True, "the wish to remove the branch with the merge")
    equal(_diff(fleet, alpha["iid"]), ["-alpha==1.0.0", "+alpha==1.1.0"], "changed lines")
    commits = fleet.person.get(f"{api_path(APP)}/merge_requests/{alpha['iid']}/commits")
    equal([commit["author_name"] for commit in commits], ["Renovate Bot"], "authors of commits")


def keeps_a_dashboard(fleet: Fleet) -> None:
    """One issue that links to every open merge request."""
    dashboard = fleet.dashboard(APP)
    for request in fleet.merge_requests(APP, state="opened"):
        expect(f"!{request['iid']}" in dashboard["description"], f"the dashboard has no link to !{request['iid']}")


def rests(fleet: Fleet) -> None:
    """Nothing new: nothing is written."""
    fleet.renovate()
    equal(fleet.writes(), [], "changes")


def updates(fleet: Fleet) -> None:
    """The same merge request carries the newer release, again as one commit."""
    before = fleet.merge_request(APP, ALPHA)
    fleet.index.add("alpha", "1.2.0")
    fleet.renovate()
    after = fleet.merge_request(APP, ALPHA)
    equal(after["iid"], before["iid"], "the merge request")
    equal(after["title"], "Update dependency alpha to v1.2.0", "its title")
    equal(_diff(fleet, after["iid"]), ["-alpha==1.0.0", "+alpha==1.2.0"], "changed lines")
    versions = fleet.person.get(f"{api_path(APP)}/merge_requests/{after['iid']}/versions")
    equal([v["head_commit_sha"] for v in versions], [after["sha"], before["sha"]], "heads of its versions")


def closes(fleet: Fleet) -> None:
    """Ada has updated gamma by hand."""
    obsolete = fleet.merge_request(APP, GAMMA)
    text = fleet.text(APP, "requirements.txt")
    fleet.commit(APP, "main", "requirements.txt", text.replace("gamma==1.0.0", "gamma==1.0.1"))
    fleet.renovate()
    closed = fleet.person.get(f"{api_path(APP)}/merge_requests/{obsolete['iid']}")
    equal(closed["state"], "closed", "its state")
    equal(closed["title"], f"{obsolete['title']} - autoclosed", "its title")
    equal(closed["closed_by"]["username"], BOT, "who closed it")
    expect(GAMMA not in fleet.branches(APP), "its branch is still there")
    expect(f"!{closed['iid']}" not in fleet.dashboard(APP)["description"], "the dashboard still lists it")


def resolves_conflicts(fleet: Fleet) -> None:
    """Ada writes beside alpha's version: the branch conflicts, and is made anew on top of main."""
    text = fleet.text(APP, "requirements.txt")
    fleet.commit(APP, "main", "requirements.txt", text.replace("alpha==1.0.0", "alpha==1.0.0  # see the wiki"))
    equal(fleet.merge_request(APP, ALPHA)["has_conflicts"], True, "conflicts before")
    fleet.renovate()
    request = fleet.merge_request(APP, ALPHA)
    equal(request["has_conflicts"], False, "conflicts after")
    heads = fleet.branches(APP)
    equal(heads[ALPHA]["parent_ids"], [heads["main"]["id"]], "what the branch is on top of")
    expect("alpha==1.2.0  # see the wiki" in fleet.text(APP, "requirements.txt", ALPHA), "Ada's remark is lost")


def _diff(fleet: Fleet, iid: int) -> list[str]:
    files = fleet.person.get(f"{api_path(APP)}/merge_requests/{iid}/diffs")
    return [line for file in files for line in file["diff"].splitlines() if line.startswith(("+", "-"))]


CHAPTERS = {
    "opens a merge request for every update": proposes,
    "lists them in its dashboard": keeps_a_dashboard,
    "changes nothing when nothing is new": rests,
    "brings a merge request up to a newer release": updates,
    "closes a merge request that became obsolete": closes,
    "rebases one that conflicts": resolves_conflicts,
}
