"""Which merge requests may merge by themselves."""

from __future__ import annotations

import pytest

from bot.pipeline.automerge import wanted
from bot.policy.model import Policy
from state.model import Kind, RemediationState, TrackedRemediation
from tests.bot.pipeline.builders import ECOSYSTEMS, change, remediation, tracked

OPEN = RemediationState.MR_OPEN
MINOR = remediation(kind=Kind.OUTDATED, changes=(change(after="1.0.1"), change("beta", after="1.5")))
MAJOR = remediation(kind=Kind.OUTDATED, changes=(change(after="2.0"), change("beta", after="1.0.1")))


@pytest.mark.parametrize(
    ("known", "kinds", "merges"),
    [
        pytest.param(tracked(), ["security"], True, id="a fix"),
        pytest.param(tracked(), ["patch", "minor", "major"], False, id="a fix is no update"),
        pytest.param(tracked(remediation=MINOR), ["minor"], True, id="minor"),
        pytest.param(tracked(remediation=MINOR), ["patch"], False, id="the largest step counts"),
        pytest.param(tracked(remediation=MAJOR), ["patch", "minor"], False, id="major"),
        pytest.param(tracked(reason="someone else committed to its branch"), ["security"], False, id="others' work"),
        pytest.param(tracked(RemediationState.PROVEN), ["security"], False, id="not open"),
        pytest.param(tracked(merge_request=None), ["security"], False, id="no merge request"),
    ],
)
def test_only_our_own_open_work_of_the_kinds_that_are_named(
    known: TrackedRemediation, kinds: list[str], merges: bool
) -> None:
    policy = Policy.model_validate({"automerge": kinds})
    assert bool(wanted((known,), policy, {}, ECOSYSTEMS)) is merges
    assert wanted((known,), policy, {known.remediation.key: "young"}, ECOSYSTEMS) == ()
