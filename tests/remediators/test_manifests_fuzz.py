"""Whatever a manifest or lockfile holds, it is read and edited, or refused with a RemediationError; nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import samples
from benchmarks.fuzz.targets import TARGETS
from tests.remediators.mutations import mutated

OF_PROJECTS = [name for name in TARGETS if name.startswith(tuple(f"{kind}-" for kind in samples.PROJECTS))]


@pytest.mark.parametrize("name", OF_PROJECTS)
def test_a_file_that_was_changed_anywhere_is_read_or_refused(name: str) -> None:
    target = TARGETS[name]

    @settings(derandomize=True, max_examples=40, database=None)
    @given(mutated(target.samples))
    def holds(data: bytes) -> None:
        target.take(data)

    holds()


@settings(derandomize=True, max_examples=20, database=None)
@given(st.data())
@pytest.mark.parametrize("name", OF_PROJECTS)
def test_what_was_written_for_another_parser_is_read_or_refused(name: str, data: st.DataObject) -> None:
    others = [sample for other in OF_PROJECTS for sample in TARGETS[other].samples]
    TARGETS[name].take(data.draw(st.sampled_from(others)))


@pytest.mark.parametrize("name", OF_PROJECTS)
def test_the_samples_themselves_are_read(name: str) -> None:
    assert [outcome for sample in TARGETS[name].samples if (outcome := TARGETS[name].take(sample)) == "0"] == []
