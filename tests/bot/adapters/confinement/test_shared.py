"""What many connections of one tool cost the bot: how often it asks, and what it keeps."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.adapters.confinement.egress import CONNECTIONS, REFUSALS_KEPT, Egress, Exit
from bot.adapters.registries.allow_list import Site


@dataclass
class Asked:
    """Admits what it was told to, and keeps what it was asked."""

    admitted: set[Site] = field(default_factory=set)
    sites: list[Site] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> bool:
        self.sites.append((host, port))
        return (host, port) in self.admitted


@dataclass(frozen=True)
class Inside:
    """Where a tool would connect to the proxy."""

    site: Site
    way: Exit

    def statuses(self, target: Site, times: int) -> list[bytes]:
        """What as many connections are answered that ask for one place together."""
        with contextlib.ExitStack() as stack:
            ways = [stack.enter_context(socket.create_connection(self.site, 10)) for _ in range(times)]
            for way in ways:
                way.sendall(b"CONNECT %s:%d HTTP/1.1\r\n\r\n" % (target[0].encode(), target[1]))
            return [way.recv(1000).split(b" ")[1] for way in ways]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def inside(asked: Asked) -> Iterator[Inside]:
    with contextlib.closing(Egress(asked, {})) as egress:
        listener = socket.create_server(("127.0.0.1", 0))
        site = listener.getsockname()
        way = egress.open(listener, ())
        yield Inside(site, way)
        egress.shut(way)


@pytest.fixture
def registry() -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_a_host_is_asked_about_once_for_all_connections(inside: Inside, asked: Asked, registry: Site) -> None:
    asked.admitted.add(registry)
    assert inside.statuses(registry, 20) == [b"200"] * 20
    assert inside.statuses(registry, 2) == [b"200"] * 2
    assert asked.sites == [registry]


def test_another_port_is_another_question(inside: Inside, asked: Asked, registry: Site) -> None:
    asked.admitted.add(registry)
    assert inside.statuses(registry, 1) == [b"200"]
    assert inside.statuses((registry[0], 1), 1) == [b"403"]


def test_a_refusal_is_not_remembered(inside: Inside, asked: Asked, registry: Site) -> None:
    assert inside.statuses(registry, 3) == [b"403"] * 3
    asked.admitted.add(registry)
    assert inside.statuses(registry, 3) == [b"200"] * 3


def test_one_tool_does_not_take_all_descriptors_of_the_bot(inside: Inside, asked: Asked, registry: Site) -> None:
    asked.admitted.add(registry)
    before = descriptors()
    with contextlib.ExitStack() as stack:
        ways = [stack.enter_context(socket.create_connection(inside.site, 10)) for _ in range(CONNECTIONS + 50)]
        for way in ways:
            way.sendall(b"CONNECT %s:%d HTTP/1.1\r\n\r\n" % (registry[0].encode(), registry[1]))
        statuses = [way.recv(1000).split(b" ")[1] for way in ways]
        # One end of each connection is the test's own.
        assert descriptors() - before - len(ways) <= 2 * CONNECTIONS + 10
    assert statuses.count(b"200") == CONNECTIONS
    assert statuses.count(b"503") == 50


def test_of_hosts_without_end_the_first_are_told(inside: Inside) -> None:
    for number in range(REFUSALS_KEPT + 10):
        assert inside.statuses((f"host-{number}.example", 443), 1) == [b"403"]
    assert list(inside.way.refused) == [(f"host-{number}.example", 443) for number in range(REFUSALS_KEPT)]


def descriptors() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))
