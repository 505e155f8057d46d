"""A requirements file that is its own lock, brought in line with its edited pins: what must follow them, and hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from remediators.api import Tools, Upgrade
from remediators.requirements.check import consequences
from remediators.requirements.edit import joined, moved
from remediators.requirements.hashes import with_renewed_hashes


def settled(
    manifest: str, work: Path, names: Sequence[str], upgrades: Sequence[Upgrade], index: str | None, tools: Tools
) -> None:
    """Move the pins in `names` that have to follow `upgrades`, and renew the hashes of all that moved.

    Raises ToolError, and BlockedError where the requirements contradict each other now and did not before.
    """
    files = {name: (work / name).read_bytes() for name in names}
    entailed = consequences(manifest, files.get, upgrades, index, work, tools)
    after: Mapping[str, bytes] = files
    for upgrade in entailed.followers:
        after = {**after, **moved(manifest, after, upgrade, locked=False)}
    if entailed.joining:
        after = {**after, **joined(manifest, after, upgrades[0], entailed.joining)}
    for name, content in after.items():
        renewed = with_renewed_hashes(name, content, (*upgrades, *entailed.followers), index, tools)
        if renewed != files[name]:
            (work / name).write_bytes(renewed)
