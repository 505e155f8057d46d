"""The fleet of a story, and the warm process that its commands are forked from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import world


@pytest.fixture(scope="session")
def runner() -> Iterator[world.Runner]:
    made = world.Runner()
    yield made
    made.close()


@pytest.fixture
def fleet(tmp_path: Path, runner: world.Runner) -> Iterator[world.Fleet]:
    with world.fleet(tmp_path, runner) as made:
        yield made
