"""What marge-bot does: rebases, waits for and merges what is assigned to it, one after the other."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from conformance.clients import python_packages
from conformance.marge.fleet import AUTHOR, REVIEWER, Fleet
from conformance.place import Place, place
from conformance.story import Story, equal, expect
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git

_REQUIREMENT = "marge-bot==1.4.0"


def tell(story: Story) -> None:
    """Merge in order, rebase, wait for pipelines and approvals; turn down what fails or conflicts."""
    with story.step(f"installs {_REQUIREMENT}"):
        bin_ = python_packages("marge", _REQUIREMENT)
    with place() as here:
        _tell(story, here, bin_)


def _tell(story: Story, here: Place, bin_: Path) -> None:
    author, reviewer, token, boss = (
        here.sandbox.add_token(here.sandbox.add_user(name, admin=name == "boss"), ("api", "sudo"))
        for name in (AUTHOR, REVIEWER, "marge", "boss")
    )
    with closing(Api(here.sandbox.url, author)) as api, closing(Api(here.sandbox.url, reviewer)) as approver:
        fleet = Fleet(here, bin_, "marge", token, api, Git(here.folder, author), approver)
        _queue(story, fleet)
        _turned_down(story, fleet)
        _batch(story, fleet)
        _elsewhere(story, fleet)
        _trailers(story, replace(fleet, user="boss", token=boss))
    with story.step("asked for nothing that is not served"):
        equal(here.unserved(), (), "routes that are not served")


def _queue(story: Story, fleet: Fleet) -> None:
    queue = fleet.project("queue")
    first, second = (fleet.propose(queue, name, f"{name}.txt") for name in ("first", "second"))
    with story.step("merges the older of two merge requests"):
        fleet.look("queue")
        fleet.merged(queue, first)
        equal(fleet.request(queue, second)["detailed_merge_status"], "need_rebase", "status of the younger one")
    with story.step("rebases the younger one, waits for its new pipeline, and merges it"):
        before = fleet.request(queue, second)["sha"]
        fleet.look("queue")
        fleet.merged(queue, first, second)
        after = fleet.request(queue, second)["sha"]
        expect(before != after, "it was not rebased")
        found = fleet.api.get(f"/projects/{queue.id}/merge_requests/{second}/pipelines")
        equal([(one["sha"], one["status"]) for one in found], [(after, "success"), (before, "success")], "pipelines")
    with story.step("finds nothing more to merge"):
        expect("Processing !" not in fleet.look("queue"), "it still sees work")


def _turned_down(story: Story, fleet: Fleet) -> None:
    broken, clash, draft = fleet.project("broken", outcome="failed"), fleet.project("clash"), fleet.project("draft")
    thread = fleet.project("thread", only_allow_merge_if_all_discussions_are_resolved=True)
    asks = fleet.project("asks", approvals_before_merge=1)
    red = fleet.propose(broken, "red", "red.txt")
    ours, theirs = (fleet.propose(clash, name, "shared.txt") for name in ("ours", "theirs"))
    unready = fleet.propose(draft, "unready", "a.txt", title="Draft: Not yet")
    asked = fleet.propose(thread, "asked", "a.txt")
    wanted = fleet.propose(asks, "wanted", "a.txt")
    question = fleet.api.post(f"/projects/{thread.id}/merge_requests/{asked}/discussions", body="Why?")
    with story.step("looks at five projects"):
        fleet.look("broken|clash|draft|thread|asks")
    with story.step("turned down what failed its pipeline, and said so"):
        fleet.turned_down(broken, red, "CI failed! See pipeline")
    with story.step("turned down a draft, an open thread, and what nobody approved"):
        fleet.turned_down(draft, unready, "It is not possible to merge MRs marked as Draft")
        fleet.turned_down(thread, asked, "unresolved discussions")
        fleet.turned_down(asks, wanted, "Insufficient approvals (have: [] missing: 1)")
    with story.step("turns down what conflicts with what it merged"):
        fleet.look("clash")
        fleet.merged(clash, ours)
        fleet.turned_down(clash, theirs, "There are merge conflicts and the rebase failed")
    with story.step("merges them once they are mended and assigned again"):
        fleet.api.put(f"/projects/{draft.id}/merge_requests/{unready}", title="Ready")
        discussion = f"/projects/{thread.id}/merge_requests/{asked}/discussions/{question['id']}"
        fleet.api.put(discussion, resolved=True)
        fleet.reviewer.post(f"/projects/{asks.id}/merge_requests/{wanted}/approve")
        for project, iid in ((draft, unready), (thread, asked), (asks, wanted)):
            fleet.assign(project, iid)
        fleet.look("draft|thread|asks")
        for project, iid in ((draft, unready), (thread, asked), (asks, wanted)):
            fleet.merged(project, iid)


def _batch(story: Story, fleet: Fleet) -> None:
    batch = fleet.project("batch")
    one, two = (fleet.propose(batch, name, f"{name}.txt") for name in ("one", "two"))
    clash = fleet.propose(batch, "three", "one.txt")
    fleet.here.sandbox.finish_pipelines(batch, "success")
    with story.step("merges two of three as a batch, and leaves the one that conflicts"):
        fleet.look("batch", "--batch")
        fleet.merged(batch, one, two)
        equal(fleet.request(batch, clash)["state"], "opened", "state of the one that conflicts")
        expect(any("I will attempt to batch this MR" in note for note in fleet.notes(batch, two)), "no word of a batch")
        branches = [branch["name"] for branch in fleet.api.get(f"/projects/{batch.id}/repository/branches")]
        expect("marge_bot_batch_merge_job" not in branches, f"the batch's branch is left: {branches}")


def _elsewhere(story: Story, fleet: Fleet) -> None:
    remote, guarded, upstream = (fleet.project(name) for name in ("remote", "guarded", "upstream"))
    far = fleet.propose(remote, "far", "a.txt")
    held = fleet.propose(guarded, "held", "a.txt")
    for project in (remote, guarded):
        fleet.push(project, "news", "news.txt")
        fleet.git.at(project.path)("push", "-q", "origin", "news:main")
    fleet.api.post(f"/projects/{guarded.id}/protected_branches", name="held")
    with story.step("asks GitLab to rebase, and merges"):
        fleet.look("remote", "--rebase-remotely")
        fleet.merged(remote, far)
    with story.step("may not rebase a protected branch"):
        fleet.look("guarded")
        fleet.turned_down(guarded, held, "The branch is protected and therefore cannot be rebased.")
    with story.step("rebases and merges from a fork whose author allows it"):
        fork = fleet.api.post(f"/projects/{upstream.id}/fork")
        fleet.git.at("upstream")("remote", "add", "fork", fork["http_url_to_repo"])
        fleet.push(upstream, "news", "news.txt")
        fleet.push(upstream, "given", "given.txt", remote="fork")
        fleet.git.at("upstream")("push", "-q", "origin", "news:main")
        wanted = {"source_branch": "given", "target_branch": "main", "title": "Take it", "allow_collaboration": True}
        made = fleet.api.post(f"/projects/{fork['id']}/merge_requests", **wanted, target_project_id=upstream.id)
        fleet.assign(upstream, made["iid"])
        fleet.look("upstream")
        fleet.merged(upstream, made["iid"])


def _trailers(story: Story, fleet: Fleet) -> None:
    sandbox = fleet.here.sandbox
    sandbox.world.loop.run(lambda: setattr(sandbox.world, "premium", True))
    tagged = fleet.project("tagged", approvals_before_merge=1)
    iid = fleet.propose(tagged, "feature", "a.txt")
    fleet.reviewer.post(f"/projects/{tagged.id}/merge_requests/{iid}/approve")
    with story.step("writes trailers, and gives back the approvals that its push took"):
        flags = ("--add-tested", "--add-part-of", "--add-reviewers", "--impersonate-approvers")
        fleet.look("tagged", *flags, "--approval-reset-timeout=5s")
        fleet.merged(tagged, iid)
        message = fleet.api.get(f"/projects/{tagged.id}/repository/commits/main")["message"]
        url = f"<{sandbox.url}/team/tagged/-/merge_requests/{iid}>"
        wanted = ("Reviewed-by: Bob <bob@", f"Tested-by: Boss {url}", f"Part-of: {url}")
        expect(all(trailer in message for trailer in wanted), f"trailers are missing: {message}")
        given = fleet.api.get(f"/projects/{tagged.id}/merge_requests/{iid}/approvals")["approved_by"]
        equal([one["user"]["username"] for one in given], [REVIEWER], "approvals")
