"""Requests can be made to fail in every way that a network and a busy server fail."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.sandbox.faults import Fault
from bot.sandbox.gate import Exchange
from bot.sandbox.server import Sandbox
from tests.sandbox.client import Api
from tests.sandbox.git_client import Git

SWITCH = "{}/sandbox/faults"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_fault_answers_instead_of_the_effect(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(Fault("POST", "*/projects", status=503, body={"message": "later"}, headers={"Retry-After": "1"}))
    answer = api.answer("POST", "/projects", json={"name": "app"})
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (503, {"message": "later"}, "1")
    assert api.get("/projects") == []
    api.post("/projects", name="app")


def test_a_fault_strikes_the_nth_time(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(Fault("GET", "/api/v4/user", after=1, count=2, status=500))
    statuses = [api.answer("GET", "/user").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]


@pytest.mark.parametrize(("cut", "made"), [("before", 0), ("after", 1)])
def test_a_cut_connection_leaves_the_effect_undone_or_done(sandbox: Sandbox, api: Api, cut: str, made: int) -> None:
    sandbox.faults.add(Fault("POST", "*/projects", cut=cut))
    with pytest.raises(requests.ConnectionError):
        api.answer("POST", "/projects", json={"name": "app"})
    assert len(api.get("/projects")) == made


def test_a_fault_delays(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(Fault(path="*/user", delay=0.05))
    started = time.perf_counter()
    assert api.answer("GET", "/user").status_code == 200
    assert time.perf_counter() - started >= 0.05


def test_graphql_has_faults_too(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(Fault("POST", "/api/graphql", status=502))
    assert api.answer("POST", f"{sandbox.url}/api/graphql", json={"query": "{currentUser{id}}"}).status_code == 502


@pytest.mark.parametrize(("cut", "pushed"), [("before", False), ("after", True)])
def test_a_push_can_be_cut_before_and_after_it_took_effect(
    sandbox: Sandbox, tmp_path: Path, cut: str, pushed: bool
) -> None:
    project = sandbox.add_project("team/app", files={"a.txt": "1"})
    git = Git(tmp_path, sandbox.token)
    git("clone", "-q", f"{sandbox.url}/team/app.git", "app")
    commit = git.at("app").commit({"a.txt": "2"})
    # For good, since curl tries once more when a connection that it had open already is reset.
    sandbox.faults.add(Fault("POST", "*/git-receive-pack", cut=cut, count=None))
    git.at("app").refused("push", "-q", "origin", "main")
    assert (project.head == commit) is pushed


def test_the_switch_takes_faults_over_http(sandbox: Sandbox, api: Api) -> None:
    armed = api.post(SWITCH.format(sandbox.url), method="GET", path="*/user", status=429, body="Retry later")
    assert armed == {"armed": 1}
    assert api.answer("GET", "/user").text == "Retry later"
    api.post(SWITCH.format(sandbox.url), path="*", status=500, count=None)
    api.delete(SWITCH.format(sandbox.url))
    api.get("/user")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"patch": "*"}, id="unknown field"),
        pytest.param({"cut": "during"}, id="unknown cut"),
        pytest.param({"method": "G T"}, id="no method"),
    ],
)
def test_the_switch_refuses_what_it_does_not_understand(sandbox: Sandbox, api: Api, values: dict[str, Any]) -> None:
    api.post(SWITCH.format(sandbox.url), 400, **values)


def test_only_the_administrator_has_the_switch(sandbox: Sandbox, anonymous: Api) -> None:
    anonymous.post(SWITCH.format(sandbox.url), 403, path="*", status=500)


def test_observers_see_every_request_before_and_after_its_effect(sandbox: Sandbox, api: Api) -> None:
    seen: list[tuple[str, str, int, int]] = []

    def observe(moment: str, exchange: Exchange) -> None:
        seen.append((moment, exchange.method, exchange.status, len(sandbox.world.projects)))

    sandbox.on_request(observe)
    api.post("/projects", name="app")
    assert seen == [("before", "POST", 0, 0), ("after", "POST", 201, 1)]


def test_the_log_tells_writes_from_reads(sandbox: Sandbox, api: Api) -> None:
    api.get("/user")
    api.post("/projects", name="app")
    assert [(e.method, e.path, e.status, e.write) for e in sandbox.requests] == [
        ("GET", "/api/v4/user", 200, False),
        ("POST", "/api/v4/projects", 201, True),
    ]
    assert all(exchange.milliseconds > 0 for exchange in sandbox.requests)
    sandbox.requests.clear()
    api.get("/user")
    assert len(sandbox.requests) == 1


def test_rate_limits_are_off_until_switched_on(sandbox: Sandbox, api: Api) -> None:
    assert "RateLimit-Limit" not in api.answer("GET", "/user").headers
    sandbox.world.clock = lambda: NOON
    sandbox.rate_limits.limit = 2
    within = [api.answer("GET", "/user") for _ in range(2)]
    assert [(a.status_code, a.headers["RateLimit-Remaining"]) for a in within] == [(200, "1"), (200, "0")]
    over = api.answer("GET", "/user")
    assert (over.status_code, over.text.strip(), over.headers["RateLimit-Observed"]) == (429, "Retry later", "3")
    assert over.headers["Retry-After"] == "60"
    assert over.headers["Content-Type"].startswith("text/plain")


def test_each_caller_has_a_limit_of_its_own(sandbox: Sandbox, api: Api, anonymous: Api) -> None:
    sandbox.world.clock = lambda: NOON
    sandbox.rate_limits.limit = 1
    assert [client.answer("GET", "/projects").status_code for client in (api, anonymous)] == [200, 200]
