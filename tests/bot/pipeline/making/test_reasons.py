"""What kind of reason each error gives."""

from __future__ import annotations

import pytest

from bot.pipeline.making import reasons
from bot.pipeline.making.prove import NotAuditedError
from remediators.errors import BlockedError, ManifestError, RegistryError, RemediationError, Requirer, ToolError
from state.model import Blocker, Obstacle, Reason

HOLDER = Requirer("parent", "1.0", "<2", direct=True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            BlockedError("parent refuses", (HOLDER,)),
            Reason(Obstacle.BLOCKED, "parent refuses", blockers=(Blocker("parent", "1.0", "<2"),)),
        ),
        (ManifestError("odd"), Reason(Obstacle.NOT_EDITABLE, "odd")),
        (NotAuditedError("dark"), Reason(Obstacle.NOT_PROVEN, "dark")),
        (RegistryError("away"), Reason(Obstacle.REGISTRY_UNREACHABLE, "away")),
        (ToolError("uv failed", "no such package"), Reason(Obstacle.TOOL_FAILED, "uv failed: no such package")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_is_a_reason_with_its_kind(error: RemediationError, reason: Reason) -> None:
    assert reasons.of(error) == reason
