"""How often the addresses of one host are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from bot.adapters.confinement import shared
from bot.adapters.confinement.lookups import Loop

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]


@pytest.fixture
def loop() -> Iterator[Loop]:
    with contextlib.closing(Loop()) as made:
        yield made
        made.run_until_complete(made.shutdown_default_executor())


class Names:
    """Stands in for the resolver; `failing` counts down."""

    def __init__(self, failing: int = 0) -> None:
        self.asked: list[str] = []
        self.failing = failing
        self.answering = threading.Event()
        self.answering.set()

    def __call__(self, host: str, port: int, *rest: int) -> list[tuple[object, ...]]:
        self.asked.append(host)
        self.answering.wait()
        if self.failing:
            self.failing -= 1
            raise socket.gaierror("no such host")
        return list(FOUND)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names)
    return names


async def at_once(loop: Loop, host: str, times: int) -> list[object]:
    return await asyncio.gather(*(loop.getaddrinfo(host, 443) for _ in range(times)), return_exceptions=True)


def test_once_for_all_who_ask_at_a_time_and_after(loop: Loop, names: Names) -> None:
    assert loop.run_until_complete(at_once(loop, "registry.example", 50)) == [FOUND] * 50
    assert loop.run_until_complete(at_once(loop, "registry.example", 2)) == [FOUND] * 2
    loop.run_until_complete(at_once(loop, "files.example", 2))
    assert names.asked == ["registry.example", "files.example"]


def test_anew_when_it_was_long_ago(loop: Loop, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    loop.run_until_complete(at_once(loop, "registry.example", 1))
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now + shared.KEPT_SECONDS)
    loop.run_until_complete(at_once(loop, "registry.example", 1))
    assert len(names.asked) == 2


def test_a_failure_is_everybodys_and_not_remembered(loop: Loop, names: Names) -> None:
    names.failing = 1
    failed = loop.run_until_complete(at_once(loop, "registry.example", 3))
    assert [str(each) for each in failed] == ["no such host"] * 3
    assert loop.run_until_complete(at_once(loop, "registry.example", 1)) == [FOUND]


def test_who_gives_up_does_so_alone(loop: Loop, names: Names) -> None:
    names.answering.clear()

    async def two() -> list[object]:
        first, second = (asyncio.ensure_future(loop.getaddrinfo("registry.example", 443)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        names.answering.set()
        return list(await asyncio.gather(first, second, return_exceptions=True))

    given_up, answered = loop.run_until_complete(two())
    assert isinstance(given_up, asyncio.CancelledError)
    assert answered == FOUND
    assert len(names.asked) == 1
