"""A private registry of npm packages through each package manager, in the sandbox: only it gets its credentials."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.tools.world import tools
from bot.app import App
from bot.config import load
from remediators.api import Upgrade
from remediators.errors import ToolError
from remediators.registered import ecosystems
from tests.bot.adapters.confinement.places import POSSIBLE
from tests.bot.adapters.confinement.test_registries import OUT_OF_REACH
from tests.bot.adapters.http_server import Asked, Reply, Server, running

pytestmark = [POSSIBLE, pytest.mark.registry]

NAME = "@mine/left"
TOKEN, PASSWORD = "token-of-the-test", "pass-of-the-test"
BASIC = base64.b64encode(f"bot:{PASSWORD}".encode()).decode()
GIVEN = {
    "a token": ({"token": TOKEN}, f"Bearer {TOKEN}"),
    "user and password": ({"username": "bot", "password": PASSWORD}, f"Basic {BASIC}"),
}
PROGRAMS = {
    "npm": ("npm", "install", "--package-lock-only"),
    "yarn classic": ("npm", "exec", "--yes", "--package=yarn@1.22.22", "--", "yarn", "install"),
    "yarn 3": ("npm", "exec", "--yes", "--package=@yarnpkg/cli-dist@3.8.7", "--", "yarn", "install"),
    "yarn 4": ("npm", "exec", "--yes", "--package=@yarnpkg/cli-dist@4.13.0", "--", "yarn", "install"),
    "pnpm 9": ("npm", "exec", "--yes", "--package=pnpm@9.15.9", "--", "pnpm", "install", "--lockfile-only"),
    "pnpm 10": ("npm", "exec", "--yes", "--package=pnpm@10.20.0", "--", "pnpm", "install", "--lockfile-only"),
}


def archive(version: str) -> bytes:
    """A release, the same bytes each time."""
    raw = io.BytesIO()
    text = json.dumps({"name": NAME, "version": version}).encode()
    with tarfile.open(fileobj=raw, mode="w:gz") as made:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(text)
        made.addfile(entry, io.BytesIO(text))
    return raw.getvalue()


TIMES = dict.fromkeys(("1.0.0", "1.1.0"), "2025-01-01T00:00:00.000Z")
RELEASES = {version: archive(version) for version in ("1.0.0", "1.1.0")}


class Private:
    """A registry that answers to who is let in. `open` lets everybody in."""

    def __init__(self) -> None:
        self.open = True
        self.header = ""

    def __call__(self, asked: Asked) -> Reply:
        if not self.open and asked.headers.get("authorization") != self.header:
            return Reply(401, b"{}", {"Content-Type": "application/json", "WWW-Authenticate": "Basic"})
        if asked.path.endswith(".tgz"):
            return Reply(200, RELEASES[asked.path.rpartition("-")[2].removesuffix(".tgz")])
        host, path = asked.headers["host"], asked.path.lower()
        if not path.endswith("/@mine%2fleft"):
            return Reply(404, b"{}", {"Content-Type": "application/json"})
        releases = {version: self._release(f"http://{host}/npm", version) for version in RELEASES}
        document = {"name": NAME, "dist-tags": {"latest": "1.1.0"}, "versions": releases, "time": TIMES}
        return Reply(200, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _release(self, url: str, version: str) -> Mapping[str, Any]:
        digest = base64.b64encode(hashlib.sha512(RELEASES[version]).digest()).decode()
        dist = {"integrity": f"sha512-{digest}", "tarball": f"{url}/{NAME}/-/left-{version}.tgz"}
        return {
            "name": NAME,
            "version": version,
            "dist": {**dist, "shasum": hashlib.sha1(RELEASES[version]).hexdigest()},
        }


@pytest.fixture
def private() -> Private:
    return Private()


@pytest.fixture
def registry(private: Private) -> Iterator[Server]:
    with running(private) as server:
        yield server


def app_for(folder: Path, credentials: Mapping[str, Any]) -> App:
    settings = {
        "cache": folder / "cache",
        "database": f"sqlite:///{folder / 'bot.db'}",
        "sandbox": "require",
        "credentials": credentials,
    }
    return App.start(load(settings, {}, None), os.environ)


def locked(app: App, program: str, url: str) -> dict[str, bytes]:
    """A project that asks for 1.0.0, while the registry is open to everybody."""
    manifest = {"name": "web", "private": True, "version": "1.0.0", "dependencies": {NAME: "1.0.0"}}
    files = {"package.json": json.dumps(manifest), ".npmrc": f"@mine:registry={url}/npm/\n"}
    if program in ("yarn 3", "yarn 4"):
        scopes = {"npmScopes": {"mine": {"npmRegistryServer": f"{url}/npm"}}}
        host = {"unsafeHttpWhitelist": ["127.0.0.1"], "enableGlobalCache": True, "enableImmutableInstalls": False}
        files[".yarnrc.yml"] = json.dumps({**scopes, **host})
    if program.startswith("yarn"):
        files["yarn.lock"] = ""
    with app.workshop.scratch() as work:
        for name, text in files.items():
            (work / name).write_text(text)
        app.workshop.run(PROGRAMS[program], work)
        kept = (*files, "package-lock.json", "pnpm-lock.yaml")
        return {name: (work / name).read_bytes() for name in kept if (work / name).exists()}


def moved(app: App, files: Mapping[str, bytes]) -> str:
    """The lockfile after NAME has moved to 1.1.0."""
    both = tools(app.http, app.workshop)
    upgrades = [Upgrade(NAME, "1.0.0", "1.1.0", direct=True)]
    remediator, unit = next(
        (each, unit) for each in ecosystems().remediators for unit in each.units(sorted(files)) if unit.lockfile
    )
    with app.workshop.scratch() as work:
        edited = remediator.edit(remediator.expand(unit, files.get), files, upgrades)
        for name, content in {**files, **edited}.items():
            (work / name).write_bytes(content)
        remediator.relock(unit, work, upgrades, None, both)
        return (work / str(unit.lockfile)).read_text()


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_registry_gets_its_credentials(
    tmp_path: Path, registry: Server, private: Private, program: str, given: str
) -> None:
    credentials, header = GIVEN[given]
    try:
        with app_for(tmp_path, {registry.place: credentials}) as app, running(private) as other:
            files = locked(app, program, registry.url)
            private.open, private.header = False, header
            registry.asked.clear()
            assert "1.1.0" in moved(app, files)
            assert registry.asked
            assert other.asked == []
    except ToolError as error:
        if any(word in f"{error} {error.stderr}" for word in OUT_OF_REACH):
            pytest.skip(f"the registry is out of reach: {error.stderr[-200:]}")
        raise


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_other_registry_gets_them(tmp_path: Path, registry: Server, private: Private, program: str) -> None:
    with running(private) as theirs:
        credentials = {registry.place: {"token": TOKEN}, theirs.place: {"token": "theirs"}}
        with app_for(tmp_path, credentials) as app:
            files = locked(app, program, theirs.url)
            theirs.asked.clear()
            moved(app, files)
        sent = {asked.headers.get("authorization", "") for asked in theirs.asked}
        assert sent <= {"", "Bearer theirs"}
        assert theirs.asked
        assert registry.asked == []
