"""Users, tokens, groups, members and namespaces through python-gitlab."""

from __future__ import annotations

from datetime import timedelta

import gitlab

from conformance.python_gitlab.ground import DEVELOPER, Ground
from conformance.story import equal, expect


def users(ground: Ground) -> None:
    """Make, find, change, block and delete a user."""
    gl = ground.root
    made = gl.users.create({"email": "a@x.example", "name": "Ann", "username": "ann", "force_random_password": True})
    equal([user.id for user in gl.users.list(username="ann", get_all=True)], [made.id], "users named ann")
    made.name = "Anna"
    made.save()
    user = gl.users.get(made.id)
    equal(user.name, "Anna", "name")
    for act in (user.block, user.unblock, user.deactivate, user.activate):
        act()
    equal(gl.users.get(made.id).state, "active", "state")
    equal(user.status.get().message, None, "status")
    equal(user.events.list(get_all=True), [], "events")
    user.delete()


def oneself(ground: Ground) -> None:
    """Look at the token's own user."""
    gl = ground.person(DEVELOPER)
    gl.auth()
    expect(gl.user is not None, "no user")
    if gl.user is not None:
        equal((gl.user.username, gl.user.bot), (DEVELOPER, False), "user")
        status = gl.user.status.get()
        status.message, status.emoji = "Here", "coffee"
        status.save()
        equal(gl.user.status.get().message, "Here", "status")
    equal(gl.version()[0].split(".")[0], "18", "major version")


def tokens(ground: Ground) -> None:
    """Personal, impersonation, project and group tokens: make, list, rotate, revoke."""
    gl = ground.root
    day = str((ground.here.sandbox.world.now() + timedelta(days=30)).date())
    user = gl.users.list(username=DEVELOPER, get_all=True)[0]
    made = user.personal_access_tokens.create({"name": "ci", "scopes": ["api"], "expires_at": day})
    other = ground.client(made.token)
    own = other.personal_access_tokens.get("self")
    equal((own.name, own.scopes, own.active), ("ci", ["api"], True), "the token of itself")
    fresh = ground.client(own.rotate(self_rotate=True, expires_at=day)["token"])
    _refuses(other)
    listed = gl.personal_access_tokens.list(user_id=user.id, state="active", get_all=True)
    expect("ci" in [token.name for token in listed], "the token is not listed")
    rotated = gl.personal_access_tokens.get(fresh.personal_access_tokens.get("self").id)
    rotated.rotate(expires_at=day)
    gl.personal_access_tokens.delete(max(t.id for t in gl.personal_access_tokens.list(user_id=user.id, get_all=True)))
    impersonation = user.impersonationtokens.create({"name": "as", "scopes": ["api"], "expires_at": day})
    equal([token.name for token in user.impersonationtokens.list(get_all=True)], ["as"], "impersonation tokens")
    equal(user.impersonationtokens.get(impersonation.id).active, True, "active")
    impersonation.delete()


def bots(ground: Ground) -> None:
    """Tokens of a project and of a group, which are users of their own."""
    project = ground.project("bots")
    day = str((ground.here.sandbox.world.now() + timedelta(days=30)).date())
    for owner in (project, ground.root.groups.get("team")):
        wanted = {"name": "bot", "scopes": ["api"], "access_level": 30, "expires_at": day}
        made = owner.access_tokens.create(wanted)
        bot = ground.client(made.token)
        bot.auth()
        expect(bot.user is not None and bot.user.bot, "it is no bot")
        equal([one.name for one in owner.access_tokens.list(get_all=True)], ["bot"], "tokens")
        renewed = owner.access_tokens.get(made.id).rotate(expires_at=day)
        owner.access_tokens.delete(renewed["id"])
        _refuses(ground.client(renewed["token"]))


def groups(ground: Ground) -> None:
    """Groups, groups below them, their projects, and their end."""
    gl = ground.root
    group = gl.groups.create({"name": "Firm", "path": "firm", "visibility": "internal"})
    below = gl.groups.create({"name": "Unit", "path": "unit", "parent_id": group.id})
    project = gl.projects.create({"name": "Tool", "namespace_id": below.id})
    group.description = "All of us"
    group.save()
    equal(gl.groups.get("firm").description, "All of us", "description")
    equal([one.full_path for one in group.subgroups.list(get_all=True)], ["firm/unit"], "subgroups")
    equal([one.full_path for one in group.descendant_groups.list(get_all=True)], ["firm/unit"], "groups below")
    equal([one.path for one in group.projects.list(include_subgroups=True, get_all=True)], ["tool"], "projects")
    group.transfer_project(project.id)
    equal(gl.projects.get(project.id).path_with_namespace, "firm/tool", "path after the transfer")
    equal([one.path for one in gl.groups.list(search="firm", get_all=True)], ["firm", "unit"], "groups found")
    below.delete()
    expect(gl.namespaces.get("firm").kind == "group", "its namespace is of another kind")
    equal([one.full_path for one in gl.namespaces.list(search="firm", get_all=True)][:1], ["firm"], "namespaces")
    expect(gl.namespaces.exists("firm").exists, "its path counts as free")


def members(ground: Ground) -> None:
    """Members of groups and projects, their own and inherited."""
    gl, project = ground.root, ground.project("members")
    guest = gl.users.create(
        {"email": "g@x.example", "name": "Guest", "username": "guest", "force_random_password": True}
    )
    for source in (project, gl.groups.get("team")):
        member = source.members.create({"user_id": guest.id, "access_level": gitlab.const.AccessLevel.GUEST})
        member.access_level = gitlab.const.AccessLevel.REPORTER
        member.save()
        equal(source.members.get(guest.id).access_level, 20, "access level")
        expect(guest.id in [one.id for one in source.members.list(get_all=True)], "not listed")
        equal(source.members_all.get(guest.id).access_level, 20, "access level with inherited ones")
        expect(len(source.members_all.list(get_all=True)) > 1, "nobody is inherited")
    kinds = {one.source_type for one in gl.users.get(guest.id).memberships.list(get_all=True)}
    equal(kinds, {"Project", "Namespace"}, "kinds of memberships")
    for source in (project, gl.groups.get("team")):
        source.members.delete(guest.id)


def _refuses(client: gitlab.Gitlab) -> None:
    try:
        client.auth()
    except gitlab.GitlabAuthenticationError:
        return
    expect(False, "a token that was revoked still works")
