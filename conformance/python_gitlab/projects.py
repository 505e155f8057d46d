"""Projects themselves, their variables, hooks, events and lists through python-gitlab."""

from __future__ import annotations

import gitlab

from conformance.python_gitlab.ground import DEVELOPER, Ground
from conformance.story import equal, expect


def projects(ground: Ground) -> None:
    """Make, change, fork, move, archive, delete and restore a project."""
    gl, project = ground.root, ground.project("life")
    project.description, project.topics = "Ours", ["tools"]
    project.save()
    equal(gl.projects.get(project.id).topics, ["tools"], "topics")
    fork = project.forks.create({"path": "fork"})
    equal([one.id for one in project.forks.list(get_all=True)], [fork.id], "forks")
    gl.projects.get(fork.id).delete_fork_relation()
    project.archive()
    expect(gl.projects.get(project.id).archived, "it is not archived")
    project.unarchive()
    group = gl.groups.create({"name": "New", "path": "new-home"})
    project.transfer(group.id)
    moved = gl.projects.get(project.id)
    equal(moved.path_with_namespace, "new-home/life", "path")
    moved.delete()
    expect(gl.projects.get(project.id).marked_for_deletion_on, "it is not marked for deletion")
    gl.projects.get(project.id).restore()
    group.delete()
    gl.groups.get(group.id).restore()


def lists(ground: Ground) -> None:
    """Lists by offset with totals, by keyset, lazily and all at once."""
    gl = ground.root
    for number in range(5):
        ground.here.sandbox.add_project(f"many/p{number}", members={DEVELOPER: 30})
    paged = ground.person(DEVELOPER).projects.list(iterator=True, search="p", search_namespaces=False, membership=True)
    equal((paged.total is not None, paged.per_page, paged.current_page), (True, 2, 1), "totals and pages")
    names = [project.path for project in paged if project.namespace["path"] == "many"]
    equal(names, ["p4", "p3", "p2", "p1", "p0"], "projects, newest first")
    keyset = gl.projects.list(iterator=True, pagination="keyset", order_by="id", sort="asc", simple=True)
    ids = [project.id for project in keyset]
    equal(ids, sorted(ids), "ids in order")
    equal(len(gl.projects.list(get_all=True)), len(ids), "projects by offset and by keyset")
    equal(len(gl.projects.list(page=1, per_page=3)), 3, "one page")
    equal(gl.projects.list(iterator=True, per_page=1).total, len(ids), "total")


def variables(ground: Ground) -> None:
    """Variables of a project and of a group."""
    project = ground.project("variables")
    for owner in (project, ground.root.groups.get("team")):
        owner.variables.create({"key": "KEY", "value": "one", "masked": False})
        variable = owner.variables.get("KEY")
        variable.value = "two"
        variable.save()
        equal([(one.key, one.value) for one in owner.variables.list(get_all=True)], [("KEY", "two")], "variables")
        owner.variables.delete("KEY")


def hooks(ground: Ground) -> None:
    """Web hooks of a project, a group and the whole installation."""
    project, sandbox = ground.project("hooks"), ground.here.sandbox
    sandbox.world.loop.run(lambda: setattr(sandbox.world, "premium", True))
    for owner in (project, ground.root.groups.get("team")):
        hook = owner.hooks.create({"url": "http://127.0.0.1:9/hook", "push_events": True, "token": "secret"})
        hook.issues_events = True
        hook.save()
        equal(owner.hooks.get(hook.id).issues_events, True, "issues_events")
        equal([one.id for one in owner.hooks.list(get_all=True)], [hook.id], "hooks")
        # Nobody listens there; GitLab says so.
        try:
            hook.test("push_events")
        except gitlab.GitlabHookTestError as refusal:
            equal(refusal.response_code, 422, "status of a test that fails")
        owner.hooks.delete(hook.id)
    made = ground.root.hooks.create({"url": "http://127.0.0.1:9/system", "push_events": True})
    equal(ground.root.hooks.get(made.id).push_events, True, "push_events")
    expect(made.id in [one.id for one in ground.root.hooks.list(get_all=True)], "not listed")
    made.delete()


def events(ground: Ground) -> None:
    """The activity of a project, of a user and of oneself."""
    project = ground.project("events", DEVELOPER)
    project.issues.create({"title": "Something happens"})
    gl = ground.person(DEVELOPER)
    gl.auth()
    for feed in (project.events, gl.events, ground.root.users.list(username=DEVELOPER, get_all=True)[0].events):
        seen = [(one.action_name, one.target_title) for one in feed.list(get_all=True)]
        expect(("opened", "Something happens") in seen, f"the feed has {seen}")
