"""A package index on loopback: PEP 691 JSON over a table of packages that a test can change."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Index:
    """`packages` maps a name to its versions, each with the time of its upload."""

    url: str = ""
    packages: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def add(self, package: str, *versions: str, uploaded: str = "2025-01-01T00:00:00Z") -> None:
        """Publish these versions."""
        self.packages.setdefault(package, {}).update(dict.fromkeys(versions, uploaded))

    def page(self, package: str) -> Mapping[str, object] | None:
        """The package's simple page."""
        if package not in self.packages:
            return None
        files = [
            {
                "filename": f"{package}-{version}.tar.gz",
                "url": f"https://registry.example/{package}-{version}.tar.gz",
                "hashes": {"sha256": "0" * 64},
                "upload-time": uploaded,
            }
            for version, uploaded in self.packages[package].items()
        ]
        return {"meta": {"api-version": "1.1"}, "name": package, "versions": [], "files": files}


@contextmanager
def serve() -> Iterator[Index]:
    """An empty index, served while the block runs."""
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            index.requests.append(self.path)
            page = index.page(self.path.strip("/").rsplit("/", 1)[-1])
            body = b"{}" if page is None else json.dumps(page).encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
