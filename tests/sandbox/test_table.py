"""A table keeps its indexes and its list of changes by itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.sandbox.world import Noun, Table


@dataclass(slots=True, kw_only=True, eq=False)
class Thing(Noun):
    name: str
    owner: int
    id: int = 0


@pytest.fixture
def things() -> Table[Thing]:
    return Table(Thing, ("name",), ("owner",), ("owner", "name"), folded=("name",))


def test_ids_are_given_in_order_and_never_again(things: Table[Thing]) -> None:
    first, second = things.add(Thing(name="a", owner=1)), things.add(Thing(name="b", owner=1))
    things.remove(second)
    assert (first.id, things.add(Thing(name="c", owner=1)).id) == (1, 3)


def test_an_assignment_moves_a_noun_in_every_index(things: Table[Thing]) -> None:
    thing = things.add(Thing(name="a", owner=1))
    thing.name = "b"
    assert things.one(name="a") is None
    assert things.one(name="b") is thing
    assert things.one(owner=1, name="b") is thing
    assert things.where(owner=1) == [thing]


def test_folded_fields_match_without_regard_to_case(things: Table[Thing]) -> None:
    thing = things.add(Thing(name="Team/App", owner=1))
    assert things.one(name="team/APP") is thing


def test_a_removed_noun_is_in_no_index(things: Table[Thing]) -> None:
    thing = things.add(Thing(name="a", owner=1))
    things.remove(thing)
    thing.owner = 2
    assert (things.where(owner=1), things.where(owner=2), things.one(name="a"), len(things)) == ([], [], None, 0)


def test_every_change_is_noted(things: Table[Thing]) -> None:
    thing = things.add(Thing(name="a", owner=1))
    things.dirty.clear()
    assert not things.dirty
    thing.owner = 2
    assert things.dirty == {thing.id}


def test_a_field_without_an_index_cannot_be_asked_for(things: Table[Thing]) -> None:
    with pytest.raises(KeyError):
        things.where(id=1)
