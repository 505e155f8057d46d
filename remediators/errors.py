"""What an ecosystem cannot do, as errors that name the thing, the place and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class RemediationError(Exception):
    """Something about one finding or manifest failed; the message names the thing, the place and the remedy."""


class ManifestError(RemediationError):
    """A manifest or lockfile cannot be read, or cannot be edited without a scratch."""


@dataclass(frozen=True, slots=True)
class Requirer:
    """Who asks for a package: a locked package at its version, or the manifest itself (`version` is "").

    `requirement` is the range it asks for, "" where the lockfile does not tell. `direct` is whether the
    unit's manifest names the requirer.
    """

    package: str
    version: str
    requirement: str
    direct: bool


class BlockedError(RemediationError):
    """No version fits what others require; the message names the blockers and their ranges.

    `blockers` are those of them that are known one by one.
    """

    def __init__(self, message: str, blockers: Sequence[Requirer] = ()) -> None:
        super().__init__(message)
        self.blockers = tuple(blockers)


class RegistryError(RemediationError):
    """A registry has no such package, refused, or cannot be reached."""


class ToolError(RemediationError):
    """A package manager is missing or failed. `stderr` is its last words, cut and redacted."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr
