"""Which findings an exception covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from bot.policy.accept import judge
from bot.policy.model import Ignore, Policy
from state.model import Finding, Kind, Obstacle, Severity, Threat
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
    judged = judge((known,), policy(**entry), {}, NOW)
    assert judged.accepted.keys() == ({known.key} if covered else set())
    assert judged.active == (() if covered else (known,))


def test_only_some_places_of_a_finding_may_be_accepted() -> None:
    (here,) = finding().occurrences
    known = replace(finding(), occurrences=(here, replace(here, manifest="legacy/requirements.txt")))
    judged = judge((known,), policy(path="legacy"), {}, NOW)
    assert [f.occurrences for f in judged.active] == [(here,)]
    assert judged.accepted == {}
    assert [no.reason for no in judged.rejected] == ["accepted by the policy: ours"]


def test_an_advisory_is_no_word_on_an_update() -> None:
    update = replace(finding("outdated"), kind=Kind.OUTDATED, advisories=())
    assert judge((update,), policy(advisory="*"), {}, NOW).active == (update,)


EXPLOITED = {"CVE-2026-1": Threat(known_exploited=True)}
LIKELY = {"CVE-2026-1": Threat(epss=0.9)}


@pytest.mark.parametrize(
    ("unless", "threats", "severity", "ends"),
    [
        (None, {}, Severity.CRITICAL, ""),
        (None, LIKELY, Severity.CRITICAL, ""),
        (None, EXPLOITED, Severity.LOW, "as it is known to be exploited"),
        ([], EXPLOITED, Severity.CRITICAL, ""),
        ("high", EXPLOITED, Severity.MEDIUM, ""),
        ("high", {}, Severity.HIGH, "as its severity is high"),
        ("high", {}, Severity.CRITICAL, "as its severity is critical"),
        ("high", {}, Severity.UNKNOWN, ""),
        (["known_exploited", "critical"], {}, Severity.HIGH, ""),
        (["known_exploited", "critical"], {}, Severity.CRITICAL, "as its severity is critical"),
    ],
)
def test_what_ends_an_exception_before_its_day(
    unless: object, threats: dict[str, Threat], severity: Severity, ends: str
) -> None:
    rated = replace(finding(), advisories=tuple(replace(a, severity=severity) for a in finding().advisories))
    entry = {"package": "acme"} if unless is None else {"package": "acme", "unless": unless}
    judged = judge((rated,), policy(**entry), threats, NOW)
    said = {rated.key: f"CVE-2026-1 in acme: its exception (ours) does not hold, {ends}"} if ends else {}
    assert (judged.ended, judged.active) == (said, (rated,) if ends else ())


def rated(severity: Severity, *aliases: str) -> Finding:
    """The finding with its advisory rated so."""
    (one,) = finding().advisories
    return replace(finding(), advisories=(replace(one, severity=severity, aliases=aliases),))


@pytest.mark.parametrize(
    ("unless", "then", "now", "ends"),
    [
        (None, Severity.MEDIUM, Severity.CRITICAL, True),
        ("worse", Severity.MEDIUM, Severity.HIGH, True),
        ("worse", Severity.MEDIUM, Severity.MEDIUM, False),
        ("worse", Severity.HIGH, Severity.MEDIUM, False),
        ("worse", Severity.CRITICAL, Severity.CRITICAL, False),
        ("worse", Severity.UNKNOWN, Severity.MEDIUM, False),
        ("worse", Severity.UNKNOWN, Severity.HIGH, True),
        ("worse", Severity.LOW, Severity.UNKNOWN, False),
        ("known_exploited", Severity.LOW, Severity.CRITICAL, False),
        (["known_exploited", "critical"], Severity.LOW, Severity.HIGH, False),
    ],
)
def test_an_exception_ends_when_the_rating_gets_worse_than_it_was_when_accepted(
    unless: object, then: Severity, now: Severity, ends: bool
) -> None:
    entry = policy(package="acme") if unless is None else policy(package="acme", unless=unless)
    first = judge((rated(then),), entry, {}, NOW)
    assert [(a.finding, a.severity, a.at) for a in first.acceptances] == [(finding().key, then, NOW)]
    later = judge((rated(now),), entry, {}, NOW + timedelta(days=9), first.acceptances)
    why = (
        f"CVE-2026-1 in acme: its exception (ours) does not hold, as its severity is {now.value} now and "
        f"was {then.value} when it was accepted; to accept it as it is, change why or until when"
    )
    assert (later.ended, later.acceptances) == ({finding().key: why} if ends else {}, ())


def test_what_was_accepted_is_looked_up_by_the_exception_and_by_any_name_of_the_vulnerability() -> None:
    entry = policy(package="acme")
    first = judge((rated(Severity.MEDIUM),), entry, {}, NOW).acceptances
    renamed = replace(rated(Severity.CRITICAL, "CVE-2026-1"), cluster="CVE-2026-9")
    assert judge((renamed,), entry, {}, NOW, first).ended.keys() == {renamed.key}
    anew = judge((rated(Severity.CRITICAL),), policy(package="acme", why="still not reachable"), {}, NOW, first)
    assert (anew.ended, [a.severity for a in anew.acceptances]) == ({}, [Severity.CRITICAL])
    same = judge((rated(Severity.CRITICAL),), policy(package="acme", unless="known_exploited"), {}, NOW, first)
    assert (same.ended, same.acceptances) == ({}, ())


def test_what_an_exception_does_not_cover_is_not_accepted() -> None:
    assert judge((rated(Severity.LOW),), policy(path="legacy"), {}, NOW).acceptances == ()
    assert judge((rated(Severity.HIGH),), policy(package="acme", unless="high"), {}, NOW).acceptances == ()


def test_another_exception_holds_where_one_has_ended() -> None:
    two = Policy(ignore=(*policy(package="acme").ignore, *policy(package="acme", unless=[]).ignore))
    judged = judge((finding(),), two, EXPLOITED, NOW)
    assert (judged.active, judged.ended) == ((), {})


def test_what_ends_an_exception_is_checked() -> None:
    with pytest.raises(ValidationError, match="known_exploited"):
        policy(package="acme", unless="sometimes")


def test_the_reason_says_until_when() -> None:
    (no,) = judge((finding(),), policy(package="acme", until=date(2026, 12, 31)), {}, NOW).rejected
    assert (no.why.kind, no.reason) == (Obstacle.HELD_BY_POLICY, "accepted by the policy until 2026-12-31: ours")
    assert no.why.until is not None
    assert no.why.until.isoformat() == "2027-01-01T00:00:00+00:00"
