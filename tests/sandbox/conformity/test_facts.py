"""The compact tables agree with what GitLab describes and what was recorded, where those lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conformity import beyond, derive
from tests.sandbox.conformity.derive import TABLES, Tables
from tests.sandbox.ground_truth import ground_truth

_AGAIN = "python -m tests.sandbox.conformity.derive writes the tables anew"


def _written(name: str) -> Any:
    return json.loads((TABLES / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def derived() -> Tables:
    ground = ground_truth("openapi").parent
    return derive.tables(ground, beyond.read(TABLES / "beyond.json"), derive.every_route())


def test_the_routes_are_those_of_description_and_recordings(derived: Tables) -> None:
    assert _written("routes.json") == derived.routes, _AGAIN


def test_the_entities_are_those_of_description_and_recordings(derived: Tables) -> None:
    assert _written("entities.json") == derived.entities, _AGAIN


def test_the_tables_are_written_as_derived(derived: Tables, tmp_path: Path) -> None:
    derive.write(derived, tmp_path)
    for name in ("routes.json", "entities.json"):
        assert (tmp_path / name).read_text("utf-8") == (TABLES / name).read_text("utf-8"), _AGAIN


def test_what_is_written_down_by_hand_is_about_routes_and_entities_that_there_are() -> None:
    said = beyond.read(TABLES / "beyond.json")
    assert set(said.routes) - set(derive.every_route()) == set()
    assert {*said.entities, *said.absent} - set(_written("entities.json")) == set()


def test_every_entry_by_hand_names_its_source_or_reason() -> None:
    table = _written("beyond.json")
    entries = [entry for name in ("routes", "entities", "sometimes", "never") for entry in table[name]]
    assert [entry for entry in entries if not {"source", "why", "when"} & set(entry)] == []


def test_every_key_has_a_kind() -> None:
    entities = _written("entities.json")
    assert [(name, key) for name, keys in entities.items() for key, kinds in keys.items() if kinds == "any"] == []
