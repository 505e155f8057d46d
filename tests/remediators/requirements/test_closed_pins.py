"""Pins that need no package manager to say that they can be installed together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from remediators.errors import RegistryError
from remediators.requirements.closed_pins import MOST, closed
from remediators.versions.pypi import PypiVersions

VERSIONS = PypiVersions()
RELEASES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("a", "1"): {"b": ">=1,<2"},
    ("a", "2"): {"b": ">=2"},
    ("b", "1.5"): {},
    ("c", "1"): {"elsewhere": ""},
    ("d", "1"): {"b": "not a range"},
}


def requirements(package: str, version: str) -> Mapping[str, str]:
    if (package, version) not in RELEASES:
        raise RegistryError("not told")
    return RELEASES[package, version]


@pytest.mark.parametrize(
    ("pins", "told"),
    [
        pytest.param({"a": "1", "b": "1.5"}, True, id="all is pinned and fits"),
        pytest.param({"a": "2", "b": "1.5"}, False, id="a contradiction"),
        pytest.param({"a": "1"}, False, id="what is required is not pinned"),
        pytest.param({"c": "1", "b": "1.5"}, False, id="something unnamed comes along"),
        pytest.param({"b": "1.5", "x": "1"}, False, id="a release that nobody tells of"),
        pytest.param({"d": "1", "b": "1.5"}, False, id="a range that nobody can read"),
        pytest.param({}, False, id="nothing"),
        pytest.param({f"p{n}": "1" for n in range(MOST + 1)}, False, id="too many to ask"),
    ],
)
def test_closed(pins: Mapping[str, str], told: bool) -> None:
    assert closed(pins, requirements, VERSIONS) is told
