"""Issues, notes, threads, emoji, links, labels, milestones and to-dos through python-gitlab."""

from __future__ import annotations

from gitlab.v4.objects import ProjectIssue, ProjectMergeRequest

from conformance.python_gitlab.ground import DEVELOPER, MAINTAINER, Ground
from conformance.story import equal, expect


def issues(ground: Ground) -> None:
    """An issue from its creation to its end, and every list of issues."""
    project, gl = ground.project("issues", MAINTAINER), ground.person(MAINTAINER)
    issue = project.issues.create({"title": "One", "labels": ["bug"], "description": "- [ ] do it"})
    issue.labels = ["bug", "now"]
    issue.state_event = "close"
    issue.save()
    seen = project.issues.get(issue.iid)
    equal((seen.state, seen.labels, seen.task_completion_status["count"]), ("closed", ["bug", "now"], 1), "issue")
    equal(ground.root.issues.get(issue.id).iid, issue.iid, "iid by id")
    for where in (project.issues, gl.issues, gl.groups.get("team").issues):
        found = where.list(state="closed", labels=["now"], scope="all", get_all=True)
        equal([one.id for one in found], [issue.id], "issues found")
    for counted in (project.issues_statistics, gl.issues_statistics, gl.groups.get("team").issues_statistics):
        expect(counted.get().statistics["counts"]["closed"] >= 1, "the closed issue is not counted")
    request = ground.request(project, "fix", description=f"Closes #{issue.iid}")
    equal([one["iid"] for one in issue.closed_by(get_all=True)], [request.iid], "what closes it")
    equal([one["iid"] for one in issue.related_merge_requests(get_all=True)], [request.iid], "what is related")
    for name in ("resourcelabelevents", "resourcestateevents"):
        log = getattr(issue, name)
        expect(log.get(log.list(get_all=True)[0].id).created_at, "an event without a time")
    for subject in (issue, request):
        _follow(subject)
    ground.root.projects.get(project.id).issues.delete(issue.iid)


def links(ground: Ground) -> None:
    """Links between issues of two projects."""
    here, there = ground.project("links", DEVELOPER), ground.project("linked", DEVELOPER)
    one, two = here.issues.create({"title": "One"}), there.issues.create({"title": "Two"})
    source, target = one.links.create({"target_project_id": there.id, "target_issue_iid": two.iid})
    equal((source.title, target.title), ("One", "Two"), "both ends")
    [linked] = one.links.list(get_all=True)
    equal((linked.title, linked.link_type), ("Two", "relates_to"), "linked issue")
    one.links.delete(linked.issue_link_id)
    equal(one.links.list(get_all=True), [], "links")


def talk(ground: Ground) -> None:
    """Notes, threads and emoji on an issue and on a merge request."""
    project = ground.project("talk", DEVELOPER)
    for subject in (project.issues.create({"title": "One"}), ground.request(project, "talk")):
        note = subject.notes.create({"body": "Hello"})
        note.body = "Hello there"
        note.save()
        equal(subject.notes.get(note.id).body, "Hello there", "note")
        award = note.awardemojis.create({"name": "thumbsup"})
        equal(note.awardemojis.get(award.id).name, "thumbsup", "emoji")
        equal(len(note.awardemojis.list(get_all=True)), 1, "emoji of the note")
        note.awardemojis.delete(award.id)
        own = subject.awardemojis.create({"name": "tada"})
        equal([one.name for one in subject.awardemojis.list(get_all=True)], ["tada"], "emoji")
        subject.awardemojis.get(own.id).delete()
        _thread(subject)
        expect(note.id in [one.id for one in subject.notes.list(get_all=True)], "the note is not listed")
        note.delete()


