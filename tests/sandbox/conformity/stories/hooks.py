"""Stories of web hooks of projects, groups and the system."""

from __future__ import annotations

from bot.sandbox.server import Sandbox
from tests.sandbox.conformity.stories import seeds
from tests.sandbox.conformity.story import Seed, Step, Story, Values


def _hooks(kind: str, base: str, seed: Seed) -> Story:
    hook = f"{base}/:hook_id"
    return Story(
        f"hooks of {kind}",
        seed,
        (
            Step(f"POST {base}", {"url": "{receiver}", "push_events": True}, keep={"hook_id": "id"}),
            Step(f"GET {base}"),
            Step(f"GET {hook}"),
            Step(f"PUT {hook}", {"url": "{receiver}", "tag_push_events": True}),
            Step(f"POST {hook}/test/:trigger"),
            Step(f"GET {hook}/events", keep={"hook_log_id": "0.id"}),
            Step(f"POST {hook}/events/:hook_log_id/resend"),
            Step(f"PUT {hook}/url_variables/:key", {"value": "v"}),
            Step(f"DELETE {hook}/url_variables/:key"),
            Step(f"PUT {hook}/custom_headers/:key", {"value": "v"}),
            Step(f"DELETE {hook}/custom_headers/:key"),
            Step(f"DELETE {hook}"),
        ),
    )


def _seeded(seed: Seed) -> Seed:
    """The seed with a receiver: the sandbox itself, whose front page is there for anyone. Group hooks are Premium."""

    def plant(sandbox: Sandbox) -> Values:
        sandbox.world.premium = True
        return {**seed(sandbox), "trigger": "push_events", "key": "name", "receiver": f"{sandbox.url}/"}

    return plant


STORIES = (
    _hooks("a project", "/projects/:id/hooks", _seeded(seeds.project)),
    _hooks("a group", "/groups/:id/hooks", _seeded(seeds.group)),
    _hooks("the system", "/hooks", _seeded(seeds.project)),
)
