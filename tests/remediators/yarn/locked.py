"""A small project that each kind of Yarn has locked."""

from __future__ import annotations

import pytest

from remediators.api import Upgrade
from tests.remediators.yarn.projects import berry, classic

CLASSIC = classic(
    {
        "@a/b@1.0.0": {"version": "1.0.0", "dependencies": {"ms": "^2.0.0"}},
        "debug@^2.6.0": {"version": "2.6.8", "dependencies": {"ms": "2.0.0"}},
        "ms@2.0.0, ms@^2.0.0": {"version": "2.0.0"},
    }
)
BERRY = berry(
    {
        "@a/b@npm:1.0.0": {"version": "1.0.0", "dependencies": {"ms": "npm:^2.0.0"}},
        "debug@npm:^2.6.0": {"version": "2.6.8", "dependencies": {"ms": "npm:2.0.0"}},
        "ms@npm:2.0.0, ms@npm:^2.0.0": {"version": "2.0.0"},
    },
    members={"web": "."},
)
LOCKS = pytest.mark.parametrize("lockfile", [pytest.param(CLASSIC, id="classic"), pytest.param(BERRY, id="berry")])
ALONE = {"name": "web", "dependencies": {"@a/b": "1.0.0"}}
UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False)


def alone(lockfile: str) -> str:
    """The same lockfile without debug and what it asks for."""
    head, _, rest = lockfile.partition("debug@^2.6.0:" if lockfile == CLASSIC else '"debug@npm:^2.6.0":')
    return head + rest.partition("\n\n")[2].replace("ms@2.0.0, ", "").replace("ms@npm:2.0.0, ", "")
