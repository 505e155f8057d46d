"""Poetry's constraints: what they mean, and how one is rewritten in its author's style."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.poetry.constraint import admits, pep440, pinned, raised


@pytest.mark.parametrize(
    ("written", "meaning"),
    [
        pytest.param("^1.2.3", (">=1.2.3,<2",), id="caret"),
        pytest.param("^0.2.3", (">=0.2.3,<0.3",), id="caret-below-one"),
        pytest.param("^0.0.3", (">=0.0.3,<0.0.4",), id="caret-below-all"),
        pytest.param("^0.0", (">=0.0,<0.1",), id="caret-of-zeros"),
        pytest.param("^0", (">=0,<1",), id="caret-of-zero"),
        pytest.param("~1.2.3", (">=1.2.3,<1.3",), id="tilde"),
        pytest.param("~1", (">=1,<2",), id="tilde-of-a-major"),
        pytest.param("~=1.4.2", ("~=1.4.2",), id="compatible"),
        pytest.param("1.2.3", ("==1.2.3",), id="bare"),
        pytest.param("= 1.2.3", ("==1.2.3",), id="one-equals-sign"),
        pytest.param("1.2.*", ("==1.2.*",), id="wildcard"),
        pytest.param("1.x", ("==1.*",), id="wildcard-of-x"),
        pytest.param("!=1.2.*", ("!=1.2.*",), id="without-a-wildcard"),
        pytest.param("*", ("",), id="everything"),
        pytest.param(">=1.2,<2", (">=1.2,<2",), id="pep-440"),
        pytest.param(">= 1.2 <2 !=1.4", (">=1.2,<2,!=1.4",), id="spaces"),
        pytest.param("^1.2 || ^2.0", (">=1.2,<2", ">=2.0,<3"), id="alternatives"),
        pytest.param("1.2|1.4", ("==1.2", "==1.4"), id="alternatives-of-one-bar"),
    ],
)
def test_meaning(written: str, meaning: tuple[str, ...]) -> None:
    assert pep440(written) == meaning


@pytest.mark.parametrize("written", ["latest", "^", "^^1", "1.2.3 ???", ">=1,,<x", "^" * 5000, "1" + " " * 2000])
def test_what_is_no_constraint_is_refused(written: str) -> None:
    assert not admits(written, "1.0.1")
    assert pinned(written) is None
    with pytest.raises(ValueError, match="constraint"):
        raised(written, "1.0", "2.0")


@pytest.mark.parametrize(
    ("written", "before", "after", "expected"),
    [
        pytest.param("1.5.0", "1.5.0", "2.4.1", "2.4.1", id="pin"),
        pytest.param("==1.5.0", "1.5.0", "2.4.1", "==2.4.1", id="pin-of-pep-440"),
        pytest.param("= 1.5.0", "1.5.0", "2.4.1", "= 2.4.1", id="pin-with-a-gap"),
        pytest.param("^1.2.3", "1.5.0", "2.4.1", "^2.4.1", id="caret"),
        pytest.param("^1.2", "1.5.0", "2.4.1", "^2.4", id="caret-of-two-parts"),
        pytest.param("^1", "1.5.0", "2.4.1", "^2", id="caret-of-one-part"),
        pytest.param("^1.5", "1.5.0", "1.5.4", "^1.5.4", id="caret-that-has-to-get-longer"),
        pytest.param("^0.1", "0.1.2", "0.2.0", "^0.2", id="caret-below-one"),
        pytest.param("~1.5.0", "1.5.0", "2.4.1", "~2.4.1", id="tilde"),
        pytest.param("~1.5", "1.5.0", "1.6.2", "~1.6", id="tilde-of-two-parts"),
        pytest.param("~1", "1.5.0", "1.6.2", "^1.6.2", id="tilde-that-has-to-get-longer"),
        pytest.param("1.5.*", "1.5.0", "2.4.1", "2.4.*", id="wildcard"),
        pytest.param("1.5.*", "1.5.0", "1.5.4", "~1.5.4", id="wildcard-that-has-to-get-longer"),
        pytest.param("1.*", "1.5.0", "1.5.4", "^1.5.4", id="wildcard-of-a-major"),
        pytest.param("*", "1.5.0", "2.4.1", ">=2.4.1", id="everything"),
        pytest.param(">=1.2,<2", "1.5.0", "2.4.1", ">=2.4.1,<3", id="pep-440"),
        pytest.param(">=1.2 <2", "1.5.0", "2.4.1", ">=2.4.1,<3", id="spaces-become-commas"),
        pytest.param("^1.2, !=1.4.0", "1.5.0", "2.4.1", "^2.4, !=1.4.0", id="exclusions-stay"),
        pytest.param("^0.9 || ^1.0", "1.5.0", "2.4.1", "^2.4", id="what-lies-below-goes"),
        pytest.param("^1.0|^3.0", "1.5.0", "2.4.1", "^2.4|^3.0", id="what-lies-above-stays"),
        pytest.param("^1.0 || ^2.0", "1.5.0", "2.4.1", "^2.4", id="the-newer-alternative-holds-it"),
    ],
)
def test_rewriting(written: str, before: str, after: str, expected: str) -> None:
    assert raised(written, before, after) == expected


@pytest.mark.parametrize(
    ("written", "after"),
    [
        pytest.param("^1.2, !=2.4.1", "2.4.1", id="excluded-by-a-person"),
        pytest.param("^1.2, <1.9", "2.4.1", id="a-ceiling-beside-a-caret"),
    ],
)
def test_what_cannot_be_rewritten_is_refused(written: str, after: str) -> None:
    with pytest.raises(ValueError, match="cannot be rewritten"):
        raised(written, "1.5.0", after)


VERSION = st.tuples(*[st.integers(0, 9)] * 3).map(lambda parts: ".".join(map(str, parts)))


@given(st.sampled_from(["^", "~", "", "==", ">=", "~="]), VERSION, VERSION, VERSION)
def test_a_rewritten_constraint_always_admits_the_new_and_refuses_the_old(
    operator: str, written: str, before: str, after: str
) -> None:
    try:
        new = raised(operator + written, before, after)
    except ValueError:
        return
    assert admits(new, after)
    assert not admits(new, before)


@given(st.text(alphabet="^~=<>!|, .*x019ab\x00é", max_size=60))
def test_any_text_is_read_or_refused(written: str) -> None:
    admits(written, "1.0")
    pinned(written)
    try:
        raised(written, "1.0", "2.0")
    except ValueError:
        return
