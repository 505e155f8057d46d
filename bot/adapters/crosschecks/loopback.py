"""A server on loopback for as long as a block runs: what an auditor asks of a service, we answer ourselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Seconds between looks at whether to end, which every end waits for.
POLL = 0.02


@contextmanager
def serving(requests: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The base URL of a server on a free port, each request in a thread of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), requests)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
