"""Merge requests, approvals, merging, pipelines and jobs through python-gitlab."""

from __future__ import annotations

from datetime import timedelta

import gitlab
from gitlab.v4.objects import Project

from conformance.python_gitlab.ground import DEVELOPER, MAINTAINER, Ground, refused, told
from conformance.story import equal, expect
from tests.sandbox.waiting import until


def requests(ground: Ground) -> None:
    """A merge request from its creation to its end, and every list of merge requests."""
    project, gl = ground.project("requests", DEVELOPER), ground.person(DEVELOPER)
    issue = project.issues.create({"title": "One"})
    request = ground.request(project, "work", labels=["deps"], description=f"Closes #{issue.iid}")
    request.title, request.labels = "Take it", ["deps", "now"]
    request.save()
    seen = project.mergerequests.get(request.iid)
    equal((seen.title, seen.labels, seen.changes_count), ("Take it", ["deps", "now"], "1"), "merge request")
    for where in (project.mergerequests, gl.mergerequests, gl.groups.get("team").mergerequests):
        equal([one.id for one in where.list(labels=["now"], scope="all", get_all=True)], [request.id], "found")
    equal([one.title for one in request.commits(get_all=True)], ["Write new.txt"], "commits")
    equal([change["new_path"] for change in told(request.changes())["changes"]], ["new.txt"], "changes")
    [version] = request.diffs.list(get_all=True)
    equal(request.diffs.get(version.id).head_commit_sha, request.sha, "head of the version")
    equal([one.iid for one in request.closes_issues(get_all=True)], [issue.iid], "issues that it closes")
    equal([one.iid for one in request.related_issues(get_all=True)], [issue.iid], "related issues")
    for name in ("resourcelabelevents",):
        log = getattr(request, name)
        expect(log.get(log.list(get_all=True)[0].id).created_at, "an event without a time")
    request.state_event = "close"
    request.save()
    log = request.resourcestateevents
    equal(log.get(log.list(get_all=True)[0].id).state, "closed", "state event")
    ground.root.projects.get(project.id).mergerequests.delete(request.iid)


def approvals(ground: Ground) -> None:
    """Ask for a review, approve, take it back, and have it reset by a bot."""
    project = ground.project("approvals", DEVELOPER)
    boss = ground.person(MAINTAINER)
    boss.auth()
    request = ground.request(project, "work", reviewer_ids=[boss.user.id if boss.user else 0])
    equal([one.user["username"] for one in request.reviewer_details.list(get_all=True)], [MAINTAINER], "reviewers")
    theirs = boss.projects.get(project.id).mergerequests.get(request.iid)
    theirs.approve(sha=request.sha)
    equal([one["user"]["username"] for one in request.approvals.get().approved_by], [MAINTAINER], "approvals")
    rule = request.approvals.get()
    rule.approvals_required = 1
    rule.save()
    equal(request.approvals.get().approvals_left, 0, "approvals that are missing")
    expect(request.approval_state.get().rules, "no rules")
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", theirs.approve)
    theirs.unapprove()
    theirs.approve()
    day = str((ground.here.sandbox.world.now() + timedelta(days=30)).date())
    maintained = boss.projects.get(project.id)
    bot = maintained.access_tokens.create({"name": "b", "scopes": ["api"], "access_level": 40, "expires_at": day})
    ground.client(bot.token).projects.get(project.id).mergerequests.get(request.iid).reset_approvals()
    equal(request.approvals.get().approved_by, [], "approvals")


def merging(ground: Ground) -> None:
    """Merge now, when the pipeline passes, and after a rebase."""
    project = ground.project("merging", MAINTAINER)
    first, second, third = (ground.request(project, name, f"{name}.txt") for name in ("first", "second", "third"))
    expect(told(first.merge_ref())["commit_id"], "no merge ref")
    refused(gitlab.GitlabMRClosedError, 409, "SHA does not match", lambda: first.merge(sha="0" * 40))
    first.merge(should_remove_source_branch=True, merge_commit_message="Take first")
    equal(project.commits.get("main").title, "Take first", "title of the merge")
    refused(gitlab.GitlabMRClosedError, 405, "405 Method Not Allowed", lambda: first.merge())
    second.rebase()
    until(lambda: not project.mergerequests.get(second.iid, include_rebase_in_progress=True).rebase_in_progress)
    ground.here.sandbox.set_pipelines(ground.here.sandbox.world.projects[project.id], "running")
    third.pipelines.create()
    third.merge(merge_when_pipeline_succeeds=True)
    third.cancel_merge_when_pipeline_succeeds()
    third.merge(merge_when_pipeline_succeeds=True)
    ground.here.sandbox.finish_pipelines(ground.here.sandbox.world.projects[project.id], "success")
    until(lambda: project.mergerequests.get(third.iid).state == "merged")
    equal([one.status for one in third.pipelines.list(get_all=True)], ["success"], "pipelines")


def pipelines(ground: Ground) -> None:
    """Pipelines and jobs: run, fail, retry, cancel, erase, delete."""
    sandbox, project = ground.here.sandbox, ground.project("pipelines", MAINTAINER)
    sandbox.set_pipelines(sandbox.world.projects[project.id], "running")
    pipeline = project.pipelines.create({"ref": "main", "variables": [{"key": "K", "value": "v"}]})
    equal([(one.key, one.value) for one in pipeline.variables.list(get_all=True)], [("K", "v")], "variables")
    equal(project.pipelines.latest(ref="main").id, pipeline.id, "latest pipeline")
    sandbox.finish_pipelines(sandbox.world.projects[project.id], "failed")
    equal(project.pipelines.get(pipeline.id).status, "failed", "status")
    [job] = pipeline.jobs.list(get_all=True)
    equal(([one.id for one in project.jobs.list(get_all=True)], job.status), ([job.id], "failed"), "jobs")
    expect(b"failed" in project.jobs.get(job.id).trace(), "the trace does not say that it failed")
    equal((pipeline.bridges.list(get_all=True), pipeline.test_report.get().total_count), ([], 0), "bridges, tests")
    equal(pipeline.test_report_summary.get().total["count"], 0, "tests in the summary")
    pipeline.retry()
    until(lambda: project.pipelines.get(pipeline.id).status == "running")
    pipeline.cancel()
    equal(project.pipelines.get(pipeline.id).status, "canceled", "status")
    _jobs(project, pipeline.id)
    equal([one.id for one in project.pipelines.list(get_all=True)], [pipeline.id], "pipelines")
    ground.root.projects.get(project.id).pipelines.delete(pipeline.id)


def _jobs(project: Project, pipeline_id: int) -> None:
    last = project.pipelines.get(pipeline_id).jobs.list(get_all=True)[0]
    again = project.jobs.get(project.jobs.get(last.id).retry()["id"])
    again.cancel()
    project.jobs.get(again.id).erase()
    refused(gitlab.GitlabGetError, 404, "404", lambda: project.artifacts.raw("main", "a.txt", "test"))
