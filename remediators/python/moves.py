"""Which of a manifest's requirements of a package change for an upgrade, and why none could."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remediators.api import Upgrade
from remediators.errors import ManifestError
from remediators.python.specifiers import rewritten
from remediators.versions.pypi import PypiVersions

_VERSIONS = PypiVersions()


def moves(
    manifest: str, specifiers: Sequence[str], upgrade: Upgrade, *, decided: bool, locked: bool
) -> Mapping[int, str]:
    """The specifiers of the package that must change, by their place, as `rewritten` says.

    `decided` is whether something else tells the version, a lockfile or a pin: what admits the new version then stays.
    Without a lockfile (`locked`) one of them has to admit it in the end.
    Raises ManifestError when one cannot be moved, or none is.
    """
    try:
        changes = rewritten(specifiers, upgrade.before, upgrade.after, locked=decided)
    except ValueError as error:
        raise ManifestError(f"{manifest}: {upgrade.package}: {error}; change it by hand") from error
    settled = (changes.get(place, specifier) for place, specifier in enumerate(specifiers))
    if not locked and not any(_VERSIONS.satisfies(upgrade.after, specifier) for specifier in settled):
        raise ManifestError(
            f"{manifest} has no requirement of {upgrade.package} at {upgrade.before} "
            f"that could move to {upgrade.after}; scan the project again"
        )
    return changes
