import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediators.npm.range import rewritten, widened
from remediators.versions.npm import NpmVersions

VERSIONS = NpmVersions()


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        pytest.param("1.5.0", "2.4.1", id="pin"),
        pytest.param("=1.5.0", "=2.4.1", id="pin with an equals sign"),
        pytest.param("v1.5.0", "v2.4.1", id="pin with a v"),
        pytest.param("= 1.5.0", "= 2.4.1", id="pin with a space"),
        pytest.param("1.5.0+build.7", "2.4.1", id="pin with build metadata"),
        pytest.param("^1.2.3", "^2.4.1", id="caret"),
        pytest.param("~1.5.0", "~2.4.1", id="tilde"),
        pytest.param("~> 1.5.0", "~> 2.4.1", id="twiddle-wakka"),
        pytest.param("^1.2.3-beta.1", "^2.4.1", id="caret from a prerelease"),
        pytest.param("^1.2", "^2.4", id="caret of two parts"),
        pytest.param("^1", "^2", id="caret of one part"),
        pytest.param("~1", "~2", id="tilde of one part"),
        pytest.param("1", "2", id="one part"),
        pytest.param("1.x", "2.x", id="major x"),
        pytest.param("1.5.x", "2.4.x", id="minor x"),
        pytest.param("1.*.*", "2.*.*", id="stars"),
        pytest.param("1.X", "2.X", id="capital X"),
        pytest.param(">=1.2", ">=2.4.1", id="floor"),
        pytest.param(">1.2", ">=2.4.1", id="floor without itself"),
        pytest.param(">=1.2 <2", ">=2.4.1 <3", id="floor and ceiling, one part"),
        pytest.param(">= 1.2.0 < 2.0.0", ">= 2.4.1 < 3.0.0", id="floor and ceiling, spaced"),
        pytest.param(">=1.0.0 <1.6.0", ">=2.4.1 <2.5.0", id="a ceiling that counts minors"),
        pytest.param(">=1.0.0 <1.5.3", ">=2.4.1 <2.4.2", id="a ceiling that counts patches"),
        pytest.param(">=1.0.0 <2.0.0-0", ">=2.4.1 <3.0.0-0", id="a ceiling without prereleases"),
        pytest.param("<2", ">=2.4.1 <3", id="ceiling only"),
        pytest.param("<2.0.44x.2.3", ">=2.4.1 <3.0", id="a ceiling at a prerelease without its dash"),
        pytest.param("<=1.9", ">=2.4.1 <=2.4", id="inclusive ceiling only"),
        pytest.param("<9", ">=2.4.1 <9", id="a ceiling that is high enough"),
        pytest.param("1.2.3 - 1.9.0", "2.4.1 - 2.4.1", id="hyphen"),
        pytest.param("1.2.3 - 1", "2.4.1 - 2", id="hyphen to a major"),
        pytest.param("1.2.3 - 9.0.0", "2.4.1 - 9.0.0", id="hyphen that is wide enough"),
        pytest.param("*", ">=2.4.1", id="star"),
        pytest.param("x", ">=2.4.1", id="x"),
        pytest.param("", ">=2.4.1", id="empty"),
        pytest.param("^0.9.0 || ^1.0.0", "^2.4.1", id="alternatives below"),
        pytest.param("^1.0.0 || ^3.0.0", "^2.4.1 || ^3.0.0", id="an alternative above"),
        pytest.param("^3||^1", "^3||^2", id="alternatives the other way round, unspaced"),
        pytest.param("^1.0.0 || ^2.0.0", "^2.4.1", id="an alternative that has it already"),
        pytest.param(" ^1.2.3 ", " ^2.4.1 ", id="spaces around"),
    ],
)
def test_a_range_moves_in_its_style(written: str, moved: str) -> None:
    assert rewritten(written, "1.5.0", "2.4.1") == moved


