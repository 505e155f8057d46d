"""Why a change set could not be made, as a reason with its kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.pipeline.making.bonds import ExcludedError
from bot.pipeline.making.climb import NoFixedVersionError
from bot.pipeline.making.prove import NotAuditedError, NotProvenError
from remediators.errors import BlockedError, ManifestError, RegistryError, RemediationError, ToolError
from state.model import Blocker, Obstacle, Reason

# Of a tool's last words.
SHOWN = 2_000

KINDS: Mapping[type[RemediationError], Obstacle] = {
    NoFixedVersionError: Obstacle.NO_FIXED_VERSION,
    ExcludedError: Obstacle.EXCLUDED,
    BlockedError: Obstacle.BLOCKED,
    ManifestError: Obstacle.NOT_EDITABLE,
    NotProvenError: Obstacle.NOT_PROVEN,
    RegistryError: Obstacle.REGISTRY_UNREACHABLE,
    ToolError: Obstacle.TOOL_FAILED,
}


def passing(error: RemediationError) -> bool:
    """Whether another try may do: a tool, a registry or a look-up failed."""
    return isinstance(error, (ToolError, RegistryError, NotAuditedError))


def of(error: RemediationError) -> Reason:
    """The reason that an error gives; a tool's last words belong to it."""
    kind = next((kind for known, kind in KINDS.items() if isinstance(error, known)), Obstacle.NOT_PROVEN)
    words = f"{error}: {error.stderr[-SHOWN:]}" if isinstance(error, ToolError) and error.stderr else str(error)
    blockers = error.blockers if isinstance(error, BlockedError) else ()
    return Reason(kind, words, blockers=tuple(Blocker(b.package, b.version, b.requirement) for b in blockers))
