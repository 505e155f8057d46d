"""The administrator's switches over HTTP, for programs that are not written in Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api


def test_the_tier(sandbox: Sandbox, api: Api) -> None:
    settings = f"{sandbox.url}/sandbox/settings"
    assert api.get(settings) == {"premium": False, "hook_signing": False, "mergeability_seconds": 0.0}
    assert api.put(settings, premium=True, mergeability_seconds=2)["mergeability_seconds"] == 2
    assert sandbox.world.premium


def test_pipelines(sandbox: Sandbox, api: Api) -> None:
    project = sandbox.add_project("group/app", {"README.md": "x"})
    switch = f"{sandbox.url}/sandbox/projects/group%2Fapp"
    assert api.put(switch, pipeline_outcome="running") == {"pipeline_outcome": "running", "pipeline_seconds": 0.0}
    api.post(f"/projects/{project.id}/pipeline", ref="main")
    api.put(f"{sandbox.url}/sandbox/projects/{project.id}", finish="failed")
    assert api.get(f"/projects/{project.id}/pipelines")[0]["status"] == "failed"


@pytest.mark.parametrize(
    ("switch", "body", "status"),
    [
        pytest.param("projects/none", {}, 404, id="no such project"),
        pytest.param("projects/group%2Fapp", {"pipeline_outcome": "maybe"}, 400, id="no such outcome"),
        pytest.param("settings", {"premium": "perhaps"}, 400, id="no truth value"),
    ],
)
def test_mistakes_are_told(sandbox: Sandbox, api: Api, switch: str, body: dict[str, str], status: int) -> None:
    sandbox.add_project("group/app")
    api.put(f"{sandbox.url}/sandbox/{switch}", status, **body)


def test_they_are_the_administrators(sandbox: Sandbox, login: Callable[..., Api], anonymous: Api) -> None:
    for client in (login("someone"), anonymous):
        client.put(f"{sandbox.url}/sandbox/settings", 403, premium=True)
