"""Versions, answers of registries, advisories, policies: whatever stands there is read, or refused as documented."""

import pytest
from hypothesis import given, settings

from benchmarks.fuzz.answers import PARSERS
from benchmarks.fuzz.targets import TARGETS
from tests.remediators.mutations import mutated


@pytest.mark.parametrize("name", PARSERS)
def test_a_text_that_was_changed_anywhere_is_read_or_refused(name: str) -> None:
    target = TARGETS[name]

    @settings(derandomize=True, max_examples=100, database=None)
    @given(mutated(target.samples))
    def holds(data: bytes) -> None:
        target.take(data)

    holds()


@pytest.mark.parametrize("name", PARSERS)
def test_the_samples_themselves_are_read(name: str) -> None:
    outcomes = [TARGETS[name].take(sample) for sample in TARGETS[name].samples]
    assert [outcome for outcome in outcomes if "Error: " in outcome] == []
