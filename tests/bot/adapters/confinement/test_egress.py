"""What a tool in a sandbox can reach, and what it is told of the rest."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.adapters.registries.allow_list import Site, site_of
from remediators.errors import ToolError
from tests.bot.adapters.confinement.places import POSSIBLE, Places
from tests.bot.adapters.http_server import Asked, Reply, Server, running

pytestmark = POSSIBLE

CONNECT = """
import socket
try: socket.create_connection({site!r}, 5)
except OSError as e: print(e.strerror)
"""

TUNNEL = """
import socket
way = socket.create_connection(('127.0.0.1', 3128), 5)
way.sendall(b'CONNECT registry.example:443 HTTP/1.1\\r\\n\\r\\n')
print(b''.join(iter(lambda: way.recv(1000), b'')).decode())
"""

FETCH = """
import sys, urllib.request, urllib.error
try: print(urllib.request.urlopen({url!r}, timeout=10).read().decode())
except urllib.error.HTTPError as e: print(e.code, e.read().decode())
except Exception as e: print(type(e).__name__, e)
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with running(lambda asked: Reply(200, f"{asked.path} at {asked.headers['host']}".encode())) as it:
        yield it


def site(server: Server) -> Site:
    found = site_of(server.url)
    assert found is not None
    return found


class TestReach:
    def test_a_listed_registry_on_loopback(self, places: Places, server: Server) -> None:
        said = places(site(server)).python(FETCH.format(url=f"{server.url}/simple/?x=1"))
        assert said == f"/simple/?x=1 at {server.url.removeprefix('http://')}"

    def test_an_answer_says_that_the_connection_ends_with_it(self, places: Places, server: Server) -> None:
        code = f"""
import socket
way = socket.create_connection(('127.0.0.1', 3128), 5)
way.sendall(b'GET {server.url}/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
print(b''.join(iter(lambda: way.recv(1000), b'')).partition(b'\\r\\n\\r\\n')[0].decode().lower())
"""
        said = places(site(server)).python(code)
        assert "connection: close" in said
        assert "keep-alive" not in said

    def test_what_only_this_run_may_ask(self, places: Places, server: Server) -> None:
        place, code = places(), FETCH.format(url=server.url)
        assert place.python(code, (site(server),)).startswith("/ at ")
        assert place.python(code).startswith("403 ")

    @pytest.mark.parametrize("name", ["registry.example", "localhost", "127.1", "[::1]"])
    def test_a_host_off_the_list_has_the_reason(self, places: Places, server: Server, name: str) -> None:
        port = site(server)[1]
        said = places(("127.0.0.1", port)).python(FETCH.format(url=f"http://{name}:{port}/"))
        host = name.strip("[]")
        assert said == (
            f"403 {host}:{port} is no registry in use: add it to allowed_hosts in bot.toml when packages may come "
            "from there"
        )
        assert server.asked == []

    def test_another_port_of_a_listed_host(self, places: Places, server: Server) -> None:
        assert places(("127.0.0.1", 443)).python(FETCH.format(url=server.url)).startswith("403 127.0.0.1:")

    def test_without_the_proxy_nothing_is_reached(self, places: Places, server: Server) -> None:
        code = (
            f"import socket\ntry: socket.create_connection({site(server)!r}, 5)\nexcept OSError as e: print(e.strerror)"
        )
        assert places(site(server)).python(code) == "Connection refused"
        dns = "import socket\ntry: socket.getaddrinfo('registry.example', 443)\nexcept OSError as e: print('unknown')"
        assert places(site(server)).python(dns) == "unknown"

    def test_a_failed_run_says_which_host_it_was_refused(self, places: Places) -> None:
        code = "import urllib.request; urllib.request.urlopen('http://registry.example/simple/')"
        reason = (
            "registry.example:80 is no registry in use: add it to allowed_hosts in bot.toml "
            "when packages may come from there"
        )
        with pytest.raises(ToolError, match=f"exited with status 1; {reason}$") as failed:
            places().python(code)
        assert failed.value.stderr == reason

    def test_by_way_of_the_bots_own_proxy(self, places: Places, server: Server) -> None:
        proxy = server.url.replace("http://", "http://user:pass%20word@")
        place = places(("registry.example", 80), HTTP_PROXY=proxy)
        assert place.python(FETCH.format(url="http://registry.example/a")) == (
            "http://registry.example:80/a at registry.example"
        )
        assert server.asked[0].headers["proxy-authorization"] == "Basic dXNlcjpwYXNzIHdvcmQ="
        assert place.python(FETCH.format(url="http://evil.example/a")).startswith("403 evil.example:80 is no")

    @pytest.mark.parametrize(
        ("answer", "said"), [(b"HTTP/1.1 200 OK\r\n\r\nhello", "hello"), (b"HTTP/1.1 407 Who\r\n\r\n", "407 Who")]
    )
    def test_a_tunnel_by_way_of_the_bots_own_proxy(self, places: Places, answer: bytes, said: str) -> None:
        heard: list[bytes] = []

        def serve() -> None:
            connection, _ = proxy.accept()
            with connection:
                heard.append(connection.recv(1000))
                connection.sendall(answer)

        with socket.create_server(("127.0.0.1", 0)) as proxy, ThreadPoolExecutor() as pool:
            pool.submit(serve)
            place = places(("registry.example", 443), HTTPS_PROXY=f"http://127.0.0.1:{proxy.getsockname()[1]}")
            assert said in place.python(TUNNEL)
        assert heard[0].startswith(b"CONNECT registry.example:443 HTTP/1.1\r\n")

    def test_a_listed_host_that_is_away(self, places: Places) -> None:
        said = places(("127.0.0.1", 1)).python(FETCH.format(url="http://127.0.0.1:1/"))
        assert said.startswith("502 127.0.0.1 cannot be reached: ")

    def test_two_sandboxes_do_not_meet(self, places: Places) -> None:
        """Loopback is each one's own: what one serves, the other has not."""
        place = places()
        ask = CONNECT.format(site=("127.0.0.1", 4000))
        serving = f"import socket\nserver = socket.create_server(('127.0.0.1', 4000))\n{ask}"
        with ThreadPoolExecutor() as pool:
            one = pool.submit(place.python, f"{serving}\nimport time; time.sleep(1)")
            other = pool.submit(place.python, f"import time; time.sleep(0.5)\n{ask}")
        assert (one.result(), other.result()) == ("", "Connection refused")


