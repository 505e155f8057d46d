"""The handle: what runs where, what a world is filled with from Python, how many may ask at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.sandbox.listener import bind
from bot.sandbox.loop import Loop
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Access
from tests.sandbox.client import Api


def test_the_port_can_be_chosen_and_a_taken_one_is_told(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="Address already in use"):
        Sandbox().start(port)


def test_a_seeded_project_has_its_groups_files_and_members(sandbox: Sandbox, api: Api) -> None:
    sandbox.add_user("alice")
    sandbox.add_group("team", members={"alice": Access.REPORTER})
    project = sandbox.add_project(
        "team/sub/app", files={"README.md": "# App\n", "lib/x.py": b"\n"}, default_branch="trunk", members={"alice": 40}
    )
    assert (project.default_branch, project.repository_made) == ("trunk", False)
    tree = api.get(f"/projects/{project.id}/repository/tree", recursive=True)
    assert [entry["path"] for entry in tree] == ["lib", "README.md", "lib/x.py"]
    assert api.get("/projects/team%2Fsub%2Fapp/protected_branches/trunk")["push_access_levels"][0]["access_level"] == 40
    assert api.get(f"/projects/{project.id}/members")[0]["access_level"] == 40


def test_a_member_must_exist(sandbox: Sandbox) -> None:
    with pytest.raises(LookupError, match="no user 'bob'"):
        sandbox.add_project("team/app", members={"bob": 30})


def test_many_may_ask_at_once(sandbox: Sandbox) -> None:
    def create(number: int) -> int:
        client = Api(sandbox.url, sandbox.token)
        made = client.post("/projects", name=f"p{number}")
        client.close()
        return int(made["id"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(32)))
    assert sorted(ids) == list(range(1, 33))


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio looks at before it sets TCP_NODELAY


@pytest.fixture
def running() -> Iterator[tuple[Loop, int]]:
    """A loop that serves in a thread of its own, and that thread."""
    loop, event_loop, ready = Loop(), asyncio.new_event_loop(), threading.Event()

    async def attach() -> None:
        loop.attach()
        ready.set()

    def serve() -> None:
        event_loop.run_until_complete(attach())
        event_loop.run_forever()

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    yield loop, thread.ident or 0
    asyncio.run_coroutine_threadsafe(loop.detach(), event_loop).result()
    event_loop.call_soon_threadsafe(event_loop.stop)
    thread.join()
    event_loop.close()


def test_work_runs_on_the_loops_thread(running: tuple[Loop, int]) -> None:
    loop, thread = running
    assert loop.run(threading.get_ident) == thread
    assert loop.run(lambda: loop.run(threading.get_ident)) == thread


def test_an_error_of_the_work_comes_back(running: tuple[Loop, int]) -> None:
    loop, _ = running
    with pytest.raises(ZeroDivisionError):
        loop.run(lambda: 1 // 0)


def test_threads_hand_their_result_back_to_the_loop(running: tuple[Loop, int]) -> None:
    loop, thread = running
    done, seen = threading.Event(), list[tuple[int, bool]]()

    def then(worker: int) -> None:
        seen.append((threading.get_ident(), worker != thread))
        done.set()

    loop.in_thread(threading.get_ident, then)
    assert done.wait(5)
    assert seen == [(thread, True)]


def test_delayed_work_waits_for_a_server() -> None:
    loop, ran = Loop(), list[str]()
    loop.later(0, lambda: ran.append("late"))
    assert ran == []

    async def serve() -> None:
        loop.attach()
        loop.later(0, lambda: ran.append("later"))
        while len(ran) < 2:
            await asyncio.sleep(0)
        await loop.detach()

    asyncio.run(serve())
    assert ran == ["late", "later"]


def test_without_a_server_work_runs_at_once() -> None:
    seen = list[str]()
    Loop().in_thread(lambda: "done", seen.append)
    assert (Loop().run(lambda: 5), seen) == (5, ["done"])
