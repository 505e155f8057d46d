from pathlib import Path

import pytest

from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import LOCK, MANIFEST, relock, writes

NOTED = """\
resolution-mode = "lowest-direct"
prerelease-mode = "allow"
fork-strategy = "fewest"
exclude-newer = "2024-03-01T00:00:00Z"
[options.exclude-newer-package]
urllib3 = "2025-01-02T00:00:00Z"
"""


@pytest.mark.parametrize(
    ("noted", "manifest", "arguments"),
    [
        pytest.param("", MANIFEST, (), id="nothing"),
        pytest.param(
            NOTED,
            MANIFEST,
            (
                "--resolution=lowest-direct",
                "--prerelease=allow",
                "--fork-strategy=fewest",
                "--exclude-newer=2024-03-01T00:00:00Z",
                "--exclude-newer-package=urllib3=2025-01-02T00:00:00Z",
            ),
            id="settings of its author",
        ),
        pytest.param(
            'exclude-newer = "0001-01-01T00:00:00Z"\nexclude-newer-span = "P30D"\n',
            MANIFEST,
            ("--exclude-newer=P30D",),
            id="a span",
        ),
        pytest.param(
            NOTED,
            MANIFEST + "[tool.uv]\nexclude-newer = '2024-03-01'\nprerelease = 'allow'\nexclude-newer-package = {}\n",
            ("--resolution=lowest-direct", "--fork-strategy=fewest"),
            id="what the project says itself",
        ),
        pytest.param('prerelease-mode = "a b"\nfork-strategy = 1\nnew = "x"\n', MANIFEST, (), id="what is none"),
    ],
)
def test_a_lock_stays_as_it_was_made(
    tmp_path: Path, tools: FakeTools, noted: str, manifest: str, arguments: tuple[str, ...]
) -> None:
    lock = LOCK.replace("version = 1\n", f"version = 1\n[options]\n{noted}", 1)
    tools.install("uv", writes(lock.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools, manifest=manifest, lock=lock)
    assert tools.ran[0].argv[5:] == arguments
