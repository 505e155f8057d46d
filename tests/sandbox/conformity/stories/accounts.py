"""Stories of users, their tokens, namespaces, feeds and to-dos."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Step, Story

USERS = Story(
    "users",
    seeds.people,
    (
        Step("GET /version"),
        Step("GET /metadata"),
        Step("GET /user"),
        Step("GET /user/status"),
        Step("PUT /user/status", {"emoji": "coffee", "message": "Away"}),
        Step("PATCH /user/status", {"message": "Back"}),
        Step("GET /user_counts"),
        Step("GET /users"),
        Step("GET /users/:id"),
        Step("GET /users/:id/status"),
        Step(
            "POST /users",
            {"email": "carol@example.com", "name": "Carol", "username": "carol", "force_random_password": True},
            keep={"carol": "id"},
        ),
        Step(
            "POST /users",
            {"email": "carol@example.com", "name": "C", "username": "other", "force_random_password": True},
            refused=(409, {"message": "Email has already been taken"}),
        ),
        Step("PUT /users/:id", {"name": "Carol C", "bio": "Hm"}, {"id": "{carol}"}),
        Step("POST /users/:id/block", at={"id": "{carol}"}),
        Step("POST /users/:id/unblock", at={"id": "{carol}"}),
        Step("POST /users/:id/deactivate", at={"id": "{carol}"}),
        Step("POST /users/:id/activate", at={"id": "{carol}"}),
        Step("GET /users/:id/memberships", at={"id": "{root_id}"}),
        Step("GET /users/:id/projects", at={"id": "{root_id}"}),
        Step("GET /users/:id/events", at={"id": "{root_id}"}),
        Step("GET /events"),
        Step("DELETE /users/:id", at={"id": "{carol}"}),
    ),
)

TOKENS = Story(
    "tokens",
    seeds.people,
    (
        Step("GET /personal_access_tokens"),
        Step(
            "POST /users/:user_id/personal_access_tokens",
            {"name": "bot", "scopes": ["api"], "expires_at": "{soon}"},
            keep={"token_id": "id"},
        ),
        Step("GET /personal_access_tokens/:id", at={"id": "{token_id}"}),
        Step("POST /personal_access_tokens/:id/rotate", at={"id": "{token_id}"}, keep={"token_id": "id"}),
        Step("DELETE /personal_access_tokens/:id", at={"id": "{token_id}"}),
        Step(
            "POST /users/:user_id/impersonation_tokens",
            {"name": "bot", "scopes": ["api"], "expires_at": "{soon}"},
            keep={"token_id": "id"},
        ),
        Step("GET /users/:user_id/impersonation_tokens"),
        Step("GET /users/:user_id/impersonation_tokens/:token_id"),
        Step("DELETE /users/:user_id/impersonation_tokens/:token_id"),
        Step("GET /personal_access_tokens/self"),
        Step("GET /personal_access_tokens/self/associations"),
        Step("POST /personal_access_tokens/self/rotate", by="maintainer"),
        Step("DELETE /personal_access_tokens/self", by="developer"),
    ),
)

NAMESPACES = Story(
    "namespaces",
    seeds.group,
    (
        Step("GET /namespaces"),
        Step("GET /namespaces/:id"),
        Step("GET /namespaces/:id/exists", at={"id": "team"}),
    ),
)

TODOS = Story(
    "todos",
    seeds.project,
    (
        Step("POST /projects/:id/issues", {"title": "Broken"}, keep={"issue_iid": "iid"}),
        Step("POST /projects/:id/issues/:issue_iid/todo", keep={"todo": "id"}),
        Step("GET /todos"),
        Step("POST /todos/:id/mark_as_done", at={"id": "{todo}"}),
        Step("POST /todos/mark_as_done"),
    ),
)

STORIES = (USERS, TOKENS, NAMESPACES, TODOS)
