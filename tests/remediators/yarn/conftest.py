"""Where a scripted Yarn relocks a project."""

from pathlib import Path

import pytest

from tests.remediators.conftest import FakeTools
from tests.remediators.yarn.scripted import Bench, ScriptedYarn


@pytest.fixture
def yarn(tools: FakeTools) -> ScriptedYarn:
    return ScriptedYarn(tools)


@pytest.fixture
def bench(tmp_path: Path, tools: FakeTools, yarn: ScriptedYarn) -> Bench:
    tools.install("sh", yarn)
    return Bench(tmp_path, tools)
