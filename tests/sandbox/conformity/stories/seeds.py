"""What stories begin with: projects, groups and the people in them."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.server import Sandbox
from tests.sandbox.conformity.clients import LEVELS
from tests.sandbox.conformity.story import Values

FILES = {"README.md": "# App\n", "lib/a.py": "a = 1\n", "LICENSE": "MIT License\n"}


def project(sandbox: Sandbox) -> Values:
    """A private project `team/app` with a few files and a member of each level; `soon` is a day to come."""
    for name in set(LEVELS) - {"root"}:
        sandbox.add_user(name)
    made = sandbox.add_project("team/app", FILES, members=LEVELS)
    soon = sandbox.world.now().date() + timedelta(days=30)
    ids = {"id": made.id, "group_id": made.namespace_id, "root_id": sandbox.root.id}
    return {**{name: str(id_) for name, id_ in ids.items()}, "soon": str(soon)}


def group(sandbox: Sandbox) -> Values:
    """The same project, seen from its group, whose members are the same people."""
    values = project(sandbox)
    sandbox.add_group("team", LEVELS)
    return {**values, "id": values["group_id"], "project_id": values["id"]}


def people(sandbox: Sandbox) -> Values:
    """The same project, seen by its people."""
    values = project(sandbox)
    alice = sandbox.add_user("alice")
    return {**values, "project_id": values["id"], "id": str(alice.id), "user_id": str(alice.id)}