def labels(ground: Ground) -> None:
    """Labels of a project and of a group."""
    project = ground.project("labels", MAINTAINER)
    for owner in (project, ground.root.groups.get("team")):
        label = owner.labels.create({"name": "kind::bug", "color": "#ff0000", "description": "Wrong"})
        label.color = "#00ff00"
        label.save()
        equal(owner.labels.get("kind::bug").color, "#00ff00", "colour")
        expect("kind::bug" in [one.name for one in owner.labels.list(get_all=True)], "not listed")
        owner.labels.update(name="kind::bug", new_data={"new_name": "bug"})
        owner.labels.delete("bug")
    label = project.labels.create({"name": "mine", "color": "#0000ff"})
    label.subscribe()
    label.unsubscribe()
    ground.root.projects.get(project.id).labels.get("mine").promote()
    expect("mine" in [one.name for one in ground.root.groups.get("team").labels.list(get_all=True)], "not promoted")


def milestones(ground: Ground) -> None:
    """Milestones of a project and of a group, and what belongs to them."""
    project = ground.project("milestones", MAINTAINER)
    for owner in (project, ground.root.groups.get("team")):
        milestone = owner.milestones.create({"title": f"For {owner.name}", "due_date": "2027-01-31"})
        milestone.description = "Soon"
        milestone.save()
        equal(owner.milestones.get(milestone.id).description, "Soon", "description")
        expect(milestone.id in [one.id for one in owner.milestones.list(get_all=True)], "not listed")
        issue = project.issues.create({"title": "Due", "milestone_id": milestone.id})
        request = ground.request(project, f"due{milestone.id}", f"{milestone.id}.txt", milestone_id=milestone.id)
        equal([one.id for one in milestone.issues(get_all=True)], [issue.id], "issues")
        equal([one.id for one in milestone.merge_requests(get_all=True)], [request.id], "merge requests")
        for subject in (issue, request):
            log = subject.resourcemilestoneevents
            equal(log.get(log.list(get_all=True)[0].id).action, "add", "milestone event")
        milestone.state_event = "close"
        milestone.save()
        owner.milestones.delete(milestone.id)


def todos(ground: Ground) -> None:
    """To-dos: one's own marks and what others ask for."""
    project, gl = ground.project("todos", DEVELOPER), ground.person(DEVELOPER)
    gl.auth()
    issue = project.issues.create({"title": "One"})
    for subject in (issue, ground.request(project, "todo")):
        subject.todo()
    boss = ground.person(MAINTAINER).projects.get(project.id)
    boss.issues.create({"title": "Two", "assignee_ids": [gl.user.id if gl.user else 0]})
    seen = gl.todos.list(get_all=True)
    equal(sorted(one.action_name for one in seen), ["assigned", "marked", "marked"], "to-dos")
    seen[0].mark_as_done()
    gl.todos.mark_all_as_done()
    equal(gl.todos.list(get_all=True), [], "to-dos")


def _follow(subject: ProjectIssue | ProjectMergeRequest) -> None:
    subject.time_estimate("1h30m")
    subject.add_spent_time("15m")
    equal(subject.time_estimate("1h30m")["total_time_spent"], 900, "seconds spent")
    subject.reset_spent_time()
    subject.reset_time_estimate()
    subject.unsubscribe()
    subject.subscribe()
    equal([one["username"] for one in subject.participants(get_all=True)], [MAINTAINER], "participants")


def _thread(subject: ProjectIssue | ProjectMergeRequest) -> None:
    thread = subject.discussions.create({"body": "Why?"})
    answer = thread.notes.create({"body": "Because."})
    answer.body = "Because of that."
    answer.save()
    equal(thread.notes.get(answer.id).body, "Because of that.", "answer")
    equal(len(thread.notes.list(get_all=True)), 2, "notes of the thread")
    equal([note["body"] for note in subject.discussions.get(thread.id).attributes["notes"]][-1], answer.body, "thread")
    if isinstance(subject, ProjectMergeRequest):
        subject.discussions.update(thread.id, {"resolved": True})
    expect(thread.id in [one.id for one in subject.discussions.list(get_all=True)], "the thread is not listed")
    thread.notes.delete(answer.id)
