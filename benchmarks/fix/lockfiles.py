"""What a project's lockfile holds, read by nothing of the bot, and whether the real tool would install it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.fix.bench import Bench
from benchmarks.fix.universe import ENVIRONMENTS, Held, Universe


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a lockfile, and why the tool would not install it ("" when it would)."""

    held: Held
    refused: str = ""


def read(universe: Universe, folder: Path, bench: Bench) -> Reading:
    """The project's lockfile."""
    return _READERS[universe.kind](universe, folder, bench)


def _flat(universe: Universe, folder: Path, bench: Bench) -> Reading:
    """What pip would install: the pins, and what they need besides; on each side of the markers."""
    held: dict[str, set[str]] = {}
    refused = ""
    for side in universe.sides:
        python = ENVIRONMENTS[side][1] if side else "3.11"
        options = ["--no-header", "--no-annotate", "--python-version", python]
        ran = bench.uv("pip", "compile", folder / "requirements.txt", *options, cwd=folder)
        if ran.status:
            refused = _last_words(ran.stderr)
        text = (folder / "requirements.txt").read_text() if ran.status else ran.stdout
        for package, version in pins(text):
            held.setdefault(package, set()).add(version)
    return Reading(_frozen(held), refused)


def pins(text: str) -> list[tuple[str, str]]:
    """(package, version) of every line that pins one."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    requirements = [Requirement(line) for line in lines if line]
    return [(r.name, str(r.specifier).removeprefix("==")) for r in requirements]


def _uv(universe: Universe, folder: Path, bench: Bench) -> Reading:
    document = tomllib.loads((folder / "uv.lock").read_text())
    held: dict[str, set[str]] = {}
    for package in document.get("package", ()):
        if "registry" in package["source"]:
            held.setdefault(package["name"], set()).add(package["version"])
    ran = bench.uv("lock", "--check", cwd=folder)
    return Reading(_frozen(held), _last_words(ran.stderr) if ran.status else "")


def _npm(universe: Universe, folder: Path, bench: Bench) -> Reading:
    document = json.loads((folder / "package-lock.json").read_bytes())
    held: dict[str, set[str]] = {}
    for place, entry in document["packages"].items():
        _, found, name = place.rpartition("node_modules/")
        if found and not entry.get("link"):
            held.setdefault(name, set()).add(entry["version"])
    for command in (("ci", "--dry-run", "--ignore-scripts", "--no-audit"), ("ls", "--package-lock-only", "--all")):
        ran = bench.npm(*command, cwd=folder)
        if ran.status:
            return Reading(_frozen(held), f"npm {command[0]}: {_last_words(ran.stderr)}")
    return Reading(_frozen(held))


def _frozen(held: Mapping[str, set[str]]) -> Held:
    return {package: frozenset(versions) for package, versions in held.items()}


def _last_words(stderr: str) -> str:
    return " ".join(stderr.split())[-400:] or "it said nothing"


_READERS: dict[str, Callable[[Universe, Path, Bench], Reading]] = {"flat": _flat, "uv": _uv, "npm": _npm}
