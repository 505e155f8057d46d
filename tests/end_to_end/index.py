"""A package index on loopback: PEP 691 JSON, PEP 658 metadata and wheels, over a table of packages that can change."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Index:
    """`packages` maps a name to its versions, each with the time of its upload; `needs` a release to what it requires.

    `yanked` are releases, `python` maps one to its requires-python, and `told` to its description. With `password` set,
    only the user `bot` with it is let in. While it is `away`, files are for uv only.
    """

    url: str = ""
    packages: dict[str, dict[str, str]] = field(default_factory=dict)
    needs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    yanked: set[tuple[str, str]] = field(default_factory=set)
    python: dict[tuple[str, str], str] = field(default_factory=dict)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    password: str = ""
    away: bool = False

    def add(self, package: str, *versions: str, uploaded: str = "2025-01-01T00:00:00Z") -> None:
        """Publish these versions."""
        self.packages.setdefault(package, {}).update(dict.fromkeys(versions, uploaded))

    def lets_in(self, authorization: str) -> bool:
        """Whether a request with this header is served."""
        return (
            not self.password or authorization == "Basic " + base64.b64encode(f"bot:{self.password}".encode()).decode()
        )

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Content type and body; None when there is nothing at this path."""
        folder, _, name = path.strip("/").rpartition("/")
        if folder == "files":
            package, version = name.split("-")[:2]
            metadata = self._metadata(package.replace("_", "-"), version)
            if name.endswith(".metadata"):
                return "text/plain", metadata
            return "application/zip", _wheel(f"{package}-{version}", metadata)
        return (JSON, json.dumps(self._page(name)).encode()) if name in self.packages else None

    def _page(self, package: str) -> Mapping[str, object]:
        site = self.url.removesuffix("/simple")
        # PEP 427: a dash in the name would end it.
        name = package.replace("-", "_")
        files = [
            {
                "filename": f"{name}-{version}-py3-none-any.whl",
                "url": f"{site}/files/{name}-{version}-py3-none-any.whl",
                "hashes": {"sha256": hashlib.sha256(_wheel(f"{name}-{version}", metadata)).hexdigest()},
                "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()},
                "upload-time": uploaded,
                "yanked": (package, version) in self.yanked,
                **({"requires-python": python} if (python := self.python.get((package, version))) else {}),
            }
            for version, uploaded in self.packages[package].items()
            for metadata in (self._metadata(package, version),)
        ]
        return {"meta": {"api-version": "1.1"}, "name": package, "versions": [], "files": files}

    def _metadata(self, package: str, version: str) -> bytes:
        needs = "".join(f"Requires-Dist: {need}\n" for need in self.needs.get((package, version), ()))
        python = self.python.get((package, version))
        requires = f"Requires-Python: {python}\n" if python else ""
        told = self.told.get((package, version), "")
        return f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n{requires}{needs}\n{told}".encode()


@functools.cache
def _wheel(stem: str, metadata: bytes) -> bytes:
    """A wheel without any module, the same bytes each time."""
    files = {
        "METADATA": metadata,
        "WHEEL": b"Wheel-Version: 1.0\nGenerator: index\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{stem}.dist-info/{name},,\n" for name in (*files, "RECORD"))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in {**files, "RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(f"{stem}.dist-info/{name}"), content)
    return raw.getvalue()


@contextmanager
def serve() -> Iterator[Index]:
    """An empty index, served while the block runs."""
    index = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two small writes: without this each answer waits for the client's delayed acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            index.requests.append(self.path)
            found = index.answer(self.path)
            of_uv = self.headers.get("User-Agent", "").startswith("uv/")
            if index.away and "/files/" in self.path and not of_uv:
                self._send(503, "text/plain", b"later")
            elif not index.lets_in(self.headers.get("Authorization", "")):
                self._send(401, "text/plain", b"who are you?")
            elif found is None:
                self._send(404, "text/plain", b"no such thing")
            else:
                self._send(200, *found)

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
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
