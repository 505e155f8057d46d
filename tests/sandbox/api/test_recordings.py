"""What gitlab.com once answered, and what the sandbox answers: the same keys, with values of the same type."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api
from tests.sandbox.ground_truth import differences, ground_truth


@pytest.fixture
def client(sandbox: Sandbox, api: Api) -> Api:
    """Root's client in a world with one of everything that is compared."""
    sandbox.add_user("alice")
    sandbox.add_project("team/app", files={"README.md": "# App\n"}, members={"root": 50})
    day = sandbox.world.now().date() + timedelta(days=30)
    api.post("/projects/1/access_tokens", name="ci", scopes=["api"], expires_at=str(day))
    api.post("/projects/1/issues", title="Broken")
    return api


@pytest.mark.parametrize(
    ("recording", "method", "path", "values"),
    [
        ("project_get.json", "GET", "/projects/1", {}),
        ("project_create.json", "POST", "/projects", {"name": "new"}),
        ("project_create_taken_400.json", "POST", "/projects", {"name": "app", "namespace_id": 3}),
        ("project_404.json", "GET", "/projects/nobody%2Fnothing", {}),
        ("project_fork_201.json", "POST", "/projects/1/fork", {"namespace": "alice"}),
        ("project_delete_202.json", "DELETE", "/projects/1", {}),
        ("group_get.json", "GET", "/groups/team", {}),
        ("user_current.json", "GET", "/user", {}),
        ("users_search.json", "GET", "/users?username=alice", {}),
        ("members_all_list.json", "GET", "/projects/1/members/all", {}),
        ("member_add_409.json", "POST", "/projects/1/members", {"user_id": 1, "access_level": 30}),
        ("personal_access_token_self.json", "GET", "/personal_access_tokens/self", {}),
        ("personal_access_tokens_list.json", "GET", "/personal_access_tokens", {}),
        ("personal_access_token_rotate.json", "POST", "/personal_access_tokens/self/rotate", {}),
        ("personal_access_token_self_associations.json", "GET", "/personal_access_tokens/self/associations", {}),
        ("project_access_token_get.json", "GET", "/projects/1/access_tokens/2", {}),
        ("project_access_token_list.json", "GET", "/projects/1/access_tokens", {}),
        ("project_access_token_rotate.json", "POST", "/projects/1/access_tokens/2/rotate", {}),
        ("metadata.json", "GET", "/metadata", {}),
        ("version.json", "GET", "/version", {}),
    ],
    ids=lambda value: value.removesuffix(".json") if isinstance(value, str) and value.endswith(".json") else "",
)
def test_an_answer_has_the_recorded_shape(
    client: Api, recording: str, method: str, path: str, values: dict[str, Any]
) -> None:
    recorded = json.loads(ground_truth(f"examples/{recording}").read_text("utf-8"))["response"]
    answer = client.answer(method, path, json=values or None)
    assert answer.status_code == recorded["status"]
    assert differences(recorded["body"], answer.json()) == []
