"""What a uv.lock was made with that its project does not say: its author's own settings, or a command line.

uv notes them in `[options]` and drops them where it is not told again; then other packages may move, and the
section goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from remediators.uv.project import UvProject

_FLAGS = {"resolution-mode": "resolution", "prerelease-mode": "prerelease", "fork-strategy": "fork-strategy"}
"""What the lock calls a setting, and what the project and the command line call it."""
_SPAN, _CUTOFF, _CUTOFFS = "exclude-newer-span", "exclude-newer", "exclude-newer-package"
_VALUE = re.compile(r"[\w.:+-]+", re.ASCII)


def options(project: UvProject) -> Iterator[str]:
    """The arguments that tell uv these settings again."""
    settings = project.root.table("tool", "uv") if project.settings is None else project.settings.root
    noted = project.lock.options
    for name, flag in _FLAGS.items():
        if flag not in settings and _is_plain(noted.get(name)):
            yield f"--{flag}={noted[name]}"
    # A span comes with a date that has no effect.
    cutoff = noted.get(_SPAN, noted.get(_CUTOFF))
    if _CUTOFF not in settings and _is_plain(cutoff):
        yield f"--{_CUTOFF}={cutoff}"
    packages = noted.get(_CUTOFFS)
    if _CUTOFFS not in settings and isinstance(packages, Mapping):
        for package, value in packages.items():
            if _is_plain(package) and _is_plain(value):
                yield f"--{_CUTOFFS}={package}={value}"


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None
