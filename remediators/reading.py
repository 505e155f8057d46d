"""What every remediator does with the files of a unit before it knows their format."""

from __future__ import annotations

from remediators.api import Reader
from remediators.errors import ManifestError


def content(path: str, read: Reader) -> bytes:
    """The bytes of a file of a unit. Raises ManifestError when it does not exist."""
    raw = read(path)
    if raw is None:
        raise ManifestError(f"{path} does not exist; scan the project again")
    return raw
