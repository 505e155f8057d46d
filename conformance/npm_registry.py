"""An npm registry on loopback: the documents of a table of packages that a story can change."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class NpmRegistry:
    """`packages` maps a name to its versions, the latest last, each with the time of its publication."""

    url: str = ""
    packages: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, package: str, *versions: str, published: str = "2025-01-01T00:00:00.000Z") -> None:
        """Publish these versions; the last becomes `latest`."""
        self.packages.setdefault(package, {}).update(dict.fromkeys(versions, published))

    def document(self, package: str) -> Mapping[str, object] | None:
        """The package as npm's registries tell it; None for one that is not there."""
        times = self.packages.get(package)
        if times is None:
            return None
        return {
            "name": package,
            "dist-tags": {"latest": list(times)[-1]},
            "versions": {version: self._release(package, version) for version in times},
            "time": times,
        }

    def _release(self, package: str, version: str) -> Mapping[str, object]:
        tarball = f"{self.url}/{package}/-/{package}-{version}.tgz"
        return {"name": package, "version": version, "dist": {"tarball": tarball, "shasum": "0" * 40}}


@contextmanager
def serve() -> Iterator[NpmRegistry]:
    """An empty registry, served while the block runs."""
    registry = NpmRegistry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two small writes: without this each answer waits for the client's delayed acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer with a package's document."""
            found = registry.document(self.path.strip("/"))
            body = json.dumps(found or {"error": "not_found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
