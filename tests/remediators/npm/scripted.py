"""A scripted npm, and a project in a scratch directory that is relocked with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remediators.api import Completed, Upgrade
from tests.remediators.conftest import FakeTools
from tests.remediators.npm.projects import NPM, encoded, unit_of

EXACT = re.compile(r"(npm:\w+@)?(\d+\.\d+\.\d+)")
SECTIONS = ("dependencies", "devDependencies", "peerDependencies")


@dataclass
class ScriptedNpm:
    """npm, reduced to what a relock leans on: where exactly one version is asked for, that one is installed.

    `seen` are the files as each run finds them. `becomes` are new entries of folders; `keeps` are folders that
    stay as they are.
    """

    seen: list[dict[str, str]] = field(default_factory=list)
    becomes: Mapping[str, Any] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()

    def __call__(self, argv: Sequence[str], cwd: Path) -> Completed:
        self.seen.append({str(p.relative_to(cwd)): p.read_text() for p in sorted(cwd.rglob("*")) if p.is_file()})
        lock = json.loads((cwd / "package-lock.json").read_text())
        packages = lock["packages"]
        for folder in [f for f in packages if "node_modules" not in f]:
            manifest = json.loads((cwd / folder / "package.json").read_text())
            packages[folder] = {section: manifest[section] for section in SECTIONS if section in manifest}
        for folder, entry in list(packages.items()):
            for section in SECTIONS:
                for key, wanted in entry.get(section, {}).items():
                    self._give(packages, folder, key, wanted)
        lock["lockfileVersion"] = next(int(flag[-1]) for flag in argv if flag.startswith("--lockfile-version="))
        (cwd / "package-lock.json").write_text(json.dumps({**lock, "packages": {**packages, **self.becomes}}, indent=2))
        return Completed("", "")

    def _give(self, packages: dict[str, Any], folder: str, key: str, wanted: str) -> None:
        nested, hoisted = f"{folder}/node_modules/{key}", f"node_modules/{key}"
        place = nested if nested in packages else hoisted
        exact = EXACT.fullmatch(wanted)
        if exact and place not in self.keeps:
            packages.setdefault(place, {})["version"] = exact[2]


@dataclass
class Relocked:
    """A project in a scratch directory, with what it held before."""

    work: Path
    before: Mapping[str, bytes]

    def text(self, path: str) -> str:
        return (self.work / path).read_text()

    def packages(self) -> dict[str, Any]:
        packages: dict[str, Any] = json.loads(self.text("package-lock.json"))["packages"]
        return packages


MANIFEST = {"name": "web", "dependencies": {"debug": "^2.6.0"}}
PACKAGES: dict[str, Any] = {
    "": {"dependencies": {"debug": "^2.6.0"}},
    "node_modules/debug": {"version": "2.6.9", "dependencies": {"ms": "^2.0.0"}},
    "node_modules/ms": {"version": "2.0.0"},
    "node_modules/send": {"version": "1.0.0", "dependencies": {"ms": "~2.1.0"}},
    "node_modules/send/node_modules/ms": {"version": "2.1.1"},
}


@dataclass(frozen=True)
class Bench:
    """Where a project is relocked."""

    work: Path
    tools: FakeTools

    def relock(
        self,
        *upgrades: Upgrade,
        packages: Any = None,
        manifest: Any = None,
        files: Mapping[str, Any] | None = None,
        version: int = 3,
        index: str | None = None,
    ) -> Relocked:
        """The project after a relock; by default the one of MANIFEST and PACKAGES."""
        lock = {"lockfileVersion": version, "packages": PACKAGES if packages is None else packages}
        project = {
            "package.json": MANIFEST if manifest is None else manifest,
            "package-lock.json": lock,
            **(files or {}),
        }
        before = encoded(project)
        for path, content in before.items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_bytes(content)
        NPM.relock(unit_of(project), self.work, upgrades, index, self.tools)
        return Relocked(self.work, before)
