"""A version lies in a range or not, as the OSV schema says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies

from bot.osv.ranges import contains
from remediators.versions.npm import NpmVersions
from remediators.versions.pypi import PypiVersions
from state.model import VersionRange

PYPI = PypiVersions()


def span(*events: str, kind: str = "ECOSYSTEM") -> VersionRange:
    return VersionRange(kind, tuple((word, bound) for word, _, bound in (event.partition(" ") for event in events)))


def inside(of: VersionRange, version: str) -> bool:
    return contains(of, version, version.partition("+")[0], PYPI)


TABLE = {
    "from-the-start": (span("introduced 0", "fixed 2.0"), "0.0.1.dev0 1.9.9 2.0rc1", "2.0 2.0.1"),
    "from-a-version": (span("introduced 1.0", "fixed 2.0"), "1.0 1.5", "0.9 1.0rc1 2.0"),
    "no-end": (span("introduced 1.0"), "1.0 99", "0.9"),
    "last-affected-is-affected": (span("introduced 1.0", "last_affected 2.0"), "1.0 2.0 2.0.0", "2.0.post1 2.0.1"),
    "a-single-version": (span("introduced 1.1", "last_affected 1.1"), "1.1", "1.0 1.1.1"),
    "a-single-version-unsorted": (span("last_affected 1.1", "introduced 1.1"), "1.1", "1.0 1.1.1"),
    "several-pairs": (
        span("introduced 1.0", "fixed 1.3", "introduced 2.0", "fixed 2.1"),
        "1.0 1.2 2.0 2.0.9",
        "0.9 1.3 1.9 2.1 3",
    ),
    "unsorted": (
        span("fixed 2.1", "introduced 2.0", "fixed 1.3", "introduced 0"),
        "0.1 1.2 2.0",
        "1.3 1.9 2.1",
    ),
    "adjoining": (span("introduced 0", "fixed 2.0.0", "introduced 2.0.0", "fixed 2.11.2"), "1.9 2.0 2.11", "2.11.2"),
    "empty": (span("introduced 2.0", "fixed 2.0"), "", "1.9 2.0 2.1"),
    "two-fixes-in-a-row": (span("introduced 0", "fixed 1.5", "fixed 2.0"), "1.4", "1.5 1.9 2.0"),
    "limit": (span("introduced 1.0", "limit 2.0"), "1.0 1.9", "0.9 2.0"),
    "the-largest-limit": (span("introduced 1.0", "limit 2.0", "limit 3.0"), "2.5", "3.0"),
    "no-limit": (span("introduced 1.0", "limit *"), "99", "0.9"),
    "epochs": (span("introduced 0", "fixed 1!1.0"), "2099.1", "1!1.0 1!2"),
    "semver-type": (span("introduced 1.0.0", "fixed 1.2.0", kind="SEMVER"), "1.1.9", "1.2.0"),
    "git": (span("introduced 0", kind="GIT"), "", "1.0 99"),
    "nothing": (span(), "", "1.0"),
    "a-build-of-the-last-affected": (span("introduced 0", "last_affected 2.6.0"), "2.6.0 2.6.0+cu124", "2.6.1+cu124"),
    "a-build-that-is-the-last": (span("introduced 0", "last_affected 2.6.0+cu124"), "2.6.0 2.6.0+cpu", "2.6.1"),
    "a-build-of-the-fix": (span("introduced 0", "fixed 2.6.0"), "2.5.9+cpu", "2.6.0+cpu"),
    "nvd-qualifier": (span("introduced 0", "last_affected 2.9.0-NA"), "2.9.0", "2.9.1"),
    "unreadable-last-affected": (span("introduced 0", "last_affected 2024-09-25x"), "1.0 99", ""),
    "unreadable-fix": (span("introduced 1.0", "fixed 0.2.0-n653"), "1.0 99", "0.9"),
    "unreadable-fix-of-one-pair": (
        span("introduced 0", "fixed 7.2.0-12.1", "introduced 8.0", "fixed 8.3"),
        "7.9 8.1",
        "8.3",
    ),
    "unreadable-start": (span("introduced one", "fixed 2.0"), "0.1 1.9", "2.0"),
}


@pytest.mark.parametrize(
    ("of", "version"),
    [pytest.param(of, v, id=f"{name}-{v}") for name, (of, hit, _) in TABLE.items() for v in hit.split()],
)
def test_inside(of: VersionRange, version: str) -> None:
    assert inside(of, version)


@pytest.mark.parametrize(
    ("of", "version"),
    [pytest.param(of, v, id=f"{name}-{v}") for name, (of, _, clean) in TABLE.items() for v in clean.split()],
)
def test_outside(of: VersionRange, version: str) -> None:
    assert not inside(of, version)


@pytest.mark.parametrize(
    ("of", "version", "expected"),
    [
        pytest.param(
            span("introduced 0", "fixed 2.0.0"), "2.0.0-rc.1", True, id="before-the-fix-is-a-prerelease-of-it"
        ),
        pytest.param(span("introduced 0", "fixed 2.0.0"), "2.0.0", False, id="the-fix"),
        pytest.param(span("introduced 0", "fixed 2.0.0"), "2.0.0+build.7", False, id="a-build-of-the-fix"),
        pytest.param(span("introduced 0", "fixed 2.0.0-0"), "2.0.0-alpha", False, id="every-prerelease-is-fixed"),
        pytest.param(span("introduced 0", "last_affected 1.2.3"), "1.2.3+build.7", True, id="a-build-of-the-last"),
        pytest.param(span("introduced 1.0.0-beta.2"), "1.0.0-beta.11", True, id="numbers-count-as-numbers"),
        pytest.param(span("introduced 1.0.0-beta.2"), "1.0.0-alpha.11", False, id="words-as-words"),
        pytest.param(span("introduced 0.0.0-0", "fixed 1.0.0"), "0.0.0-alpha", True, id="from-the-lowest"),
    ],
)
def test_semver(of: VersionRange, version: str, expected: bool) -> None:
    assert contains(of, version, version.partition("+")[0], NpmVersions()) is expected


EVENTS = strategies.lists(
    strategies.tuples(strategies.sampled_from(["introduced", "fixed", "last_affected"]), strategies.integers(0, 9)),
    max_size=6,
    unique_by=lambda event: event[1],
)


@given(EVENTS, strategies.integers(0, 10))
def test_agrees_with_the_pseudocode_of_the_schema(events: list[tuple[str, int]], version: int) -> None:
    vulnerable = False
    for kind, bound in sorted(events, key=lambda event: event[1]):
        if kind == "introduced" and version >= bound:
            vulnerable = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            vulnerable = False

    assert (
        inside(VersionRange("ECOSYSTEM", tuple((kind, str(bound)) for kind, bound in events)), f"{version}")
        == vulnerable
    )


def test_a_hostile_bound_is_read_quickly() -> None:
    begun = time.process_time()
    assert inside(span("introduced 0", "last_affected " + "1-a" * 60_000 + "\n"), "1.0")
    assert time.process_time() - begun < 1
