"""A world in a folder goes on after a restart; one in memory leaves nothing behind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.persistence import decoded, encoded
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access, World
from tests.sandbox.client import Api


def _rows(world: World) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{field: getattr(row, field) for field in row.__slots__} for row in table]
        for name, table in world.tables()
    }


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with Sandbox(tmp_path, "secret") as first:
        first.add_user("alice")
        first.add_project("team/app", files={"a.txt": b"\x00\xff"}, members={"alice": Access.DEVELOPER})
        client = Api(first.url, "secret")
        client.post("/projects", name="mine", topics=["x"])
        client.post("/projects/1/variables", key="K", value="v")
        client.close()
        before = _rows(first.world)
    second = Sandbox(tmp_path, "secret")
    assert _rows(second.world) == before
    second.stop()


def test_a_killed_sandbox_has_lost_no_answered_write(tmp_path: Path) -> None:
    first = Sandbox(tmp_path, "secret").start()
    client = Api(first.url, "secret")
    client.post("/projects", name="mine")
    client.close()
    second = Sandbox(tmp_path, "secret")  # the first was never stopped
    assert [project.full_path for project in second.world.projects] == ["root/mine"]
    second.stop()
    first.stop()


def test_ids_of_deleted_things_are_not_given_again(tmp_path: Path) -> None:
    first = Sandbox(tmp_path)
    gone = first.add_project("team/app").id
    first.world.projects.remove(first.world.projects[gone])
    first.stop()
    second = Sandbox(tmp_path)
    assert second.add_project("team/app").id == gone + 1
    second.stop()


def test_a_world_in_memory_leaves_no_files() -> None:
    with Sandbox() as sandbox:
        folder = sandbox.world.repositories.parent
        assert folder.exists()
    assert not folder.exists()


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        "text",
        b"\x00\xff",
        (1, ("a", None)),
        frozenset({"push_events"}),
        datetime(2026, 11, 20, 8, 0, 0, 1000, tzinfo=UTC),
        date(2026, 11, 20),
        {"$time": {"nested": (1, {"deep": b""})}},
        ((1, datetime(2026, 1, 1, tzinfo=UTC)),),
    ],
    ids=repr,
)
def test_values_survive_the_encoding(value: Any) -> None:
    assert decoded(encoded(value)) == value
