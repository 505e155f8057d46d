import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Versions
from remediators.versions.npm import NpmVersions, bounds, numbers

VERSIONS: Versions = NpmVersions()


@pytest.mark.parametrize(
    ("version", "valid"),
    [
        ("1.2.3", True),
        ("v1.2.3", True),
        ("1.2.3-beta.1+build.5", True),
        ("1.2.3beta", True),
        ("1.2", False),
        ("1", False),
        ("1.2.3.4", False),
        ("latest", False),
        ("", False),
        ("1.2.\u0663", False),
        ("9007199254740992.0.0", False),
        ("1" * 5_000 + ".0.0", False),
        ("^1.2.3", False),
    ],
)
def test_valid_is_what_npm_would_publish_or_has_published(version: str, valid: bool) -> None:
    assert VERSIONS.valid(version) is valid


def test_order_is_that_of_semantic_versioning() -> None:
    # semver.org, section 11, and a few across.
    ascending = [
        "0.9.9",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.10",
        "1.2.0",
        "2.0.0",
    ]
    assert sorted([*ascending[7:], *ascending[:7]], key=functools.cmp_to_key(VERSIONS.compare)) == ascending


@pytest.mark.parametrize(("left", "right"), [("1.2.3", "v1.2.3"), ("1.2.3", "1.2.3+build")])
def test_what_does_not_count_compares_equal(left: str, right: str) -> None:
    assert VERSIONS.compare(left, right) == 0


def test_comparing_what_is_no_version_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"not a semantic version: 'latest'"):
        VERSIONS.compare("1.0.0", "latest")


@pytest.mark.parametrize(
    ("requirement", "admitted", "refused"),
    [
        ("", ["0.0.1", "9.9.9"], ["1.0.0-beta"]),
        ("*", ["0.0.1", "9.9.9"], ["1.0.0-beta"]),
        ("1.2.3", ["1.2.3", "v1.2.3"], ["1.2.4"]),
        ("=1.2.3", ["1.2.3"], ["1.2.2"]),
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0", "2.0.0-alpha", "1.3.0-beta"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0"]),
        ("~1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("~>1.2.3", ["1.2.9"], ["1.3.0"]),
        ("1.x", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("1.2.*", ["1.2.0"], ["1.3.0"]),
        ("1 - 2.3", ["1.0.0", "2.3.9"], ["2.4.0"]),
        ("1.2.3 - 2.3.4", ["1.2.3", "2.3.4"], ["2.3.5"]),
        (">=1.2 <2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.9"]),
        ("> 1.2", ["1.3.0"], ["1.2.9"]),
        ("^1 || ^3", ["1.5.0", "3.5.0"], ["2.0.0"]),
        ("^1.2.3-beta.2", ["1.2.3-beta.2", "1.2.3-rc", "1.9.0"], ["1.2.3-alpha", "1.2.4-beta.2"]),
    ],
)
def test_ranges_are_those_of_npm(requirement: str, admitted: list[str], refused: list[str]) -> None:
    assert [v for v in admitted if not VERSIONS.satisfies(v, requirement)] == []
    assert [v for v in refused if VERSIONS.satisfies(v, requirement)] == []


@pytest.mark.parametrize(
    "requirement",
    [
        "latest",
        "next",
        "file:../a",
        "git+ssh://git@host.example/a.git",
        "npm:other@^1",
        "a/b",
        "1.0.0 " * 1_000,
        "^\u0661",
    ],
)
def test_what_is_no_range_is_an_error(requirement: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)not a range|invalid semver range"):
        VERSIONS.satisfies("1.0.0", requirement)


@pytest.mark.parametrize(("version", "prerelease"), [("1.0.0", False), ("1.0.0-rc.1", True), ("1.0.0+build", False)])
def test_prerelease(version: str, prerelease: bool) -> None:
    assert VERSIONS.prerelease(version) is prerelease


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3-beta", "1.2.3", "patch"),
        ("1.2.3", "1.2.3", ""),
        ("1.2.3", "1.2.3+build", ""),
        ("0.2.3", "0.3.0", "major"),
        ("0.2.3", "0.2.4", "patch"),
        ("0.9.0", "1.0.0", "major"),
    ],
)
def test_step_is_the_largest_part_that_differs(before: str, after: str, step: str) -> None:
    assert VERSIONS.step(before, after) == step


@pytest.mark.parametrize(
    ("release", "unit", "allowed"),
    [
        pytest.param("", ">=18", True, id="the release needs nothing"),
        pytest.param(">=20", "", True, id="the unit promises nothing"),
        pytest.param(">=20", ">=18", False, id="needs more than is promised"),
        pytest.param(">=18", ">=18", True, id="needs what is promised"),
        pytest.param(">=14", ">=18", True, id="needs less"),
        pytest.param(">=18.17", ">=18", False, id="a later minor"),
        pytest.param(">=18.17", ">=18.12", False, id="a later minor than the promised one"),
        pytest.param(">=18.12", ">=18.17", True, id="an earlier minor"),
        pytest.param("^18 || ^20 || >=22", ">=18", True, id="odd majors are left out"),
        pytest.param("^18 || ^20", ">=18", True, id="capped, the unit is not"),
        pytest.param("^18 || ^20", ">=18 <=22", False, id="capped below the unit's own cap"),
        pytest.param(">=14 <16", ">=18", False, id="only older ones"),
        pytest.param("^18.18 || ^20.9", "18.x || 20.x", False, id="late minors only"),
        pytest.param(">=18", "18.17.1", True, id="one version exactly"),
        pytest.param("^18.18", "18.17.1", False, id="one version exactly, too early"),
        pytest.param(">=20", "19", False, id="an odd major that the unit names"),
        pytest.param("whatever", ">=18", True, id="unreadable: the release's"),
        pytest.param(">=20", "latest", True, id="unreadable: the unit's"),
    ],
)
def test_a_release_must_run_wherever_the_unit_does(release: str, unit: str, allowed: bool) -> None:
    assert VERSIONS.platform_allows(release, unit) is allowed


def test_numbers_and_bounds() -> None:
    assert numbers("v1.22.333-beta.4") == (1, 22, 333)
    assert bounds("^1.2 || *") == ("1.2.0", "2.0.0")


parts = st.integers(0, 40)
versions = st.builds("{}.{}.{}".format, parts, parts, parts)


@given(versions, versions)
def test_comparing_the_other_way_round_is_the_opposite(left: str, right: str) -> None:
    assert VERSIONS.compare(left, right) == -VERSIONS.compare(right, left)


@given(versions, versions)
def test_a_caret_admits_what_is_no_major_step_up(floor: str, version: str) -> None:
    steps = {"", "minor", "patch"} if not floor.startswith("0.0.") else {""}
    expected = VERSIONS.compare(version, floor) >= 0 and VERSIONS.step(floor, version) in steps
    assert VERSIONS.satisfies(version, f"^{floor}") is expected
