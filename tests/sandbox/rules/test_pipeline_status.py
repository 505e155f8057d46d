"""What a pipeline's status is, given those of its jobs (lib/gitlab/ci/status/composite.rb)."""

from __future__ import annotations

import pytest

from bot.sandbox.rules.pipeline_status import composite


@pytest.mark.parametrize(
    ("jobs", "status"),
    [
        pytest.param(["success", "success"], "success", id="all-passed"),
        pytest.param(["skipped", "skipped"], "skipped", id="all-skipped"),
        pytest.param(["success", "skipped"], "success", id="skipped-ones-do-not-count"),
        pytest.param(["success", "failed"], "failed", id="one-failed"),
        pytest.param(["success", "canceled"], "canceled", id="one-canceled"),
        pytest.param(["failed", "canceled"], "failed", id="failed-outranks-canceled"),
        pytest.param(["pending", "created"], "pending", id="nothing-began"),
        pytest.param(["success", "pending"], "running", id="one-waits"),
        pytest.param(["failed", "running"], "running", id="one-still-runs"),
        pytest.param(["success", "manual"], "manual", id="one-waits-for-a-person"),
        pytest.param(["success", "scheduled"], "scheduled", id="one-waits-for-its-time"),
        pytest.param(["success", "created"], "running", id="the-next-stage-waits"),
        pytest.param(["created"], "created", id="new"),
    ],
)
def test_it_follows_from_the_jobs(jobs: list[str], status: str) -> None:
    assert composite(jobs) == status
