"""Which patterns of a policy match a package, a path or a finding. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

_PEP_503 = re.compile(r"[-_.]+")


def package(pattern: str, ecosystem: str, name: str) -> bool:
    """Whether a package's name matches; `*` is any text, case is no matter, nor `-`, `_` and `.` in PyPI."""
    wanted, found = pattern.lower(), name.lower()
    if ecosystem == "PyPI":
        wanted, found = _PEP_503.sub("-", wanted), _PEP_503.sub("-", found)
    return fnmatchcase(found, wanted)


def path(pattern: str, name: str) -> bool:
    """Whether a path of the repository matches; `*` goes across folders, and a folder stands for all below it."""
    wanted = pattern.removeprefix("./").removeprefix("/").rstrip("/")
    return fnmatchcase(name, wanted) or fnmatchcase(name, f"{wanted}/*")


def ranges(allowed: Mapping[str, str], ecosystem: str, name: str) -> tuple[str, ...]:
    """The ranges of every pattern that matches a package: all of them hold."""
    return tuple(dict.fromkeys(wanted for pattern, wanted in allowed.items() if package(pattern, ecosystem, name)))


def group(groups: Mapping[str, Iterable[str]], ecosystem: str, name: str) -> str | None:
    """The first group that a package belongs to, None for none."""
    for title, members in groups.items():
        if any(package(pattern, ecosystem, name) for pattern in members):
            return title
    return None
