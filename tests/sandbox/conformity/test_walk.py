"""Every route of the sandbox answers and refuses as GitLab does: statuses, headers, keys, kinds of values, words."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api
from tests.sandbox.conformity import facts, headers, tour
from tests.sandbox.conformity.derive import every_route
from tests.sandbox.conformity.stories.every import STORIES
from tests.sandbox.conformity.tour import Tour


@pytest.fixture(scope="module")
def made() -> Tour:
    return tour.made(STORIES, facts.load())


def test_every_route_has_its_place_in_a_story() -> None:
    told = {step.route for story in STORIES for step in story.steps}
    assert set(every_route()) - told == set(), "tell of the route in tests/sandbox/conformity/stories"
    assert told - set(every_route()) == set()


def test_every_route_has_its_facts() -> None:
    assert set(every_route()) == set(facts.load().routes), "python -m tests.sandbox.conformity.derive writes them"


def test_stories_have_names_of_their_own() -> None:
    assert [name for name, times in Counter(story.name for story in STORIES).items() if times > 1] == []


@pytest.mark.parametrize("name", [story.name for story in STORIES])
def test_answers_are_as_gitlab_gives_them(made: Tour, name: str) -> None:
    assert made.differences[name] == []


def test_every_recorded_refusal_is_met_word_for_word(made: Tour) -> None:
    recorded = [(name, list(said)) for name, route in facts.load().routes.items() for said in route.recorded]
    met = {name: [list(said) for said in refusals] for name, refusals in made.refusals.items()}
    assert [(name, said) for name, said in recorded if said not in met.get(name, [])] == []


def test_every_described_refusal_is_met(made: Tour) -> None:
    missing = {
        name: sorted(set(route.refusals) - {status for status, _ in made.refusals[name]} - set(route.unmet))
        for name, route in facts.load().routes.items()
    }
    assert {name: statuses for name, statuses in missing.items() if statuses} == {}


def test_every_key_that_need_not_be_there_is_given_somewhere(made: Tour) -> None:
    entities = facts.load().entities
    optional = {(name, key.removesuffix("?")) for name, keys in entities.items() for key in keys if key.endswith("?")}
    own = {key for _, key in optional}
    assert {key for key in own if key not in {given for _, given in made.given}} == set()


def test_limited_answers_say_so(sandbox: Sandbox, api: Api) -> None:
    sandbox.rate_limits.limit = 2
    answer = api.answer("GET", "/user")
    assert [name for name in headers.LIMITS if name not in answer.headers] == []
    api.answer("GET", "/user")
    refused = api.answer("GET", "/user")
    assert (refused.status_code, refused.headers["Content-Type"].partition(";")[0]) == (429, "text/plain")
    assert refused.text.strip() == "Retry later"
    assert [name for name in (*headers.LIMITS, "Retry-After") if name not in refused.headers] == []
