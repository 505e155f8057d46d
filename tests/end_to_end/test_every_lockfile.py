"""`bot scan --fix` over every kind of lockfile, with the real tools on the real registries.

One vulnerable package that the manifest names and one that it does not: both are fixed and proven, and the lockfile
changes by no more lines than the tool's own smallest move of the two changes. Advisories are the real ones where their
dumps are at hand.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end import advisories, javascript_lockfiles, python_lockfiles
from tests.end_to_end.javascript_lockfiles import EXPRESS, HELD, INSTALLS, NPM, OPTIMIST, needing
from tests.end_to_end.lockfiles import Kind, Place
from tests.end_to_end.python_lockfiles import PYTHON
from tests.end_to_end.world import FIXES_ONLY, ROOT, Runner
from tests.remediators.python.real import PythonTools
from tests.remediators.real_tools import RealTools

KINDS = (*python_lockfiles.KINDS, *javascript_lockfiles.KINDS)
pytestmark = pytest.mark.registry

SHARED = ROOT.parent / "shared" / "advisories"
TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


@dataclass(frozen=True)
class World:
    """The bot with real registries, and the tools that projects are made with; what each fetched is kept."""

    runner: Runner
    environ: dict[str, str]
    tools: PythonTools
    folder: Path

    def fixed(self, project: Path) -> Any:
        """The report of `bot scan --fix`, which has to end well."""
        ended = self.runner.run(["scan", str(project), "--fix", "--json"], self.environ, self.folder)
        assert ended.status == 0, ended.out + ended.err
        return ended.report


@pytest.fixture(scope="module")
def world(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    home = tmp_path_factory.mktemp("home")
    told = [
        *((pair.ecosystem, name, fix) for pair in (PYTHON, NPM) for name, _, fix in (pair.direct, pair.transitive)),
        *(("npm", name, fix) for name, fix in HELD.items()),
    ]
    records = [
        advisories.record(f"CVE-2026-{number}", name, fix, ecosystem)
        for number, (ecosystem, name, fix) in enumerate(told, 1)
    ]
    dumps = SHARED if SHARED.is_dir() else advisories.write(folder / "advisories", records)
    environ = {
        **{name: value for name, value in os.environ.items() if name in TRUST or name.lower().endswith("_proxy")},
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "BOT_DATABASE": f"sqlite:///{folder / 'bot.db'}",
        "BOT_CACHE": str(folder / "cache"),
        "BOT_ADVISORIES": json.dumps({"dumps": [str(dumps)], "max_age_days": None}),
        "BOT_POLICY__UPDATES": FIXES_ONLY,
    }
    return World(runner, environ, PythonTools(RealTools(home), folder / "cache" / "tools" / "uv"), folder)


def changed_lines(before: str, after: str) -> int:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return sum(line.startswith(("-", "+")) and not line.startswith(("---", "+++")) for line in lines)


def place(world: World, folder: Path, files: Mapping[str, str]) -> Place:
    folder.mkdir()
    made = Place(folder, world.tools)
    made.write(files)
    return made


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])
def test_a_direct_and_a_transitive_package_are_fixed(world: World, tmp_path: Path, kind: Kind) -> None:
    made = place(world, tmp_path / "made", {kind.path: kind.first})
    kind.lock(made)
    if kind.first != kind.manifest:
        made.write({kind.path: kind.manifest})
        kind.lock(made)
    before = made.read(kind.files)

    project = place(world, tmp_path / "project", before)
    proof = world.fixed(project.folder)["proof"]
    after = project.read(kind.files)

    wanted = kind.pair.direct, kind.pair.transitive
    moved = {(change["package"], change["from"], change["to"]) for change in proof["changes"]}
    assert moved == set(wanted)
    assert {each["package"] for each in proof["fixed"]} == {name for name, _, _ in wanted}
    assert (proof["introduced"], proof["remaining"]) == ([], [])
    assert {path.name for path in project.folder.iterdir()} == set(kind.files)

    edited = {} if kind.path == kind.lockfile else {kind.path: after[kind.path]}
    theirs = place(world, tmp_path / "theirs", {**before, **edited})
    kind.own(theirs, kind.pair.direct[2], kind.pair.transitive[2])
    least = changed_lines(before[kind.lockfile], theirs.read(kind.files)[kind.lockfile])
    assert changed_lines(before[kind.lockfile], after[kind.lockfile]) <= least


def fixed(
    world: World, folder: Path, dependency: tuple[str, str], lockfile: str, install: Callable[[Place], None]
) -> tuple[str, str, Any]:
    """The package.json before and after a fix, and the proof, of a project with one dependency."""
    made = place(world, folder / "made", {"package.json": needing(*dependency)})
    install(made)
    before = made.read(("package.json", lockfile))
    project = place(world, folder / "project", before)
    proof = world.fixed(project.folder)["proof"]
    return before["package.json"], project.read(["package.json"])["package.json"], proof


@pytest.mark.parametrize(("lockfile", "install"), INSTALLS.values(), ids=INSTALLS.keys())
def test_a_parent_is_raised_for_what_it_pins(
    world: World, tmp_path: Path, lockfile: str, install: Callable[[Place], None]
) -> None:
    before, project, proof = fixed(world, tmp_path, ("express", EXPRESS), lockfile, install)
    assert {each["package"] for each in proof["fixed"]} >= HELD.keys()
    assert (proof["introduced"], proof["remaining"]) == ([], [])
    (raised,) = (change["to"] for change in proof["changes"] if change["package"] == "express")
    assert project == before.replace(EXPRESS, raised)


@pytest.mark.parametrize(("lockfile", "install"), INSTALLS.values(), ids=INSTALLS.keys())
def test_what_no_parent_admits_is_overridden(
    world: World, tmp_path: Path, lockfile: str, install: Callable[[Place], None]
) -> None:
    before, project, proof = fixed(world, tmp_path, ("optimist", OPTIMIST), lockfile, install)
    assert {each["package"] for each in proof["fixed"]} == {"minimist"}
    assert (proof["introduced"], proof["remaining"]) == ([], [])
    (after,) = (change["to"] for change in proof["changes"])
    assert f'"{after}"' in project
    head = before.rstrip("}\n ")
    assert (project[: len(head)], json.loads(before).items() <= json.loads(project).items()) == (head, True)
