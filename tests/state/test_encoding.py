"""Nouns as JSON: nothing is lost, equal values give equal text, and old text suits a noun that has grown."""

from __future__ import annotations

from datetime import datetime

import pytest

from state.encoding import decode, encode
from state.model import Advisory, Failure, Proof, Release, Scope, Snapshot, TrackedRemediation
from tests.state.samples import ADVISORY, ELSEWHERE, NOW, PROOF, TRACKED, UNSCORED


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Advisory, ADVISORY),
        (Advisory, UNSCORED),
        (Proof, PROOF),
        (TrackedRemediation, TRACKED),
        (tuple[Failure, ...], (Failure("a", "b"), Failure("c", "d", fault=False))),
        (tuple[Failure, ...], ()),
        (tuple[str, ...], ("plain", "ünïcode", "nul \0", "half a pair \ud800")),
        (Scope, Scope.PEER),
        (datetime | None, None),
        (datetime | None, NOW),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_encoded_comes_back(kind: object, value: object) -> None:
    assert decode(kind, encode(value)) == value


def test_equal_values_give_equal_text() -> None:
    one, other = Snapshot("dump", NOW, 1), Snapshot("dump", ELSEWHERE, 1)
    assert encode((one, {"b": 1, "a": 2})) == encode((other, {"a": 2, "b": 1}))


def test_text_is_plain_ascii() -> None:
    assert encode(("ünïcode", "\0", "\ud800")).isascii()


def test_a_field_that_the_text_lacks_takes_its_default() -> None:
    assert decode(Release, '{"version":"1","published":null,"yanked":false}') == Release("1", None, False)


def test_a_field_that_the_noun_lost_is_dropped() -> None:
    assert decode(Failure, '{"subject":"a","reason":"b","colour":"red"}') == Failure("a", "b")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"15\.123456 has no time zone"):
        encode(NOW.replace(tzinfo=None))


def test_what_is_no_noun_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no stored form"):
        encode(object())
