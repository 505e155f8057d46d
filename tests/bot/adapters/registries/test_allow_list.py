"""Which hosts may be asked for packages, and what a proxy makes of what is asked of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.confinement.proxied import Refused, parsed
from bot.adapters.confinement.upstream import Upstream
from bot.adapters.registries import sites as registry_sites
from bot.adapters.registries.allow_list import AllowList, Site, Source, refusal, site_of
from remediators.ecosystems import Ecosystems
from remediators.errors import RegistryError
from remediators.registered import ecosystems
from state.store import Store
from tests.remediators.conftest import FakeTools

INDEX = "https://registry.example/simple"
CONFIGURED = {"PyPI": INDEX, "npm": "https://npm.example"}
PIP = (
    '<a href="https://files.registry.example/pip-1.0-py3-none-any.whl">pip-1.0-py3-none-any.whl</a>'
    '<a href="../../pip-1.1-py3-none-any.whl">pip-1.1-py3-none-any.whl</a>'
)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "admitted", "refused"),
    [
        (["registry.example"], [("registry.example", 443)], [("registry.example", 80), ("registry.example", 8080)]),
        (["registry.example:8443"], [("registry.example", 8443)], [("registry.example", 443)]),
        (["Registry.Example"], [("registry.example.", 443)], [("x.registry.example", 443), ("registry.examples", 443)]),
        (["10.0.0.1:80"], [("10.0.0.1", 80)], [("10.0.0.2", 80), ("0x0a000001", 80)]),
        (["[::1]:3000"], [("::1", 3000)], [("::1", 443), ("localhost", 3000)]),
        ([], [], [("127.0.0.1", 443), ("", 443), ("localhost", 80)]),
    ],
    ids=["host", "host and port", "case and final dot", "address", "IPv6", "nothing"],
)
def test_hosts_are_known_by_name_and_port(named: list[str], admitted: list[Site], refused: list[Site]) -> None:
    allowed = AllowList(registry_sites.configured((), named))
    assert [allowed.admits(*site) for site in admitted] == [True] * len(admitted)
    assert [allowed.admits(*site) for site in refused] == [False] * len(refused)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://Registry.example/simple", ("registry.example", 443)),
        ("http://registry.example", ("registry.example", 80)),
        ("http://user:pass@registry.example:8080/x", ("registry.example", 8080)),
        ("https://registry.example@evil.example/", ("evil.example", 443)),
        ("file:///etc/passwd", None),
        ("gopher://registry.example", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://registry.example:port/", None),
    ],
)
def test_where_a_url_leads(url: str, site: Site | None) -> None:
    assert site_of(url) == site


def test_a_refusal_names_the_host_and_the_setting() -> None:
    assert refusal("evil.example", 8080).startswith("evil.example:8080 is no registry in use: add it to allowed_hosts")
    assert refusal("evil.example", 443).startswith("evil.example is no registry")
    assert refusal("plain.example", 80).startswith("plain.example:80 is no registry")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@dataclass
class Told:
    """A source that tells these sites, or fails, and counts how often it was asked."""

    sites: Collection[Site]
    failing: bool = False
    asked: int = 0
    asks: list[AllowList] = field(default_factory=list)

    def __call__(self) -> Collection[Site]:
        self.asked += 1
        for each in self.asks:
            assert not each.admits("redirected.example", 443)
        if self.failing:
            raise RegistryError("away")
        return self.sites

    def __hash__(self) -> int:
        return id(self)


class TestSources:
    def test_they_are_asked_in_turn_once_and_only_when_needed(self) -> None:
        first, second = Told([("a.example", 443)]), Told([("b.example", 443)])
        allowed = AllowList([("known.example", 443)], lambda: (first, second))

        assert allowed.admits("known.example", 443)
        assert (first.asked, second.asked) == (0, 0)
        assert allowed.admits("a.example", 443)
        assert (first.asked, second.asked) == (1, 0)
        assert [allowed.admits("evil.example", 443) for _ in range(3)] == [False] * 3
        assert (first.asked, second.asked) == (1, 1)
        assert allowed.admits("b.example", 443)

    def test_one_that_fails_hides_no_other_and_is_left_alone_for_a_while(self) -> None:
        away, other = Told((), failing=True), Told([("b.example", 443)])
        allowed = AllowList((), lambda: (away, other))
        assert allowed.admits("b.example", 443)
        assert not allowed.admits("evil.example", 443)
        assert away.asked == 1

    def test_one_that_asks_by_way_of_the_list_learns_nothing_from_itself(self) -> None:
        source = Told([("a.example", 443)])
        allowed = AllowList((), lambda: (source,))
        source.asks.append(allowed)
        assert allowed.admits("a.example", 443)
        assert source.asked == 1

    def test_an_ecosystem_with_a_configured_registry_has_no_use_for_its_own(self, store: Store) -> None:
        tools = FakeTools()
        tools.serve(f"{INDEX}/pip/", PIP, "text/html")
        named = registry_sites.configured(CONFIGURED.values(), ())
        allowed = AllowList(named, lambda: told(ecosystems(), CONFIGURED, tools, store, NOON))
        assert allowed.admits("npm.example", 443)
        assert tools.asked == []
        assert allowed.admits("files.registry.example", 443)
        assert not allowed.admits("evil.example", 443)
        assert [each.url for each in tools.asked] == [f"{INDEX}/pip/"]
        assert tools.ran == []

    def test_what_they_told_is_kept_for_a_day(self, store: Store) -> None:
        tools = FakeTools()
        tools.serve(f"{INDEX}/pip/", PIP, "text/html")

        def asked_at(now: datetime) -> int:
            # Each process has a list of its own, and the store of them all.
            allowed = AllowList((), lambda: told(ecosystems(), CONFIGURED, tools, store, now))
            assert allowed.admits("files.registry.example", 443)
            assert not allowed.admits("evil.example", 443)
            return len(tools.asked)

        times = (NOON, NOON + timedelta(hours=23), NOON + timedelta(hours=24), NOON + timedelta(hours=25))
        # A clock that was set back does not keep an answer for longer.
        assert [asked_at(now) for now in (*times, NOON)] == [1, 1, 2, 2, 3]

    def test_what_they_could_not_tell_is_not_kept(self, store: Store) -> None:
        tools = FakeTools()
        tools.refuse(f"{INDEX}/pip/", "away")
        before = AllowList((), lambda: told(ecosystems(), CONFIGURED, tools, store, NOON))
        assert not before.admits("files.registry.example", 443)
        tools.serve(f"{INDEX}/pip/", PIP, "text/html")
        after = AllowList((), lambda: told(ecosystems(), CONFIGURED, tools, store, NOON))
        assert after.admits("files.registry.example", 443)


def told(
    known: Ecosystems, indexes: Mapping[str, str], tools: FakeTools, store: Store, now: datetime
) -> Iterator[Source]:
    return registry_sites.sources(known, indexes, tools, store, lambda: now)


class TestWhatAProxyIsAsked:
    @pytest.mark.parametrize(
        ("head", "method", "place", "path"),
        [
            ("CONNECT registry.example:443 HTTP/1.1", "CONNECT", "registry.example:443", "/"),
            ("CONNECT [::1]:443 HTTP/1.1", "CONNECT", "[::1]:443", "/"),
            ("GET http://registry.example/a?b=c HTTP/1.1", "GET", "registry.example:80", "/a?b=c"),
            ("POST http://Registry.Example.:81 HTTP/1.0", "POST", "registry.example:81", "/"),
        ],
    )
    def test_read(self, head: str, method: str, place: str, path: str) -> None:
        request = parsed(f"{head}\r\nHost: x\r\n\r\n".encode())
        assert (request.method, request.place, request.path) == (method, place, path)

    def test_what_is_said_to_the_server_names_no_other_host(self) -> None:
        head = (
            "GET http://registry.example/a HTTP/1.1\r\nHost: evil.example\r\nProxy-Authorization: Basic eA==\r\n"
            "Accept: */*\r\nConnection: keep-alive\r\nX-Own: a\r\n\r\n"
        )
        request = parsed(head.encode())
        assert request.head(False).decode() == (
            "GET /a HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\nAccept: */*\r\nX-Own: a\r\n\r\n"
        )
        assert (
            request.head(True, "Proxy-Authorization: Basic eQ==")
            .decode()
            .startswith(
                "GET http://registry.example:80/a HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\nProxy-Auth"
            )
        )

    @pytest.mark.parametrize(
        "head",
        [
            "GET / HTTP/1.1",
            "GET https://registry.example/ HTTP/1.1",
            "GET file:///etc/passwd HTTP/1.1",
            "GET http://user@registry.example/ HTTP/1.1",
            "GET http://registry.example:port/ HTTP/1.1",
            "GET http:///x HTTP/1.1",
            "CONNECT registry.example HTTP/1.1",
            "CONNECT registry.example:443/x HTTP/1.1",
            "CONNECT evil.example@registry.example:443 HTTP/1.1",
            "CONNECT registry.example:99999 HTTP/1.1",
            "CONNECT [::1:443 HTTP/1.1",
            "GET http://registry.example/\x00 HTTP/1.1",
            "GET http://registry.example/a b HTTP/1.1",
            "GET http://registry.example/ HTTP/1.1\r\n folded: x",
            "GET http://registry.example/ HTTP/1.1\r\nA: x\nHost: y",
            "\x16\x03\x01",
        ],
    )
    def test_refused(self, head: str) -> None:
        with pytest.raises(Refused) as refused:
            parsed(f"{head}\r\n\r\n".encode())
        assert refused.value.status == 400


@pytest.mark.parametrize(
    ("environ", "request_line", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "CONNECT registry.example:443", "http://p:1"),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "CONNECT registry.example:443", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "CONNECT registry.example:443", None),
        ({"HTTP_PROXY": "http://p:1"}, "GET http://registry.example/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, .example"}, "CONNECT registry.example:443", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "gistry.example"}, "CONNECT registry.example:443", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "registry.example:443"}, "CONNECT registry.example:443", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "CONNECT registry.example:443", None),
        ({"HTTP_PROXY": "http://p:1"}, "GET http://127.0.0.1:8080/", None),
        ({"HTTP_PROXY": "http://p:1"}, "GET http://localhost:8080/", None),
    ],
)
def test_the_bots_own_proxies_are_used(environ: dict[str, str], request_line: str, proxy: str | None) -> None:
    assert Upstream(environ).proxy(parsed(f"{request_line} HTTP/1.1\r\n\r\n".encode())) == proxy
