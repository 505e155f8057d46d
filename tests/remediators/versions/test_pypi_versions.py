import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from remediators.api import Versions
from remediators.versions.pypi import PypiVersions

VERSIONS: Versions = PypiVersions()


@pytest.mark.parametrize(
    ("version", "valid"),
    [
        pytest.param("1.2.3", True, id="release"),
        pytest.param("1!2.0rc1.post2.dev3+local.4", True, id="every part"),
        pytest.param("v1.0", True, id="v prefix"),
        pytest.param("2004d", False, id="legacy"),
        pytest.param("1.2.*", False, id="wildcard"),
        pytest.param("", False, id="empty"),
    ],
)
def test_valid_is_what_pep_440_can_read(version: str, valid: bool) -> None:
    assert VERSIONS.valid(version) is valid


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        pytest.param("1.10", "1.9", 1, id="numbers, not text"),
        pytest.param("1.0", "1.0.0", 0, id="zeros do not matter"),
        pytest.param("1.0rc1", "1.0", -1, id="candidate before release"),
        pytest.param("1.0.dev1", "1.0a1", -1, id="development before alpha"),
        pytest.param("1.0.post1", "1.0", 1, id="post after release"),
        pytest.param("1!0.1", "9.9", 1, id="epoch first"),
        pytest.param("1.0+cu118", "1.0", 1, id="local after public"),
    ],
)
def test_compare_orders_by_pep_440(left: str, right: str, order: int) -> None:
    assert VERSIONS.compare(left, right) == order
    assert VERSIONS.compare(right, left) == -order


def test_compare_refuses_what_is_no_version() -> None:
    with pytest.raises(ValueError, match="2004d"):
        VERSIONS.compare("1.0", "2004d")


@pytest.mark.parametrize(
    ("version", "requirement", "accepted"),
    [
        pytest.param("1.0", "", True, id="no requirement"),
        pytest.param("1.0rc1", "", True, id="no requirement, prerelease"),
        pytest.param("1.5", ">=1.2,<2", True, id="inside"),
        pytest.param("2.0", ">=1.2, <2", False, id="outside"),
        pytest.param("1.2.9", "~= 1.2.3", True, id="compatible"),
        pytest.param("1.3", "~=1.2.3", False, id="not compatible"),
        pytest.param("1.2.9", "==1.2.*", True, id="wildcard"),
        pytest.param("2.0rc1", ">=1.2", False, id="prerelease that is not named"),
        pytest.param("2.0rc2", ">=2.0rc1", True, id="prerelease that is named"),
        pytest.param("1.2+cu118", "==1.2", True, id="local version of a pin"),
        pytest.param("1.2", "===1.2", True, id="arbitrary equality"),
    ],
)
def test_satisfies_is_what_an_installer_accepts(version: str, requirement: str, accepted: bool) -> None:
    assert VERSIONS.satisfies(version, requirement) is accepted


def test_satisfies_refuses_what_is_no_requirement() -> None:
    with pytest.raises(ValueError, match="three"):
        VERSIONS.satisfies("1.0", ">=three")


@pytest.mark.parametrize(
    ("version", "prerelease"),
    [("1.0", False), ("1.0.post1", False), ("1.0a1", True), ("1.0rc1", True), ("1.0.dev1", True)],
)
def test_prerelease_includes_development_releases(version: str, prerelease: bool) -> None:
    assert VERSIONS.prerelease(version) is prerelease


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        pytest.param("1.2.3", "2.0.0", "major", id="major"),
        pytest.param("1.2.3", "1.4.0", "minor", id="minor"),
        pytest.param("1.2.3", "1.2.4", "patch", id="patch"),
        pytest.param("1.2.3", "1.2.3", "", id="equal"),
        pytest.param("1.2", "1.2.0", "", id="equal but for zeros"),
        pytest.param("1.2", "1!1.2", "major", id="epoch"),
        pytest.param("0.9.1", "0.10.0", "major", id="minor below 1.0"),
        pytest.param("0.9.1", "0.9.2", "patch", id="patch below 1.0"),
        pytest.param("0.9", "1.0", "major", id="to 1.0"),
        pytest.param("1.2.3", "1.2.3.post1", "patch", id="post release"),
        pytest.param("1.2.3.4", "1.2.3.5", "patch", id="fourth part"),
        pytest.param("1.2rc1", "1.2", "patch", id="candidate to release"),
    ],
)
def test_step_is_the_largest_part_that_differs(before: str, after: str, step: str) -> None:
    assert VERSIONS.step(before, after) == step
    assert VERSIONS.step(after, before) == step


@pytest.mark.parametrize(
    ("release", "unit", "allowed"),
    [
        pytest.param(">=3.9", ">=3.8", False, id="needs a newer Python than the unit supports"),
        pytest.param(">=3.8", ">=3.9", True, id="supports more than the unit"),
        pytest.param(">=3.9", ">=3.9", True, id="same"),
        pytest.param("", ">=3.8", True, id="release needs nothing"),
        pytest.param(">=3.9", "", True, id="unit says nothing"),
        pytest.param(">=3.8.1", ">=3.8", False, id="first patch left out"),
        pytest.param(">=3.8", ">=3.8.1", True, id="unit starts at a patch"),
        pytest.param(">=2.7,!=3.0.*,!=3.1.*", ">=3.6", True, id="holes below the unit"),
        pytest.param(">=2.7,!=3.0.*,!=3.1.*", ">=2.7", False, id="holes inside the unit"),
        pytest.param(">=3.8,<4", ">=3.8,<3.13", True, id="bounded unit inside"),
        pytest.param(">=3.8,<3.12", ">=3.8,<3.13", False, id="bounded unit reaches higher"),
        pytest.param(">=3.9,<3.14", ">=3.10", True, id="capped release, unit without upper bound"),
        pytest.param(">=3.6,<3.9", ">=3.9", False, id="capped below the unit"),
        pytest.param(">=2.7,<3", ">=3.8", False, id="Python 2 only"),
        pytest.param("==3.*", "~=3.8", True, id="compatible release of the unit"),
        pytest.param(">=3.6.*", ">=3.8", True, id="unreadable release requirement is ignored, as pip does"),
        pytest.param(">=3.9", "three", False, id="unreadable unit requirement is read as any Python"),
        pytest.param("<2.7", ">=3.8", False, id="runs nowhere"),
    ],
)
def test_platform_allows_what_runs_everywhere(release: str, unit: str, allowed: bool) -> None:
    assert VERSIONS.platform_allows(release, unit) is allowed


versions = st.builds(
    lambda release, suffix: ".".join(map(str, release)) + suffix,
    st.lists(st.integers(0, 30), min_size=1, max_size=4),
    st.sampled_from(["", "a1", "rc2", ".post1", ".dev3", "+local"]),
)


@given(versions, versions)
def test_compare_and_step_agree_on_equality(left: str, right: str) -> None:
    assert (VERSIONS.compare(left, right) == 0) == (VERSIONS.step(left, right) == "")


@given(versions)
def test_a_pin_accepts_its_own_version(version: str) -> None:
    assert VERSIONS.satisfies(version, f"=={Version(version)}")
