"""A scripted Yarn that resolves from a small registry, and a project in a scratch directory to relock with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remediators.api import Completed, Upgrade
from remediators.errors import ToolError
from remediators.npm.manifest import asked
from remediators.versions.npm import NpmVersions
from remediators.yarn.lock import Entry, lock
from tests.remediators.conftest import FakeTools
from tests.remediators.yarn.projects import YARN, berry, classic, encoded, name_of, unit_of

PUBLISHED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "debug": {"2.6.8": {"ms": "2.0.0"}, "2.6.9": {"ms": "2.0.0"}, "4.0.0": {"ms": "^2.1.0"}},
    "ms": {"1.0.0": {}, "2.0.0": {}, "2.0.5": {}, "2.1.0": {}, "2.1.1": {"tick": "^1.0.0"}, "2.1.3": {}},
    "tick": {"1.0.0": {}, "1.1.0": {}},
    "@a/b": {"1.0.0": {"ms": "^2.0.0"}},
}
"""What each release needs; the last of a package is the newest."""
_VERSIONS = NpmVersions()


@dataclass
class ScriptedYarn:
    """Yarn, reduced to what a relock leans on: what is locked stays, and the newest is taken for what is not.

    `seen` are the files as each run finds them, `npmrc` is what npm reads, and `said` the command. `refuses` is what it
    says instead.
    """

    tools: FakeTools
    seen: list[dict[str, str]] = field(default_factory=list)
    npmrc: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refuses: str = ""

    def __call__(self, argv: Sequence[str], cwd: Path) -> Completed:
        folder = cwd / self.tools.ran[-1].env["REMEDIATION_PROJECT"]
        self.seen.append({p.name: p.read_text() for p in folder.iterdir() if p.is_file()})
        self.npmrc.append((cwd / ".npmrc").read_text())
        self.said.append(" ".join(argv[2:]))
        if self.refuses:
            raise ToolError("sh exited with status 1", self.refuses)
        file = folder / "yarn.lock"
        found = lock(file.read_bytes(), "yarn.lock")
        wanted = self._wanted(folder, is_berry=found.berry)
        resolved = self._resolved(dict(found.by_pattern), wanted, is_berry=found.berry)
        if "--offline" in self.said[-1]:
            is_complete = resolved.keys() <= found.by_pattern.keys()
            words = "Can't make a request in offline mode" if is_complete else "Your lockfile needs to be updated"
            raise ToolError("sh exited with status 1", f"error {words}")
        if found.berry:
            root = json.loads((folder / "package.json").read_text())["name"]
            file.write_text(berry(_blocks(resolved, is_berry=True), found.version, {root: "."}))
        else:
            file.write_text(classic(_blocks(resolved, is_berry=False)))
        return Completed("", "")

    def _wanted(self, folder: Path, *, is_berry: bool) -> list[str]:
        root = json.loads((folder / "package.json").read_text())
        members = [folder / member / "package.json" for member in root.get("workspaces", ())]
        manifests = [root, *(json.loads(member.read_text()) for member in members)]
        lines = [line for one in manifests for line in one.get("dependencies", {}).items()]
        return [_descriptor(key, written, is_berry=is_berry) for key, written in lines]

    def _resolved(self, locked: dict[str, Entry], wanted: list[str], *, is_berry: bool) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        while wanted:
            pattern = wanted.pop()
            if pattern in found:
                continue
            key = name_of(pattern)
            _, package, spec = asked(key, pattern[len(key) + 1 :], berry=True)
            newest = [v for v in PUBLISHED[package] if _VERSIONS.satisfies(v, spec)]
            identity = locked[pattern].identity if pattern in locked else (package, newest[-1])
            found[pattern] = identity
            needs = PUBLISHED[identity[0]][identity[1]]
            wanted += [_descriptor(key, written, is_berry=is_berry) for key, written in needs.items()]
        return found


def _descriptor(key: str, written: str, *, is_berry: bool) -> str:
    return f"{key}@npm:{written}" if is_berry and ":" not in written else f"{key}@{written}"


def _blocks(resolved: Mapping[str, tuple[str, str]], *, is_berry: bool) -> dict[str, dict[str, Any]]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for pattern, identity in sorted(resolved.items()):
        groups.setdefault(identity if is_berry else (name_of(pattern), *identity), []).append(pattern)
    blocks = {}
    for (*_, package, version), patterns in groups.items():
        needs = PUBLISHED[package][version].items()
        blocks[", ".join(patterns)] = {
            "version": version,
            "resolution": f"{package}@npm:{version}",
            "resolved": f"https://registry.example/npm/{package}/-/{package}-{version}.tgz#0123",
            "dependencies": {key: f"npm:{spec}" if is_berry else spec for key, spec in needs},
        }
    return dict(sorted(blocks.items()))


@dataclass(frozen=True)
class Relocked:
    """A project in a scratch directory, with what it held before."""

    work: Path
    before: Mapping[str, bytes]

    def text(self, path: str = "yarn.lock") -> str:
        return (self.work / path).read_bytes().decode()

    def versions(self) -> dict[str, str]:
        """Version by descriptor, without berry's protocol."""
        entries = lock((self.work / "yarn.lock").read_bytes(), "yarn.lock").by_pattern.items()
        return {pattern.replace("@npm:", "@"): entry.version for pattern, entry in entries if entry.version}


@dataclass(frozen=True)
class Bench:
    """Where a project is relocked."""

    work: Path
    tools: FakeTools

    def relock(
        self,
        manifest: Any,
        lockfile: str,
        *upgrades: Upgrade,
        index: str | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Relocked:
        """The project after an edit and a relock."""
        project = {"package.json": manifest, "yarn.lock": lockfile, **(files or {})}
        before = encoded(project)
        unit = unit_of(project)
        for path, content in {**before, **YARN.edit(unit, before, upgrades)}.items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_bytes(content)
        YARN.relock(unit, self.work, upgrades, index, self.tools)
        return Relocked(self.work, before)
