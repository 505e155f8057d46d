from pathlib import Path

import pytest

from remediators.aside import unused


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        pytest.param((), ".run", id="nothing"),
        pytest.param((".run",), ".run-2", id="the name"),
        pytest.param((".run", ".run-2"), ".run-3", id="the next as well"),
    ],
)
def test_a_name_that_is_not_taken(tmp_path: Path, taken: tuple[str, ...], free: str) -> None:
    for place, name in enumerate(taken):
        # A link that leads nowhere is in the way, too.
        (tmp_path / name).symlink_to("nowhere") if place else (tmp_path / name).mkdir()
    assert unused(tmp_path, ".run") == tmp_path / free
