"""Stories of groups and of what groups and projects have alike: members, variables, access tokens."""

from __future__ import annotations

from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Seed, Step, Story

GROUPS = Story(
    "groups",
    seeds.group,
    (
        Step("POST /groups", {"name": "Sub", "path": "sub", "parent_id": "{id}"}, keep={"sub": "id"}),
        Step(
            "POST /groups",
            {"name": "Sub", "path": "sub", "parent_id": "{id}"},
            refused=(
                400,
                {"message": 'Failed to save group {:path=>["has already been taken"]}'},
            ),
        ),
        Step("GET /groups"),
        Step("GET /groups/:id"),
        Step("GET /groups/:id/subgroups"),
        Step("GET /groups/:id/descendant_groups"),
        Step("GET /groups/:id/projects"),
        Step("PUT /groups/:id", {"description": "Ours"}),
        Step("POST /groups/:id/projects/:project_id", at={"id": "{sub}"}),
        Step("DELETE /groups/:id", at={"id": "{sub}"}),
        Step("POST /groups/:id/restore", at={"id": "{sub}"}),
    ),
)


def _shared(kind: str, seed: Seed) -> tuple[Story, ...]:
    """Stories of `kind` (projects or groups)."""
    members, variables, tokens = (f"/{kind}/:id/{name}" for name in ("members", "variables", "access_tokens"))
    return (
        Story(
            f"members of {kind}",
            lambda sandbox: {**seed(sandbox), "user_id": str(sandbox.add_user("dave").id)},
            (
                Step(f"POST {members}", {"user_id": "{user_id}", "access_level": 30}),
                Step(
                    f"POST {members}",
                    {"user_id": "{user_id}", "access_level": 30},
                    refused=(409, {"message": "Member already exists"}),
                ),
                Step(f"GET {members}"),
                Step(f"GET {members}/all"),
                Step(f"GET {members}/:user_id"),
                Step(f"GET {members}/all/:user_id"),
                Step(f"PUT {members}/:user_id", {"access_level": 20, "expires_at": "{soon}"}),
                Step(f"DELETE {members}/:user_id"),
            ),
        ),
        Story(
            f"variables of {kind}",
            seed,
            (
                Step(f"POST {variables}", {"key": "KEY", "value": "v"}, keep={"key": "key"}),
                Step(
                    f"POST {variables}",
                    {"key": "KEY", "value": "v"},
                    refused=(400, {"message": {"key": ["(KEY) has already been taken"]}}),
                ),
                Step(f"GET {variables}"),
                Step(f"GET {variables}/:key"),
                Step(f"PUT {variables}/:key", {"value": "w"}),
                Step(f"DELETE {variables}/:key"),
            ),
        ),
        Story(
            f"access tokens of {kind}",
            seed,
            (
                Step(
                    f"POST {tokens}",
                    {"name": "ci", "scopes": ["api"], "expires_at": "{soon}"},
                    keep={"token_id": "id"},
                ),
                Step(f"GET {tokens}"),
                Step(f"GET {tokens}/:token_id"),
                Step(f"POST {tokens}/:token_id/rotate", keep={"token_id": "id", "secret": "token"}),
                Step(f"POST {tokens}/self/rotate", by="{secret}", keep={"token_id": "id"}),
                Step(f"DELETE {tokens}/:token_id"),
            ),
        ),
    )


STORIES = (GROUPS, *_shared("projects", seeds.project), *_shared("groups", seeds.group))
