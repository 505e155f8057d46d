"""How Renovate comes to work on projects: it finds them, asks, and waits for a person's merge."""

from __future__ import annotations

import json

from conformance.renovate.fleet import APP, BOT, PERSON, SHARED, WEB, Fleet, api_path
from conformance.story import equal, expect

BRANCH = "renovate/configure"


def discovers(fleet: Fleet) -> None:
    """Neither the archived project, nor the one that it cannot see, nor the one where it only reports; two pages."""
    done = fleet.renovate()
    pages = [r.query for r in fleet.place.sandbox.requests if r.path == "/api/v4/projects"]
    equal(len(pages), 2, "pages of projects that Renovate read")
    equal(done.results, {APP: "onboarding", WEB: "onboarding", "team/empty": "empty"}, "what Renovate discovered")


def asks(fleet: Fleet) -> None:
    """One merge request that adds one file which leads to the group's shared configuration."""
    for project in (APP, WEB):
        request = fleet.merge_request(project, BRANCH)
        equal(request["title"], "Configure Renovate", "the title")
        equal(request["author"]["username"], BOT, "the author")
        equal(request["changes_count"], "1", "the number of changed files")
        wanted = {
            "$schema": "https://docs.renovatebot.com/renovate-schema.json",
            "extends": [f"local>{SHARED}"],
        }
        equal(json.loads(fleet.text(project, "renovate.json", BRANCH)), wanted, "the file that it adds")
        equal(set(fleet.branches(project)), {"main", BRANCH}, "branches")
    expect("alpha" in fleet.merge_request(APP, BRANCH)["description"], "the merge request announces no update of alpha")


def waits(fleet: Fleet) -> None:
    """A second run finds its merge requests and changes nothing."""
    fleet.renovate()
    equal(fleet.writes(), [], "changes")


def goes_on(fleet: Fleet) -> None:
    """Ada merges; the branches go, and the next run begins with the updates."""
    for project in (APP, WEB):
        request = fleet.merge_request(project, BRANCH)
        fleet.person.put(f"{api_path(project)}/merge_requests/{request['iid']}/merge")
    done = fleet.renovate()
    equal(done.results, {APP: "done", WEB: "done", "team/empty": "empty"}, "results")
    expect(BRANCH not in fleet.branches(APP), "the branch of the merged merge request is still there")
    merged = fleet.merge_request(APP, BRANCH, state="merged")
    equal(merged["merge_user"]["username"], PERSON, "who merged")


def discovers_by_group(fleet: Fleet) -> None:
    """The group is private and Renovate no member of it: belonging to projects below it is enough."""
    done = fleet.renovate({"autodiscoverNamespaces": ["team"]})
    equal(done.results, {APP: "done", WEB: "done", "team/empty": "empty"}, "what Renovate discovered")


CHAPTERS = {
    "discovers the projects that it may push to": discovers,
    "opens one 'Configure Renovate' merge request each": asks,
    "changes nothing until they are merged": waits,
    "goes on once Ada has merged them": goes_on,
    "discovers the same below a group": discovers_by_group,
}
