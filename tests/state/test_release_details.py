"""Cached details of releases: exact, under the right version and index, and let go in the end."""

from __future__ import annotations

from datetime import timedelta

from state.model import ReleaseDetails
from state.release_details import KEPT_FOR
from state.store import Store
from tests.state.samples import NOW

KEY = ("npm", "lodash", "4.17.21", "")
DETAILS = ReleaseDetails(
    "https://forge.example/lodash/lodash", "## 4.17.21\n- fixed \ud800", True, "ann", ("ann", "bob")
)


def test_come_back_whole(store: Store) -> None:
    store.save_release_details({KEY: DETAILS}, NOW)
    assert store.release_details({KEY}) == {KEY: DETAILS}


def test_another_version_or_index_is_another_release(store: Store) -> None:
    others = [("npm", "lodash", "4.17.20", ""), ("npm", "lodash", "4.17.21", "https://registry.example")]
    store.save_release_details({KEY: DETAILS}, NOW)
    assert store.release_details(others) == {}


def test_what_was_not_looked_for_is_not_what_is_not_there(store: Store) -> None:
    known = {KEY: ReleaseDetails(changelog=None), (*KEY[:3], "x"): ReleaseDetails(changelog="")}
    store.save_release_details(known, NOW)
    assert store.release_details(set(known)) == known


def test_old_ones_are_dropped_when_new_ones_come(store: Store) -> None:
    store.save_release_details({KEY: DETAILS}, NOW)
    new = ("PyPI", "requests", "2.32.4", "")
    store.save_release_details({new: DETAILS}, NOW + KEPT_FOR + timedelta(seconds=1))
    assert store.release_details({KEY, new}) == {new: DETAILS}
