import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from remediators.python.specifiers import pinned, raised, rewritten


@pytest.mark.parametrize(
    ("specifier", "version"),
    [
        ("==1.2.3", "1.2.3"),
        ("== 1.2.3", "1.2.3"),
        ("===1.2.3-local", "1.2.3-local"),
        (">=1.0,==1.2.3", "1.2.3"),
        ("==1.2.*", None),
        ("~=1.2", None),
        (">=1.2", None),
        ("", None),
    ],
)
def test_pinned_is_the_one_version_that_is_allowed(specifier: str, version: str | None) -> None:
    assert pinned(specifier) == version


@pytest.mark.parametrize(
    ("specifier", "before", "after", "expected"),
    [
        pytest.param("==1.5.0", "1.5.0", "2.4.1", "==2.4.1", id="pin"),
        pytest.param("===1.5.0", "1.5.0", "2.4.1", "===2.4.1", id="arbitrary equality"),
        pytest.param("==1.5.0", "1.5", "1.5.1+cu118", "==1.5.1+cu118", id="pin to a local version"),
        pytest.param("== 1.5.0", "1.5.0", "2.4.1", "== 2.4.1", id="pin with a space"),
        pytest.param("==1.5.0,<1.6", "1.5.0", "1.6.2", "==1.6.2,<1.7", id="pin with a bound"),
        pytest.param("==1.*", "1.5.0", "2.4.1", "==2.*", id="wildcard"),
        pytest.param("==1.5.*", "1.5.0", "2.4.1", "==2.4.*", id="wildcard, two parts"),
        pytest.param("==1.5.*", "1.5.0", "1.5.2", "==1.5.*,>=1.5.2", id="wildcard that admits both"),
        pytest.param("~=1.5.0", "1.5.0", "2.4.1", "~=2.4.1", id="compatible, three parts"),
        pytest.param("~=1.5", "1.5.0", "2.4.1", "~=2.4", id="compatible, two parts"),
        pytest.param("~=1.5.0", "1.5.0", "2.4", "~=2.4.0", id="compatible, shorter version"),
        pytest.param("~=1.5", "1.5.0", "1.5.1", "~=1.5,>=1.5.1", id="compatible that admits both"),
        pytest.param("~=1.5", "1.5.0", "2.0rc1", "~=2.0rc1", id="compatible with a candidate"),
        pytest.param(">=1.2", "1.5.0", "2.4.1", ">=2.4.1", id="floor"),
        pytest.param(">1.2", "1.5.0", "2.4.1", ">=2.4.1", id="exclusive floor"),
        pytest.param(">2.0", "2.0", "2.0.post1", ">=2.0.post1", id="exclusive floor and its post release"),
        pytest.param(">=1.2", "1.5.0", "1.6+cu118", ">=1.6", id="floor at a local version"),
        pytest.param("<2", "1.5.0", "1.5.1", "<2,>=1.5.1", id="bound that admits both"),
        pytest.param("<2", "1.5.0", "2.4.1", "<3,>=2.4.1", id="bound"),
        pytest.param("<2.0", "1.5.0", "2.4.1", "<3.0,>=2.4.1", id="bound with a zero"),
        pytest.param("<1.6", "1.5.0", "1.8.2", "<1.9,>=1.8.2", id="bound below the major"),
        pytest.param("<1.6", "1.5.0", "2.4.1", "<2.5,>=2.4.1", id="bound below the major, past it"),
        pytest.param("<=1.9", "1.5.0", "2.4.1", "<=2.4.1,>=2.4.1", id="inclusive bound"),
        pytest.param(">=1.2,<2", "1.5.0", "2.4.1", ">=2.4.1,<3", id="range that refuses"),
        pytest.param(">=1.2,<2", "1.5.0", "1.6.1", ">=1.6.1,<2", id="range that admits both"),
        pytest.param("<2 , >= 1.2", "1.5.0", "2.4.1", "<3 , >= 2.4.1", id="order and spaces stay"),
        pytest.param(">= 1.2, < 2, != 1.3", "1.5.0", "2.4.1", ">= 2.4.1, < 3, != 1.3", id="exclusions stay"),
        pytest.param(">=1.0,<2.0.dev0", "1.5.0", "2.4.1", ">=2.4.1,<3.0.dev0", id="bound with a suffix"),
        pytest.param("== 1.5.*, <1.5.9", "1.5.0", "1.5.2", "== 1.5.*, <1.5.9, >= 1.5.2", id="added in the same style"),
        pytest.param("", "1.5.0", "2.4.1", ">=2.4.1", id="nothing"),
        pytest.param("<2", "1.5.0", "1!2.3", "<1!3,>=1!2.3", id="epoch"),
        pytest.param("==1.*", "1.5.0", "1!2.3", "==1!2.*", id="wildcard into an epoch"),
    ],
)
def test_raised_admits_the_new_version_and_refuses_the_old(
    specifier: str, before: str, after: str, expected: str
) -> None:
    assert raised(specifier, before, after) == expected