@pytest.mark.parametrize(
    ("written", "raised"),
    [
        pytest.param("^1.2.3", "^1.5.4", id="caret"),
        pytest.param("^1.2", "^1.5.4", id="two parts are not enough"),
        pytest.param("1.x", "^1.5.4", id="major x"),
        pytest.param("1", "^1.5.4", id="one part"),
        pytest.param("1.5.x", "~1.5.4", id="minor x"),
        pytest.param("~1.5", "~1.5.4", id="tilde"),
        pytest.param(">=1.2 <2", ">=1.5.4 <2", id="the ceiling stays"),
        pytest.param("<2", ">=1.5.4 <2", id="a floor is added"),
        pytest.param("1.2.3 - 1.9.0", "1.5.4 - 1.9.0", id="hyphen"),
        pytest.param("*", ">=1.5.4", id="star"),
        pytest.param("^0.9.0 || ^1.0.0 || ^2.0.0", "^1.5.4 || ^2.0.0", id="alternatives"),
    ],
)
def test_a_range_that_admits_both_gets_a_floor(written: str, raised: str) -> None:
    assert rewritten(written, "1.5.0", "1.5.4") == raised


@pytest.mark.parametrize(
    ("written", "moved"),
    [("^1.2", "^2.0.0-rc.1"), ("1.5.0", "2.0.0-rc.1"), ("1.x", "^2.0.0-rc.1"), (">=1 <2", ">=2.0.0-rc.1 <3")],
)
def test_a_prerelease_is_named_in_full(written: str, moved: str) -> None:
    assert rewritten(written, "1.5.0", "2.0.0-rc.1") == moved


def test_below_one_a_caret_counts_minors() -> None:
    assert rewritten("^0.2.3", "0.2.9", "0.3.1") == "^0.3.1"


@pytest.mark.parametrize("written", ["latest", "file:../a"])
def test_what_is_no_range_cannot_be_rewritten(written: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)range"):
        rewritten(written, "1.5.0", "2.4.1")


def test_nothing_goes_down() -> None:
    with pytest.raises(ValueError, match=r"'>=1' cannot be rewritten to take 1.4.0 and not 1.5.0"):
        rewritten(">=1", "1.5.0", "1.4.0")


@pytest.mark.parametrize(
    ("written", "wider"),
    [
        pytest.param("^1.0.0", "^1.0.0 || ^2.4.1", id="caret"),
        pytest.param("^0.9.0||^1", "^0.9.0||^1||^2", id="alternatives, unspaced"),
        pytest.param("1.x", "1.x || 2.x", id="major x"),
        pytest.param(">=1 <2", ">=1 <2 || >=2.4.1 <3", id="floor and ceiling"),
        pytest.param("1.5.0 ", "1.5.0 || 2.4.1", id="pin"),
    ],
)
def test_a_peer_range_is_widened(written: str, wider: str) -> None:
    assert widened(written, "2.4.1") == wider


small = st.integers(0, 4)
versions = st.builds("{}.{}.{}".format, small, small, small)
partial = st.one_of(versions, st.builds("{}.{}".format, small, small), st.builds("{}".format, small))
simple = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["", "=", "^", "~", ">=", "<=", ">", "<"]), partial),
    st.builds("{}.x".format, small),
    st.builds(">={} <{}".format, partial, partial),
    st.builds("{} - {}".format, partial, partial),
)
ranges = st.lists(simple, min_size=1, max_size=3).map(" || ".join)


@given(ranges, versions, versions)
def test_a_rewritten_range_takes_the_new_version_and_not_the_old_one(written: str, before: str, after: str) -> None:
    assume(VERSIONS.compare(before, after) < 0)
    new = rewritten(written, before, after)
    assert VERSIONS.satisfies(after, new)
    assert not VERSIONS.satisfies(before, new)


@given(ranges, versions, versions)
def test_a_widened_range_takes_all_it_took_and_the_new_version(written: str, version: str, after: str) -> None:
    wider = widened(written, after)
    assert VERSIONS.satisfies(after, wider)
    assert VERSIONS.satisfies(version, wider) or not VERSIONS.satisfies(version, written)
