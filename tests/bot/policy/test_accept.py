"""Which findings an exception covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.policy.accept import judge
from bot.policy.model import Ignore, Policy
from state.model import Kind, Obstacle
from tests.bot.pipeline.builders import NOW, finding


def policy(**entry: object) -> Policy:
    return Policy(ignore=(Ignore.model_validate({"why": "ours", **entry}),))


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ({"package": "acme"}, True),
        ({"package": "a*"}, True),
        ({"package": "beta"}, False),
        ({"advisory": "CVE-2026-1"}, True),
        ({"advisory": "CVE-2026-2"}, False),
        ({"path": "requirements.txt"}, True),
        ({"path": "legacy"}, False),
        ({"package": "acme", "advisory": "CVE-2026-2"}, False),
        ({"package": "acme", "until": NOW.date()}, True),
        ({"package": "acme", "until": NOW.date() - timedelta(days=1)}, False),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_every_given_pattern_has_to_match(entry: dict[str, object], covered: bool) -> None:
    known = finding()
    judged = judge((known,), policy(**entry), NOW)
    assert judged.accepted.keys() == ({known.key} if covered else set())
    assert judged.active == (() if covered else (known,))


def test_only_some_places_of_a_finding_may_be_accepted() -> None:
    (here,) = finding().occurrences
    known = replace(finding(), occurrences=(here, replace(here, manifest="legacy/requirements.txt")))
    judged = judge((known,), policy(path="legacy"), NOW)
    assert [f.occurrences for f in judged.active] == [(here,)]
    assert judged.accepted == {}
    assert [no.reason for no in judged.rejected] == ["accepted by the policy: ours"]


def test_an_advisory_is_no_word_on_an_update() -> None:
    update = replace(finding("outdated"), kind=Kind.OUTDATED, advisories=())
    assert judge((update,), policy(advisory="*"), NOW).active == (update,)


def test_the_reason_says_until_when() -> None:
    (no,) = judge((finding(),), policy(package="acme", until=date(2026, 12, 31)), NOW).rejected
    assert (no.why.kind, no.reason) == (Obstacle.HELD_BY_POLICY, "accepted by the policy until 2026-12-31: ours")
    assert no.why.until is not None
    assert no.why.until.isoformat() == "2027-01-01T00:00:00+00:00"