@pytest.mark.parametrize(
    ("specifier", "after"),
    [
        pytest.param(">=1.2,!=2.4.1", "2.4.1", id="a person excluded it"),
        pytest.param(">=1.2,!=2.*", "2.4.1", id="a person excluded its series"),
        pytest.param(">=3", "2.4.1", id="a floor above it"),
        pytest.param(">3", "2.4.1", id="an exclusive floor above it"),
    ],
)
def test_raised_says_what_it_cannot_do(specifier: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be rewritten to admit 2\.4\.1 and refuse 1\.5\.0"):
        raised(specifier, "1.5.0", after)


LOWER_AND_UPPER = ("==1.5.0", "==2.1.0")


@pytest.mark.parametrize(
    ("specifiers", "locked", "expected"),
    [
        pytest.param(("==1.5.0",), False, {0: "==2.4.1"}, id="pin at the old version"),
        pytest.param(("==2.1.0",), False, {}, id="pin at another version"),
        pytest.param(LOWER_AND_UPPER, False, {0: "==2.4.1"}, id="only the pin at the old version"),
        pytest.param((">=1", "==1.5.0"), False, {0: ">=2.4.1", 1: "==2.4.1"}, id="every one that admits it"),
        pytest.param((">=1",), False, {0: ">=2.4.1"}, id="range that admits both"),
        pytest.param((">=1",), True, {}, id="range that admits both, locked"),
        pytest.param(("<2",), True, {0: "<3,>=2.4.1"}, id="range that refuses, locked"),
        pytest.param(("<2", ">=2"), True, {0: "<3,>=2.4.1"}, id="only the fork that it came from, locked"),
        pytest.param((">=1.8,<2",), False, {0: ">=1.8,<3"}, id="range that refuses both"),
        pytest.param((">=2.4",), False, {}, id="range that is fine already"),
        pytest.param(("==2.4.1",), False, {}, id="pin that is there already"),
        pytest.param((), False, {}, id="no requirement"),
    ],
)
def test_rewritten_are_the_requirements_that_hold_the_old_version(
    specifiers: tuple[str, ...], locked: bool, expected: dict[int, str]
) -> None:
    assert rewritten(specifiers, "1.5.0", "2.4.1", locked=locked) == expected


def test_an_unreadable_old_version_is_admitted_by_nothing() -> None:
    assert rewritten(("<2", "==1.5.0"), "2004d", "2.4.1", locked=False) == {0: "<3"}


numbers = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
versions = st.builds(str.__add__, numbers, st.sampled_from(["", "", "", "rc1", ".post2", ".dev0"]))
operators = st.sampled_from(["==", "~=", ">=", ">", "<", "<=", "!="])
clauses = st.builds(
    lambda operator, gap, number: operator + gap + number, operators, st.sampled_from(["", " "]), numbers
)
specifiers = st.lists(clauses, max_size=3).map(", ".join)


@given(specifiers, versions, versions)
def test_a_raised_specifier_keeps_its_promise(specifier: str, one: str, other: str) -> None:
    before, after = sorted((one, other), key=Version)
    assume(Version(before) < Version(after))
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        assume(False)
    try:
        result = raised(specifier, before, after)
    except ValueError:
        return
    assert SpecifierSet(result).contains(after)
    assert not SpecifierSet(result).contains(before, prereleases=True)
    assert result.count("!=") == specifier.count("!=")


@given(st.sampled_from(["==", "===", ">=", "<=", ">", "<"]), numbers, numbers)
def test_one_clause_that_admits_the_old_version_can_always_be_raised(operator: str, one: str, other: str) -> None:
    before, after = sorted((one, other), key=Version)
    assume(Version(before) < Version(after))
    specifier = f"{operator}{before}"
    assume(SpecifierSet(specifier).contains(before))
    assert SpecifierSet(raised(specifier, before, after)).contains(after)
