import gzip
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from bot.adapters.credential import Credential
from bot.adapters.http import Http
from bot.adapters.http_client import HttpError
from bot.adapters.redaction import Redactor
from bot.adapters.usage import Usage
from remediators.errors import RegistryError
from tests.bot.adapters.http_server import Answer, Asked, Reply, Server, running

TOKEN = "registry-secret-1"


class Registry:
    """Starts servers and a client without patience in real time; `waited` are the seconds it wanted to wait."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.waited: list[float] = []

    def serve(self, answer: Answer) -> Server:
        return self._stack.enter_context(running(answer))

    def client(self, credentials: dict[str, Credential] | None = None) -> Http:
        http = Http(credentials=credentials, redact=Redactor([TOKEN]), sleep=self.waited.append)
        self._stack.callback(http.close)
        return http


@pytest.fixture
def registry() -> Iterator[Registry]:
    with ExitStack() as stack:
        yield Registry(stack)


def replies(*given: Reply) -> Answer:
    """These replies in turn, the last one for ever."""
    left = list(given)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def test_a_body_comes_with_its_type_validator_and_address(registry: Registry) -> None:
    server = registry.serve(replies(Reply(200, b"[]", {"Content-Type": "application/json", "ETag": '"1"'})))
    got = registry.client().fetch(f"{server.url}/simple", "application/json")

    assert (got.status, got.body, got.content_type, got.etag) == (200, b"[]", "application/json", '"1"')
    assert got.url == f"{server.url}/simple"
    assert server.asked[0].headers["accept"] == "application/json"
    assert "if-none-match" not in server.asked[0].headers


def test_an_unchanged_body_is_not_sent_again(registry: Registry) -> None:
    server = registry.serve(replies(Reply(304, headers={"ETag": '"1"'})))
    got = registry.client().fetch(server.url, "*/*", etag='"1"')

    assert (got.status, got.body) == (304, b"")
    assert server.asked[0].headers["if-none-match"] == '"1"'


def test_an_address_that_a_repository_names_is_asked_only_when_it_is_admitted(registry: Registry) -> None:
    listed = registry.serve(replies(Reply(200, b"[]")))
    other = registry.serve(replies(Reply(200, b"secret of the private network")))
    with closing(Http(admits=lambda host, port: port == urlsplit(listed.url).port)) as http:
        assert http.fetch(listed.url, "*/*").body == b"[]"
        for url in (other.url, "http://169.254.169.254/latest/meta-data", "http://[::1]:80/", "file:///etc/passwd"):
            with pytest.raises(RegistryError, match=r"is no registry in use: add it to allowed_hosts|is not an http"):
                http.fetch(url, "*/*")
        assert http.get(other.url).status == 200
    assert len(other.asked) == 1


def test_a_redirect_is_followed_only_to_where_it_is_admitted(registry: Registry) -> None:
    target = "https://evil.example/simple/"
    server = registry.serve(lambda asked: Reply(302, headers={"Location": target}))
    with (
        closing(Http(admits=lambda host, port: host == "127.0.0.1")) as http,
        pytest.raises(RegistryError, match=r"evil\.example/simple/ is not asked: evil\.example is no registry in use"),
    ):
        http.fetch(server.url, "*/*")


def test_a_missing_package_is_an_answer_and_not_an_error(registry: Registry) -> None:
    server = registry.serve(replies(Reply(404, b"no such package")))
    assert registry.client().fetch(server.url, "*/*").status == 404


def test_a_body_over_the_limit_is_cut_off_unpacked(registry: Registry) -> None:
    server = registry.serve(replies(Reply(200, gzip.compress(b"0" * 5_000_000), {"Content-Encoding": "gzip"})))
    with pytest.raises(RegistryError, match="answers more than 1,000,000 bytes"):
        registry.client().fetch(server.url, "*/*", limit=1_000_000)


def test_what_is_not_needed_is_tried_once_and_is_no_reason_to_give_a_host_up(registry: Registry) -> None:
    server = registry.serve(replies(Reply(cut=True), Reply(503), Reply(200, b"[]")))
    http = registry.client()
    for _ in range(2):
        with pytest.raises(RegistryError):
            http.fetch_once(server.url, "*/*", "", 100, 5.0)
    assert (registry.waited, len(server.asked)) == ([], 2)
    assert http.fetch(server.url, "*/*").body == b"[]"


def test_what_is_not_needed_is_done_without_once_the_time_is_over(registry: Registry) -> None:
    never = threading.Event()
    server = registry.serve(lambda asked: Reply(200, b"late") if never.wait(3) else Reply(200, b"too late"))
    began = time.monotonic()
    with pytest.raises(RegistryError):
        registry.client().fetch_once(server.url, "*/*", "", 100, 0.2)
    never.set()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("failures", "waited"),
    [
        ([Reply(503)], [0.5]),
        ([Reply(502), Reply(504)], [0.5, 1.0]),
        ([Reply(cut=True)], [0.5]),
        ([Reply(429, headers={"Retry-After": "7"})], [7.0]),
    ],
    ids=["overloaded", "gateway twice", "cut connection", "limited"],
)
def test_a_passing_failure_is_tried_again(registry: Registry, failures: list[Reply], waited: list[float]) -> None:
    server = registry.serve(replies(*failures, Reply(200, b"at last")))
    assert registry.client().fetch(server.url, "*/*").body == b"at last"
    assert registry.waited == waited


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(401), r"127\.0\.0\.1 answered 401 for .*/p: set credentials for 127\.0\.0\.1 in bot\.toml"),
        (Reply(403), r"answered 403 .*: set credentials for 127\.0\.0\.1 in bot\.toml, or ask for access"),
        (Reply(429, headers={"Retry-After": "3600"}), "answered 429 .*: it limits our requests"),
        (Reply(500), "answered 500 .*: run again later"),
        (Reply(302, headers={"Location": "http://elsewhere.example/p"}), "redirects to http://elsewhere.example/p"),
        (Reply(302, headers={"Location": "/p"}), "redirects in a circle"),
        (Reply(302, headers={"Location": "http://[/p"}), "redirects to what is no address"),
    ],
    ids=[
        "not authenticated",
        "not allowed",
        "limited for long",
        "broken",
        "to an unsafe address",
        "in a circle",
        "nowhere",
    ],
)
def test_a_refusal_names_the_host_the_status_and_the_remedy(registry: Registry, reply: Reply, message: str) -> None:
    server = registry.serve(replies(reply))
    with pytest.raises(RegistryError, match=message):
        registry.client().fetch(f"{server.url}/p", "*/*")


def test_an_unreachable_host_is_given_up_for_a_while(registry: Registry) -> None:
    server = registry.serve(replies(Reply(cut=True)))
    http = registry.client()
    for package in ("a", "b", "c"):
        with pytest.raises(RegistryError, match=r"cannot be reached .* check the address, the network and HTTPS_PROXY"):
            http.fetch(f"{server.url}/{package}", "*/*")
    assert [request.path for request in server.asked] == ["/a"] * 4


def test_an_address_that_is_none_is_refused(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="check the address"):
        registry.client().fetch("ftp://registry.example/x", "*/*")


def test_credentials_go_to_their_host(registry: Registry) -> None:
    server = registry.serve(replies(Reply(200)))
    registry.client({"127.0.0.1": Credential("", TOKEN)}).fetch(server.url, "*/*")
    registry.client({server.place: Credential("me", "pw")}).fetch(server.url, "*/*")

    assert [request.headers["authorization"] for request in server.asked] == [f"Bearer {TOKEN}", "Basic bWU6cHc="]


def test_credentials_are_not_sent_to_where_a_redirect_leads(registry: Registry) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(200) if asked.path == "/here" else Reply(302, headers={"Location": "/here"})

    server = registry.serve(answer)
    registry.client({server.place: Credential("", TOKEN)}).fetch(f"{server.url}/there", "*/*")
    assert [r.headers["authorization"] for r in server.asked] == [f"Bearer {TOKEN}"] * 2, "the same host may have them"

    elsewhere = registry.serve(replies(Reply(200)))
    away = registry.serve(replies(Reply(302, headers={"Location": elsewhere.url})))
    with pytest.raises(RegistryError, match="redirects to"):
        registry.client({away.place: Credential("", TOKEN)}).fetch(away.url, "*/*")
    assert elsewhere.asked == []


def test_no_secret_is_in_an_error_or_a_representation(registry: Registry) -> None:
    server = registry.serve(replies(Reply(401)))
    credentials = {server.place: Credential("me", TOKEN)}
    with pytest.raises(RegistryError) as failed:
        registry.client(credentials).fetch(f"http://me:{TOKEN}@{server.place}/p?key={TOKEN}", "*/*")

    assert TOKEN not in str(failed.value)
    assert "me:" not in str(failed.value)
    assert TOKEN not in repr(credentials)


def test_json_is_asked_and_answered(registry: Registry) -> None:
    server = registry.serve(lambda asked: Reply(200, json.dumps({"asked": asked.method}).encode()))

    assert registry.client().post_json(server.url, {"queries": []}) == {"asked": "POST"}
    assert json.loads(server.of("POST")[0].body) == {"queries": []}


@pytest.mark.parametrize(
    ("reply", "status"), [(Reply(404), 404), (Reply(400), 400), (Reply(200, b"<html>"), None)], ids=str
)
def test_anything_but_json_is_an_error(registry: Registry, reply: Reply, status: int | None) -> None:
    server = registry.serve(replies(reply))
    with pytest.raises(HttpError, match="check the") as failed:
        registry.client().post_json(server.url, {})
    assert failed.value.status == status


def test_sixteen_threads_share_one_client(registry: Registry) -> None:
    server = registry.serve(lambda asked: Reply(200, asked.path.encode()))
    http = registry.client()
    together = threading.Barrier(16)

    def fetch(number: int) -> bytes:
        if number < 16:
            together.wait()
        return http.fetch(f"{server.url}/{number}", "*/*").body

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(fetch, range(200))) == [f"/{number}".encode() for number in range(200)]
    assert len(server.asked) == 200


def test_calls_are_counted_as_reads_or_writes() -> None:
    usage = Usage()
    for write in (False, True, False):
        usage.count(write)
    assert (usage.reads, usage.writes) == (2, 1)
