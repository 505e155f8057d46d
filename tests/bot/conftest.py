"""The fleet and the warm process of the end-to-end tests, for the tests of single commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.world import Fleet, Runner


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    # Imported late: most tests below this folder need no embedded GitLab.
    from tests.end_to_end.world import Runner

    made = Runner()
    yield made
    made.close()


@pytest.fixture
def fleet(tmp_path: Path, runner: Runner) -> Iterator[Fleet]:
    from tests.end_to_end import world

    with world.fleet(tmp_path, runner) as made:
        yield made