class TestTools:
    def test_a_tool_that_is_missing(self, places: Places) -> None:
        place = places()
        with place.workshop.scratch() as work, pytest.raises(ToolError, match="nosuch is not installed or not on PATH"):
            place.workshop.run(["nosuch"], work)

    def test_npm_asks_a_registry_on_loopback(self, places: Places) -> None:
        def packument(asked: Asked) -> Reply:
            dist = {"tarball": "http://registry.example/acme.tgz", "integrity": "sha512-" + "A" * 86 + "=="}
            releases = {"1.1.0": {"name": "acme", "version": "1.1.0", "dist": dist}}
            document = {"name": "acme", "dist-tags": {"latest": "1.1.0"}, "versions": releases}
            return Reply(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

        with running(packument) as registry:
            place = places(site(registry))
            with place.workshop.scratch() as work:
                (work / "package.json").write_text(
                    '{"name": "x", "version": "1.0.0", "dependencies": {"acme": "^1.0.0"}}'
                )
                argv = [
                    "npm",
                    "install",
                    "--package-lock-only",
                    "--ignore-scripts",
                    "--no-audit",
                    f"--registry={registry.url}/",
                ]
                try:
                    place.workshop.run(argv, work)
                except ToolError as error:
                    if "not installed" in str(error):
                        pytest.skip(str(error))
                    raise
                assert '"version": "1.1.0"' in (work / "package-lock.json").read_text()
