"""A client that nobody here wrote: python-gitlab drives the core as it drives GitLab."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import gitlab
import pytest

from bot.sandbox.server import Sandbox


@pytest.fixture
def gl(sandbox: Sandbox) -> Iterator[gitlab.Gitlab]:
    with gitlab.Gitlab(sandbox.url, private_token=sandbox.token, per_page=2) as client:
        client.session.trust_env = False
        yield client


def test_who_and_what(gl: gitlab.Gitlab) -> None:
    gl.auth()
    assert gl.user is not None and gl.user.username == "root"
    assert gl.version()[0].startswith("18.")


def test_a_world_is_made_through_the_api(gl: gitlab.Gitlab) -> None:
    user = gl.users.create({"email": "a@x.example", "name": "Alice", "username": "alice", "reset_password": True})
    token = user.personal_access_tokens.create({"name": "ci", "scopes": ["api", "write_repository"]})
    group = gl.groups.create({"name": "Team", "path": "team"})
    sub = gl.groups.create({"name": "Sub", "path": "sub", "parent_id": group.id})
    project = gl.projects.create({"name": "App", "namespace_id": sub.id, "initialize_with_readme": True})
    project.members.create({"user_id": user.id, "access_level": gitlab.const.AccessLevel.DEVELOPER})
    with gitlab.Gitlab(gl.url, private_token=token.token) as alice:
        alice.session.trust_env = False
        seen = alice.projects.get("team/sub/app")
        assert seen.permissions["project_access"]["access_level"] == 30
        with pytest.raises(gitlab.GitlabGetError, match="404 Group Not Found"):
            alice.groups.get("other")


def test_lists_are_walked_page_by_page(sandbox: Sandbox, gl: gitlab.Gitlab) -> None:
    for number in range(5):
        sandbox.add_project(f"fleet/p{number}")
    by_offset = gl.projects.list(iterator=True, membership=True)
    assert by_offset.total == 5
    assert [p.path for p in by_offset] == ["p4", "p3", "p2", "p1", "p0"]
    keyset = gl.projects.list(iterator=True, pagination="keyset", order_by="id", sort="asc", simple=True)
    assert [p.path for p in keyset] == ["p0", "p1", "p2", "p3", "p4"]
    assert gl.groups.get("fleet").projects.list(get_all=True, search="p3")[0].path == "p3"


def test_changes_and_removals(sandbox: Sandbox, gl: gitlab.Gitlab) -> None:
    project = gl.projects.get(sandbox.add_project("team/app").id)
    project.description = "Ours"
    project.save()
    assert gl.projects.get(project.id).description == "Ours"
    project.variables.create({"key": "K", "value": "v"})
    assert project.variables.get("K").value == "v"
    project.archive()
    project.unarchive()
    project.delete()
    assert gl.projects.get(project.id).marked_for_deletion_on is not None


def test_tokens_tell_of_themselves_and_rotate(sandbox: Sandbox, gl: gitlab.Gitlab) -> None:
    me = gl.personal_access_tokens.get("self")
    assert me.active
    day = str(sandbox.world.now().date() + timedelta(days=60))
    fresh = me.rotate(self_rotate=True, expires_at=day)
    with pytest.raises(gitlab.GitlabAuthenticationError):
        gl.auth()
    with gitlab.Gitlab(gl.url, private_token=fresh["token"]) as rotated:
        rotated.session.trust_env = False
        rotated.auth()


def test_a_taken_name_is_told(gl: gitlab.Gitlab) -> None:
    gl.projects.create({"name": "app"})
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        gl.projects.create({"name": "app"})
    assert refused.value.response_code == 400
    assert "has already been taken" in str(refused.value)
