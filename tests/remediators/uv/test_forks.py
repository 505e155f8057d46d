"""What moves where a lock has a package at several versions, or several packages move."""

import re
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError
from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import FORKED, JINJA, LOCK, relock, writes


@pytest.mark.parametrize(
    ("after", "everywhere", "blocked"),
    [
        pytest.param(FORKED.replace("3.1.5", "3.1.6"), True, True, id="a fix leaves no copy behind"),
        pytest.param(FORKED.replace("3.1.5", "3.1.6"), False, False, id="an update may leave one that others need"),
        pytest.param(FORKED, False, True, id="but has to arrive somewhere"),
    ],
)
def test_what_may_stay(tmp_path: Path, tools: FakeTools, after: str, everywhere: bool, blocked: bool) -> None:
    tools.install("uv", writes(after))
    upgrade = replace(JINJA, everywhere=everywhere)
    with pytest.raises(BlockedError) if blocked else nullcontext():
        relock(tmp_path, tools, upgrade, lock=FORKED)


CONFLICTING = re.sub(r"resolution-markers = .*\n", "", FORKED)


@pytest.mark.parametrize(
    ("upgrade", "arguments"),
    [
        pytest.param(JINJA, (), id="the requirement alone moves what conflicting extras name"),
        pytest.param(replace(JINJA, direct=False), ("--upgrade-package", "jinja2==3.1.6"), id="else all of them"),
        pytest.param(
            replace(JINJA, after="3.1.5"), ("--upgrade-package", "jinja2==3.1.5"), id="to where the others are"
        ),
    ],
)
def test_forks_without_markers(tmp_path: Path, tools: FakeTools, upgrade: Upgrade, arguments: tuple[str, ...]) -> None:
    tools.install("uv", writes(CONFLICTING.replace("3.1.2", upgrade.after)))
    relock(tmp_path, tools, upgrade, lock=CONFLICTING)
    assert tools.ran[0].argv[3:] == arguments


def test_packages_that_move_together_are_one_run(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", writes(LOCK.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools, JINJA, Upgrade("flask", "1.0", "2.0", direct=True), JINJA)
    (ran,) = tools.ran
    assert ran.argv[3:] == ("--upgrade-package", "jinja2==3.1.6", "--upgrade-package", "flask==2.0")
