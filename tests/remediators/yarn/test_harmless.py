"""Nothing that a repository brings along runs while Yarn resolves, sandbox or not."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import ToolError
from tests.remediators.conftest import FakeTools
from tests.remediators.real_tools import RealTools
from tests.remediators.yarn.projects import YARN, berry, classic, encoded, unit_of
from tests.remediators.yarn.scripted import Bench, ScriptedYarn

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False)
MS = {"ms@npm:^2.0.0": {"version": "2.0.0"}}
NEEDS = {"ms": "^2.0.0"}
PROGRAM = "exec:./.yarn/patches/evil.patch"
GIT = "git@git.example:a/x.git"
LOCKED = {"version": "1.0.0", "resolution": f"x@{PROGRAM}"}

RUN = {
    "a dependency": ({"dependencies": {**NEEDS, "x": PROGRAM}}, berry(MS), ""),
    "a dependency that is locked": (
        {"dependencies": {**NEEDS, "x": PROGRAM}},
        berry({**MS, f"x@{PROGRAM}": LOCKED}),
        "",
    ),
    "a resolution": ({"dependencies": NEEDS, "resolutions": {"debug": PROGRAM}}, berry(MS), ""),
    "a patch of one": ({"dependencies": {**NEEDS, "x": "patch:x@exec%3A./x.patch#~/y.patch"}}, berry(MS), ""),
    "a patch of a patch of one": (
        {"dependencies": {**NEEDS, "x": "patch:x@patch%3Ax@exec%253A.%252Fx#~/y#~/z"}},
        berry(MS),
        "",
    ),
    "an extension": (
        {"dependencies": NEEDS},
        berry(MS),
        json.dumps({"packageExtensions": {"ms@*": {"dependencies": {"x": PROGRAM}}}}),
    ),
    "a catalog": ({"dependencies": {**NEEDS, "x": "catalog:"}}, berry(MS), json.dumps({"catalog": {"x": PROGRAM}})),
    "a named catalog": (
        {"dependencies": {**NEEDS, "x": "catalog:a"}},
        berry(MS),
        json.dumps({"catalogs": {"a": {"x": PROGRAM}}}),
    ),
    "what a locked package needs": (
        {"dependencies": NEEDS},
        berry({"ms@npm:^2.0.0": {"version": "2.0.0", "dependencies": {"x": PROGRAM}}}),
        "",
    ),
}
BUILT = {
    "a repository": ({"dependencies": {**NEEDS, "x": GIT}}, berry(MS), ""),
    "one by its short name": ({"dependencies": {**NEEDS, "x": "a/x"}}, berry(MS), ""),
    "an archive": ({"dependencies": {**NEEDS, "x": "https://host.example/x.tgz"}}, berry(MS), ""),
    "a resolution": ({"dependencies": NEEDS, "resolutions": {"debug": GIT}}, berry(MS), ""),
    "what a locked package needs": (
        {"dependencies": NEEDS},
        berry({"ms@npm:^2.0.0": {"version": "2.0.0", "dependencies": {"x": GIT}}}),
        "",
    ),
    "a repository, classic": (
        {"dependencies": {**NEEDS, "x": "git+ssh://git.example/x.git"}},
        classic({"ms@^2.0.0": {"version": "2.0.0"}}),
        "",
    ),
}


def relocked(bench: Bench, manifest: Any, lockfile: str, settings: str) -> None:
    bench.relock({"name": "web", **manifest}, lockfile, UP, files={".yarnrc.yml": settings} if settings else None)


@pytest.mark.parametrize("case", RUN)
def test_a_program_that_makes_a_package_is_not_run(tmp_path: Path, tools: FakeTools, case: str) -> None:
    with pytest.raises(ToolError, match=r"is made by a program of the repository \(exec:\), which is not run: relock"):
        relocked(Bench(tmp_path, tools), *RUN[case])
    assert tools.ran == []


@pytest.mark.parametrize("case", BUILT)
def test_what_is_not_locked_is_not_fetched_and_built(tmp_path: Path, tools: FakeTools, case: str) -> None:
    with pytest.raises(ToolError, match=r"is not in yarn\.lock; yarn would fetch and build it: run yarn install"):
        relocked(Bench(tmp_path, tools), *BUILT[case])
    assert tools.ran == []


def test_what_is_locked_without_a_checksum_is_not_built_anew(tmp_path: Path, tools: FakeTools) -> None:
    lockfile = berry(MS) + f'\n"x@{GIT}":\n  version: 1.0.0\n  resolution: "x@{GIT}"\n'
    with pytest.raises(ToolError, match="yarn would build it to relock: run yarn install"):
        relocked(Bench(tmp_path, tools), {"dependencies": {**NEEDS, "x": GIT}}, lockfile, "")
    assert tools.ran == []


def test_a_script_may_be_called_as_it_likes(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("sh", ScriptedYarn(tools))
    relocked(Bench(tmp_path, tools), {"dependencies": NEEDS, "scripts": {"x": "exec: y"}}, berry(MS), "")
    assert all(ran.env["GIT_ALLOW_PROTOCOL"] == "none" for ran in tools.ran)


CLASSIC = ("npm", "exec", "--yes", "--package=yarn@1.22.22", "--", "yarn", "install", "--non-interactive")
BERRY = (*CLASSIC[:3], "--package=@yarnpkg/cli-dist@4.13.0", *CLASSIC[4:7], "--mode=update-lockfile")
PLANTED = "require('fs').writeFileSync(process.env.HOME + '/ran', 'x')\n"


@pytest.mark.registry
@pytest.mark.parametrize("program", [pytest.param(CLASSIC, id="classic"), pytest.param(BERRY, id="berry")])
def test_a_yarn_of_the_repository_is_not_run(tmp_path: Path, program: tuple[str, ...]) -> None:
    bench = locked(tmp_path, program, {"dependencies": {"minimist": "1.2.5"}})
    planted = {
        ".yarn/releases/yarn-9.9.9.cjs": PLANTED,
        ".yarnrc": 'yarn-path "./.yarn/releases/yarn-9.9.9.cjs"\n',
        ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-9.9.9.cjs\nplugins: [.yarn/releases/yarn-9.9.9.cjs]\n",
        "node_modules/.bin/yarn": f"#!/usr/bin/env node\n{PLANTED}",
        "node_modules/yarn/package.json": '{"name": "yarn", "version": "1.22.22", "bin": "x.js"}',
        "node_modules/yarn/x.js": PLANTED,
    }
    for path, text in planted.items():
        (bench / path).parent.mkdir(parents=True, exist_ok=True)
        (bench / path).write_text(text)
        (bench / path).chmod(0o755)
    moved(bench)
    assert not (tmp_path / "home" / "ran").exists()


@pytest.mark.registry
def test_what_classic_has_locked_from_git_is_not_built_to_check_it(tmp_path: Path) -> None:
    repository, marker = tmp_path / "repository", tmp_path / "ran"
    repository.mkdir()
    scripts = dict.fromkeys(("prepare", "preinstall", "install", "postinstall"), f"touch {marker}")
    (repository / "package.json").write_text(json.dumps({"name": "x", "version": "1.0.0", "scripts": scripts}))
    who = ("-c", "user.name=x", "-c", "user.email=x@host.example")
    for argv in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "-m", "x")):
        subprocess.run(("git", *argv), cwd=repository, check=True)
    subprocess.run(("git", "update-server-info"), cwd=repository, check=True)
    with listing(repository / ".git") as url:
        needs = {"minimist": "1.2.5", "x": f"git+{url}"}
        bench = locked(tmp_path, CLASSIC, {"dependencies": needs})
        # Yarn itself builds it, or this test shows nothing.
        marker.unlink()
        moved(bench)
    assert not marker.exists()


@contextmanager
def listing(folder: Path) -> Iterator[str]:
    """The address of a folder on loopback: enough for git to clone."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def locked(folder: Path, program: tuple[str, ...], manifest: Any) -> Path:
    """A project that a real Yarn has locked."""
    bench = folder / "work"
    for place in (bench, folder / "home"):
        place.mkdir()
    (bench / "package.json").write_text(json.dumps({"name": "web", "private": True, **manifest}))
    (bench / "yarn.lock").touch()
    RealTools(folder / "home").run(program, bench, {"YARN_ENABLE_IMMUTABLE_INSTALLS": "0"})
    return bench


def moved(bench: Path) -> None:
    """Relock, and see that it did what it is for."""
    upgrades = [Upgrade("minimist", "1.2.5", "1.2.6", direct=True)]
    names = ("package.json", "yarn.lock", ".yarnrc", ".yarnrc.yml")
    files = {name: (bench / name).read_text() for name in names if (bench / name).exists()}
    unit = unit_of(files)
    for path, content in YARN.edit(unit, encoded(files), upgrades).items():
        (bench / path).write_bytes(content)
    YARN.relock(unit, bench, upgrades, None, RealTools(bench.parent / "home"))
    assert "minimist-1.2.6.tgz" in (text := (bench / "yarn.lock").read_text()) or "minimist@npm:1.2.6" in text
