"""Who may push, merge and tag, by the rules of protected refs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.rules import accounts, namespaces, projects, protections
from bot.sandbox.rules.protections import ADMINISTRATORS, NO_ONE, AccessEntry
from bot.sandbox.world import Access, Project, ProtectedBranch, ProtectedTag, User, World

DEVELOPERS: AccessEntry = (int(Access.DEVELOPER), None, None)
MAINTAINERS: AccessEntry = (int(Access.MAINTAINER), None, None)
NOBODY: AccessEntry = (NO_ONE, None, None)
ADMINS: AccessEntry = (ADMINISTRATORS, None, None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(repositories=tmp_path)


@pytest.fixture
def root(world: World) -> User:
    return accounts.ensure_root(world, "secret")


@pytest.fixture
def project(world: World, root: User) -> Project:
    group = namespaces.ensure_group(world, root, "team", "private")
    made = projects.create_project(world, root, group, "shop", "shop")
    projects.give_files(world, made, {"a": b"1"}, "main")
    return made


def member(world: World, root: User, project: Project, level: int) -> User:
    user = accounts.add_user(world, f"user{level}")
    accounts.set_member(world, "Project", project.id, user, level, root)
    return user


@pytest.mark.parametrize(
    ("push", "level", "allowed"),
    [
        (MAINTAINERS, Access.DEVELOPER, False),
        (MAINTAINERS, Access.MAINTAINER, True),
        (DEVELOPERS, Access.DEVELOPER, True),
        (DEVELOPERS, Access.REPORTER, False),
        (NOBODY, Access.OWNER, False),
        (ADMINS, Access.OWNER, False),
    ],
)
def test_levels(world: World, root: User, project: Project, push: AccessEntry, level: int, allowed: bool) -> None:
    world.protected_branches.add(ProtectedBranch(project_id=project.id, name="release/*", push_access=(push,)))
    user = member(world, root, project, level)
    assert protections.can_push(world, user, project, "release/1") is allowed
    assert protections.can_push(world, user, project, "topic") is (level >= Access.DEVELOPER)


def test_administrators_pass_but_not_where_no_one_may(world: World, root: User, project: Project) -> None:
    world.protected_branches.add(ProtectedBranch(project_id=project.id, name="a", push_access=(ADMINS,)))
    world.protected_branches.add(ProtectedBranch(project_id=project.id, name="n", push_access=(NOBODY,)))
    assert protections.can_push(world, root, project, "a")
    assert not protections.can_push(world, root, project, "n")


def test_one_person_may_be_named(world: World, root: User, project: Project) -> None:
    named, other = member(world, root, project, Access.DEVELOPER), accounts.add_user(world, "other")
    rule = ProtectedBranch(project_id=project.id, name="n", push_access=((None, named.id, None),))
    world.protected_branches.add(rule)
    assert protections.can_push(world, named, project, "n")
    assert not protections.can_push(world, other, project, "n")


def test_any_rule_may_grant_and_every_rule_must_allow_force(world: World, root: User, project: Project) -> None:
    developer = member(world, root, project, Access.DEVELOPER)
    world.protected_branches.add(ProtectedBranch(project_id=project.id, name="r/*", push_access=(DEVELOPERS,)))
    world.protected_branches.add(ProtectedBranch(project_id=project.id, name="r/1", allow_force_push=True))
    assert protections.can_push(world, developer, project, "r/1")
    assert not protections.allows_force_push(world, project, "r/1")
    assert protections.allows_force_push(world, project, "topic")


def test_merging_takes_less_than_pushing(world: World, root: User, project: Project) -> None:
    developer = member(world, root, project, Access.DEVELOPER)
    rule = ProtectedBranch(project_id=project.id, name="m", push_access=(NOBODY,), merge_access=(DEVELOPERS,))
    world.protected_branches.add(rule)
    assert not protections.can_push(world, developer, project, "m")
    assert protections.can_merge(world, developer, project, "m")
    assert protections.developers_can(world, project, "m", "merge")


@pytest.mark.parametrize(
    ("rule", "name", "covered"),
    [
        ("main", "main", True),
        ("main", "mainline", False),
        ("release/*", "release/1/2", True),
        ("*-stable", "v1-stable", True),
        ("v?", "v1", False),
        ("[ab]", "a", False),
        ("Main", "main", False),
    ],
)
def test_wildcards(world: World, project: Project, rule: str, name: str, covered: bool) -> None:
    world.protected_tags.add(ProtectedTag(project_id=project.id, name=rule))
    assert bool(protections.of_tag(world, project, name)) is covered


def test_an_archived_project_takes_nothing(world: World, root: User, project: Project) -> None:
    project.archived = True
    assert not protections.can_push(world, root, project, "topic")
    assert not protections.can_merge(world, root, project, "topic")
    assert not protections.can_create_tag(world, root, project, "v1")
