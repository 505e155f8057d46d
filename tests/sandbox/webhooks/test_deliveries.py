"""What is delivered, how it is signed, and what happens to a hook that keeps failing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.webhooks import delivery, request
from bot.sandbox.webhooks.request import Delivered
from bot.sandbox.world import Hook, Project
from tests.sandbox.client import Api
from tests.sandbox.waiting import until
from tests.sandbox.webhooks.receiver import Receiver


def test_the_headers(api: Api, path: str, hook: dict[str, Any], receiver: Receiver, sandbox: Sandbox) -> None:
    api.post(f"{path}/issues", title="x")
    receiver.wait("issue")
    headers = receiver.received[0].headers
    assert headers["X-Gitlab-Event"] == "Issue Hook"
    assert headers["X-Gitlab-Token"] == "secret"
    assert headers["X-Gitlab-Instance"] == sandbox.url
    assert headers["User-Agent"].startswith("GitLab/18.")
    assert len({headers[name] for name in ("Idempotency-Key", "X-Gitlab-Event-UUID", "X-Gitlab-Webhook-UUID")}) == 3
    assert "webhook-signature" not in headers


def test_an_issue(api: Api, path: str, hook: dict[str, Any], receiver: Receiver) -> None:
    api.post(f"{path}/issues", title="x", labels="bug")
    api.put(f"{path}/issues/1", title="y")
    api.put(f"{path}/issues/1", state_event="close")
    bodies = {one["object_attributes"]["action"]: one for one in receiver.wait("issue", 3)}
    assert bodies["open"]["object_attributes"]["iid"] == 1
    assert [one["title"] for one in bodies["open"]["labels"]] == ["bug"]
    assert bodies["update"]["changes"] == {"title": {"previous": "x", "current": "y"}}
    assert bodies["close"]["object_attributes"]["state"] == "closed"
    assert bodies["close"]["changes"]["state_id"] == {"previous": 1, "current": 2}
    assert bodies["close"]["project"]["path_with_namespace"] == "group/app"


def test_a_merge_request_from_open_to_merge(
    api: Api, path: str, hook: dict[str, Any], receiver: Receiver, feature: Callable[[], str]
) -> None:
    sha = feature()
    api.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    api.put(f"{path}/merge_requests/1/merge")
    bodies = {one["object_attributes"]["action"]: one for one in receiver.wait("merge_request", 2)}
    assert bodies["open"]["object_attributes"]["last_commit"]["id"] == sha
    merged = bodies["merge"]["object_attributes"]
    assert (merged["state"], merged["source_branch"], merged["target"]["default_branch"]) == (
        "merged",
        "feature",
        "main",
    )


def test_a_push(api: Api, path: str, hook: dict[str, Any], receiver: Receiver, feature: Callable[[], str]) -> None:
    sha = feature()
    body = receiver.wait("push")[0]
    assert (body["ref"], body["after"], body["before"]) == ("refs/heads/feature", sha, "0" * 40)
    assert (body["total_commits_count"], body["commits"][0]["added"]) == (1, ["a.txt"])


def test_a_note(api: Api, path: str, hook: dict[str, Any], receiver: Receiver) -> None:
    api.post(f"{path}/issues", title="x")
    api.post(f"{path}/issues/1/notes", body="@root /retry")
    body = receiver.wait("note")[0]
    assert (body["object_attributes"]["note"], body["issue"]["iid"]) == ("@root /retry", 1)
    assert body["user"]["username"] == "root"


def test_a_pipeline(
    sandbox: Sandbox, project: Project, hook: dict[str, Any], receiver: Receiver, feature: Callable[[], str]
) -> None:
    sandbox.set_pipelines(project, "success")
    sha = feature()
    bodies = until(lambda: [b for b in receiver.wait("pipeline") if b["object_attributes"]["status"] == "success"])
    assert bodies[0]["commit"]["id"] == sha


def test_hooks_hear_only_what_they_asked_for(api: Api, path: str, receiver: Receiver) -> None:
    api.post(f"{path}/hooks", url=receiver.url, push_events=False, note_events=True)
    api.post(f"{path}/issues", title="x")
    api.post(f"{path}/issues/1/notes", body="now")
    receiver.wait("note")
    assert {one.body["object_kind"] for one in receiver.received} == {"note"}


def test_a_system_hook_is_told_of_every_project(
    api: Api, path: str, receiver: Receiver, feature: Callable[[], str]
) -> None:
    api.post("/hooks", url=receiver.url, merge_requests_events=True, push_events=False)
    feature()
    api.post(f"{path}/merge_requests", title="x", source_branch="feature", target_branch="main")
    receiver.wait("merge_request")
    assert receiver.received[0].headers["X-Gitlab-Event"] == "System Hook"


def test_a_system_hook_is_told_of_projects_and_members(
    sandbox: Sandbox, api: Api, project: Project, path: str, receiver: Receiver, feature: Callable[[], str]
) -> None:
    api.post("/hooks", url=receiver.url, push_events=False, repository_update_events=True)
    alice = sandbox.add_user("alice")
    new = api.post("/projects", name="New")
    api.put(f"/projects/{new['id']}", path="newer")
    api.post(f"{path}/members", user_id=alice.id, access_level=30)
    api.delete(f"{path}/members/{alice.id}")
    feature()
    wanted = {"project_create", "project_rename", "user_add_to_team", "user_remove_from_team", "repository_update"}
    heard = until(lambda: wanted <= {b.body["event_name"] for b in receiver.received} and receiver.received)
    bodies = {one.body["event_name"]: one.body for one in heard or []}
    assert bodies["project_rename"]["old_path_with_namespace"] == "root/new"
    assert bodies["user_remove_from_team"]["user_username"] == "alice"
    assert bodies["repository_update"]["refs"] == ["refs/heads/feature"]


def test_a_signature_can_be_checked(sandbox: Sandbox, api: Api, path: str, receiver: Receiver) -> None:
    sandbox.world.hook_signing = True
    secret = base64.b64encode(b"s" * 32).decode()
    made = api.post(f"{path}/hooks", url=receiver.url, issues_events=True, signing_token=f"whsec_{secret}")
    assert (made["token_present"], made["signing_token_present"]) == (False, True)
    api.post(f"{path}/issues", title="x")
    receiver.wait("issue")
    got = receiver.received[0]
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.raw
    expected = base64.b64encode(hmac.new(b"s" * 32, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert got.headers["webhook-id"] == got.headers["Idempotency-Key"]


def test_an_older_gitlab_ignores_the_signing_token(api: Api, path: str, receiver: Receiver) -> None:
    made = api.post(f"{path}/hooks", url=receiver.url, signing_token="whsec_x")
    assert "signing_token_present" not in made


def test_deliveries_are_kept_and_sent_again(api: Api, path: str, hook: dict[str, Any], receiver: Receiver) -> None:
    receiver.status = 500
    api.post(f"{path}/issues", title="x")
    events = f"{path}/hooks/{hook['id']}/events"
    kept = until(lambda: api.get(events, status="server_failure"))[0]
    assert (kept["trigger"], kept["response_status"], kept["response_body"]) == ("issue_hooks", "500", "thanks")
    assert kept["request_headers"]["X-Gitlab-Token"] == "[REDACTED]"
    receiver.status = 200
    assert api.post(f"{events}/{kept['id']}/resend") == {"response_status": 200}
    assert [body["object_attributes"]["title"] for body in receiver.wait("issue", 2)] == ["x", "x"]
    assert len(api.get(events)) == 2


def test_a_hook_can_be_tried(api: Api, path: str, hook: dict[str, Any], receiver: Receiver) -> None:
    test = f"{path}/hooks/{hook['id']}/test"
    assert api.post(f"{test}/push_events") == {"message": "201 Created"}
    assert receiver.wait("push")[0]["ref"] == "refs/heads/main"
    assert api.post(f"{test}/issues_events", 422) == {"message": "Ensure the project has issues."}


def test_a_receiver_out_of_reach(api: Api, path: str) -> None:
    made = api.post(f"{path}/hooks", url="http://127.0.0.1:1/")
    api.post(f"{path}/hooks/{made['id']}/test/push_events", 422)
    kept = api.get(f"{path}/hooks/{made['id']}/events")
    assert kept[0]["response_status"] == "internal error"


@pytest.mark.parametrize(
    ("failures", "status", "pause"),
    [
        pytest.param(3, "executable", None, id="three failures are forgiven"),
        pytest.param(4, "temporarily_disabled", timedelta(minutes=1), id="the fourth costs a minute"),
        pytest.param(5, "temporarily_disabled", timedelta(minutes=2), id="then it doubles"),
        pytest.param(39, "temporarily_disabled", timedelta(days=1), id="up to a day"),
        pytest.param(40, "disabled", None, id="the fortieth is the end"),
    ],
)
def test_a_hook_that_keeps_failing(
    sandbox: Sandbox, project: Project, failures: int, status: str, pause: timedelta | None
) -> None:
    world = sandbox.world
    now = world.now()
    world.clock = lambda: now
    hook = Hook(source_type="Project", source_id=project.id, url="http://127.0.0.1:1/", created_at=now)

    def fail() -> None:
        world.hooks.add(hook)
        for _ in range(failures):
            message = delivery.prepared(world, hook, "push_events", {})
            delivery.record(world, message, Delivered("500", {}, "", 0.0))

    world.loop.run(fail)
    assert delivery.alert_status(world, hook) == status
    assert hook.disabled_until == (None if pause is None else now + pause)

    def succeed() -> None:
        delivery.record(world, delivery.prepared(world, hook, "push_events", {}), Delivered("200", {}, "", 0.0))

    world.loop.run(succeed)
    assert delivery.alert_status(world, hook) == "executable"


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param({}, 400, {"error": "url is missing"}, id="no URL"),
        pytest.param({"url": "ftp://x"}, 422, {"error": "Invalid url given"}, id="no web address"),
    ],
)
def test_hooks_that_cannot_be(api: Api, path: str, body: dict[str, str], status: int, answer: dict[str, str]) -> None:
    assert api.post(f"{path}/hooks", status, **body) == answer


def test_hooks_are_for_maintainers(login: Callable[..., Api], sandbox: Sandbox, api: Api) -> None:
    sandbox.add_user("developer")
    project = sandbox.add_project("group/lib", members={"developer": 30})
    assert login("developer").get(f"/projects/{project.id}/hooks", 403) == {"message": "403 Forbidden"}
    assert login("developer").get("/hooks", 403) == {"message": "403 Forbidden"}


def test_templates_variables_and_headers(api: Api, path: str, receiver: Receiver) -> None:
    made = api.post(
        f"{path}/hooks",
        url=receiver.url.replace("/hook", "/{place}"),
        issues_events=True,
        custom_webhook_template='{"kind":"{{object_kind}}","iid":{{object_attributes.iid}}}',
        url_variables=[{"key": "place", "value": "there"}],
        custom_headers=[{"key": "X-Mine", "value": "yes"}],
    )
    assert (made["url_variables"], made["custom_headers"]) == ([{"key": "place"}], [{"key": "X-Mine"}])
    api.post(f"{path}/issues", title="x")
    got = until(lambda: receiver.received)[0]
    assert (got.body, got.headers["X-Mine"]) == ({"kind": "issue", "iid": 1}, "yes")


def test_the_signature_of_a_known_message() -> None:
    secret = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
    made = request.signature(secret, "id", "1", b"{}")
    assert made == "v1," + base64.b64encode(hmac.new(b"k" * 32, b"id.1.{}", hashlib.sha256).digest()).decode()
