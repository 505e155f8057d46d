"""Pins that need nobody's judgement: all that each of them requires is pinned as well, at a version that will do.

What the registry tells of each pin is asked once for all the questions about a file, where the package manager would be
started for every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from remediators.api import Versions
from remediators.errors import RegistryError

# Of more pins the package manager knows sooner.
MOST = 60
ASKED_AT_ONCE = 8


Requirements = Callable[[str, str], Mapping[str, str]]
"""What a release (package, version) requires. Raises RegistryError."""


def closed(pins: Mapping[str, str], requirements: Requirements, versions: Versions) -> bool:
    """Whether these versions, by package, can be installed together and bring nothing else along.

    False also where that cannot be told.
    """
    if not 0 < len(pins) <= MOST:
        return False

    def satisfied(pin: tuple[str, str]) -> bool:
        try:
            needs = requirements(*pin)
            return all(name in pins and versions.satisfies(pins[name], wanted) for name, wanted in needs.items())
        except (RegistryError, ValueError):
            return False

    with ThreadPoolExecutor(ASKED_AT_ONCE, "requirements") as threads:
        return all(threads.map(satisfied, sorted(pins.items())))
