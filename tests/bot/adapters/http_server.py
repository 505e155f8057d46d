"""A real HTTP server on this machine that answers as a test says and remembers what it was asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the server saw it. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers. `cut` closes the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


Answer = Callable[[Asked], Reply]


@dataclass(slots=True)
class Server:
    """A running server. `asked` is in order."""

    url: str
    asked: list[Asked]

    @property
    def place(self) -> str:
        return self.url.removeprefix("http://")

    def of(self, method: str) -> list[Asked]:
        return [request for request in self.asked if request.method == method]


@contextlib.contextmanager
def running(answer: Answer) -> Iterator[Server]:
    """A server on a free port, stopped afterwards."""
    asked: list[Asked] = []
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer, asked))
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{listener.server_address[1]}", asked)
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def _handler(answer: Answer, remembered: list[Asked]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two small writes: without this each answer waits for the client's delayed acknowledgement.
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self._body(headers))
            remembered.append(asked)
            reply = answer(asked)
            if reply.cut:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names are the standard library's

        def _body(self, headers: Mapping[str, str]) -> bytes:
            if headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(headers.get("content-length", "0")))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    return Handler
