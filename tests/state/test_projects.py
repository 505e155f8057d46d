"""Projects: what discovery saw is what comes back, by id and by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from state.model import Project
from state.store import Store
from tests.state.samples import EMPTY_PROJECT, LATER, NOW, PROJECT


def test_come_back_whole_and_by_path(store: Store) -> None:
    first = replace(PROJECT, id=9, path="a/first", archived=False, issues_enabled=True, merge_requests_enabled=True)
    store.save_projects([EMPTY_PROJECT, first], NOW)
    assert store.projects() == (first, PROJECT, EMPTY_PROJECT)


@pytest.mark.parametrize("ref", [7, "7", "shop/cart"], ids=["id", "numeric string", "path"])
def test_are_found_by(store: Store, ref: str | int) -> None:
    assert store.project(ref) == PROJECT


@pytest.mark.parametrize("ref", [70, "70", "shop", "shop/Cart", "", "²"])
def test_are_not_found_by(store: Store, ref: str | int) -> None:
    assert store.project(ref) is None


def test_saving_again_overwrites(store: Store) -> None:
    moved = replace(PROJECT, path="shop/basket", head=None, archived=False)
    store.save_projects([moved], LATER)
    assert store.projects() == (moved,)
    assert store.project("shop/cart") is None


def test_a_reused_path_is_the_project_seen_there_last(store: Store) -> None:
    successor = replace(PROJECT, id=3)
    store.save_projects([successor], LATER)
    assert store.project("shop/cart") == successor


def test_ids_may_be_large_and_many(store: Store) -> None:
    many = [replace(PROJECT, id=2**40 + number, path=f"fleet/{number:05}") for number in range(2_000)]
    store.save_projects(iter(many), NOW)
    assert store.projects() == (*many, PROJECT)


def test_saving_none_is_no_change(store: Store) -> None:
    store.save_projects([], LATER)
    assert store.projects() == (PROJECT,)


def test_are_fetched_before_the_transaction_begins(store: Store) -> None:
    def pages() -> Iterator[Project]:
        store.set_mark("page", "1")  # would wait for the lock of its own caller
        yield replace(PROJECT, id=9)

    store.save_projects(pages(), NOW)
    assert store.project(9) is not None
