"""Which finding is more pressing than which."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.pipeline.planning import priority
from bot.policy.model import DueDays
from state.model import Finding, Scope, Severity, Threat
from tests.bot.pipeline.builders import NOW, finding

DUE = DueDays()


def scoped(scope: Scope) -> Finding:
    known = finding()
    return replace(known, occurrences=(replace(known.occurrences[0], scope=scope),))


def unscored(severity: Severity) -> Finding:
    known = finding()
    return replace(known, advisories=(replace(known.advisories[0], score=None, severity=severity),))


def place(known: Finding, threats: dict[str, Threat] | None = None, days_known: float = 0) -> priority.Priority:
    return priority.of(known, threats or {}, NOW - timedelta(days=days_known), DUE, NOW)


@pytest.mark.parametrize(
    ("known", "threats", "days_known", "score"),
    [
        pytest.param(finding(), {}, 0, 7.5, id="CVSS alone"),
        pytest.param(finding(), {"CVE-2026-1": Threat(epss=0.4)}, 0, 10.5, id="likely to be exploited"),
        pytest.param(scoped(Scope.DEV), {}, 0, 2.25, id="for development only"),
        pytest.param(finding(), {}, 15, 12.5, id="half of its time is over"),
        pytest.param(finding(), {}, 300, 17.5, id="overdue"),
        pytest.param(unscored(Severity.CRITICAL), {}, 0, 9.5, id="a rating without a score"),
        pytest.param(unscored(Severity.UNKNOWN), {}, 0, 5.0, id="no rating"),
        pytest.param(finding(), {"CVE-2026-9": Threat(epss=0.9)}, 0, 7.5, id="another one's likelihood"),
    ],
)
def test_the_score(known: Finding, threats: dict[str, Threat], days_known: float, score: float) -> None:
    assert place(known, threats, days_known).score == pytest.approx(score)


def test_what_is_known_to_be_exploited_is_told() -> None:
    assert place(finding(), {"CVE-2026-1": Threat(known_exploited=True)}).known_exploited


def test_the_due_date_goes_by_severity_and_first_sight() -> None:
    assert place(finding(), days_known=10).due == NOW + timedelta(days=20)


def test_no_time_at_all_is_due_at_once() -> None:
    assert priority.of(finding(), {}, NOW, DueDays(high=0), NOW).score == pytest.approx(17.5)
