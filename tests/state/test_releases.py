"""Cached listings: exact, complete for what is asked, and found under the right index."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from state.model import CachedListing, Listing, Release
from state.store import Store
from tests.state.samples import ELSEWHERE, LATER, LISTING, NOW

KEY = ("PyPI", "requests", "")


def test_come_back_whole(store: Store) -> None:
    store.save_listings({KEY: LISTING})
    assert store.listings([KEY]) == {KEY: LISTING}


def test_a_package_without_releases_is_not_an_unknown_one(store: Store) -> None:
    empty = CachedListing(Listing(()), NOW)
    store.save_listings({KEY: empty})
    assert store.listings([KEY, ("PyPI", "unknown", "")]) == {KEY: empty}


def test_saving_again_overwrites(store: Store) -> None:
    store.save_listings({KEY: LISTING})
    newer = CachedListing(Listing(LISTING.listing.releases[:1], etag="new"), LATER)
    store.save_listings({KEY: newer})
    assert store.listings([KEY]) == {KEY: newer}


def test_the_same_name_elsewhere_is_another_package(store: Store) -> None:
    elsewhere = {
        KEY: LISTING,
        ("npm", "requests", ""): replace(LISTING, checked_at=LATER),
        ("PyPI", "requests", "https://registry.example/simple"): CachedListing(Listing((), "private"), NOW),
    }
    store.save_listings(elsewhere)
    assert store.listings(list(elsewhere)) == elsewhere
    assert store.listings([("PyPI", "requests", "https://other.example"), ("npm", "requests", "x")]) == {}


def test_many_at_once(store: Store) -> None:
    releases = tuple(Release(f"1.{minor}", NOW - timedelta(days=minor), False, ">=3.9") for minor in range(20))
    many = {("npm", f"package-{number}", ""): CachedListing(Listing(releases), NOW) for number in range(1_200)}
    store.save_listings(many)
    assert store.listings(list(many)) == many


def test_nothing_asked_nothing_found(store: Store) -> None:
    store.save_listings({})
    assert store.listings([]) == {}


def test_times_come_back_in_utc(store: Store) -> None:
    there = CachedListing(Listing((Release("1", ELSEWHERE, False),)), ELSEWHERE)
    store.save_listings({KEY: there})
    found = store.listings([KEY])[KEY]
    for time in (found.checked_at, found.listing.releases[0].published):
        assert time is not None
        assert (time, time.tzname()) == (NOW, "UTC")
