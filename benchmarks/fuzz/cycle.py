"""What is done to the files of a project on the way to a fix: found, expanded, read, asked, edited."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping

from remediators.api import Unit, Upgrade
from remediators.errors import RemediationError
from remediators.registered import ecosystems

_AFTER = "2.1.3"
_ECOSYSTEMS = ecosystems()


def cycle(files: Mapping[str, bytes], of: Collection[str] = (), most: int = 2) -> Iterator[Unit]:
    """Every unit of the files. Of the dependencies that it has (of those in `of`), `most` are asked about and moved.

    Raises RemediationError for a unit that cannot be read; what cannot be moved stays.
    """
    for remediator in _ECOSYSTEMS.remediators:
        for found in remediator.units(sorted(files)):
            unit = remediator.expand(found, files.get)
            parsed = remediator.parse(unit, files.get)
            dependencies = [one for one in parsed.dependencies if not of or one.package in of]
            for dependency in dependencies[:most]:
                before = dependency.version or "1.0.0"
                remediator.requirers(unit, files.get, dependency.package, before)
                for override in (False, True):
                    upgrade = Upgrade(dependency.package, before, _AFTER, dependency.direct, override=override)
                    with contextlib.suppress(RemediationError):
                        remediator.edit(unit, {name: files[name] for name in unit.files}, [upgrade])
            yield unit
