"""What a series of transitions comes to, without a database."""

from __future__ import annotations

import pytest

from state.errors import StoreError
from state.model import FindingState, FindingTransition
from state.transitions import Step, steps

OPEN, PLANNED, RESOLVED = FindingState.OPEN, FindingState.PLANNED, FindingState.RESOLVED


@pytest.mark.parametrize(
    ("states", "afters", "expected"),
    [
        pytest.param({"a": OPEN}, [], [], id="nothing to do"),
        pytest.param({"a": OPEN}, [PLANNED], [("open", PLANNED, True)], id="a move"),
        pytest.param({"a": OPEN}, [OPEN], [("open", OPEN, False)], id="no move"),
        pytest.param({"a": None}, [OPEN], [("", OPEN, True)], id="something new"),
        pytest.param(
            {"a": RESOLVED},
            [OPEN, OPEN, PLANNED],
            [("resolved", OPEN, True), ("open", OPEN, False), ("open", PLANNED, True)],
            id="each from where the one before led",
        ),
    ],
)
def test_steps(
    states: dict[str, FindingState | None],
    afters: list[FindingState],
    expected: list[tuple[str, FindingState, bool]],
) -> None:
    taken = steps(states, [FindingTransition("a", after, "because") for after in afters])
    assert [(step.before, step.after, step.moved) for step in taken] == expected


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(StoreError, match="b cannot become planned: the database does not have it"):
        steps({"a": OPEN}, [FindingTransition("b", PLANNED, "because")])


def test_the_states_given_stay_as_they_are() -> None:
    states: dict[str, FindingState | None] = {"a": OPEN}
    assert steps(states, [FindingTransition("a", PLANNED, "why")]) == (Step("a", "open", PLANNED, "why"),)
    assert states == {"a": OPEN}
