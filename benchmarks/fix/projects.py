"""The project of a universe: its manifests written in one of several styles, its lockfile made by the real tool."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.fix.bench import Bench, Ran
from benchmarks.fix.registries import LOCKED_AT, pep508
from benchmarks.fix.universe import PROMISED, Root, Universe

README = "# A project\n\nNobody is to change this file.\n"
_OPTIONS = re.compile(r'\[options\]\nexclude-newer = "[^"]*"\n\n?')


class NoProjectError(Exception):
    """The tool cannot lock the project of a universe: the universe is of no use."""


def make(universe: Universe, folder: Path, bench: Bench) -> None:
    """Write the project into `folder`, locked with the releases of that time. Raises NoProjectError."""
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(README)
    _MAKERS[universe.kind](universe, folder, bench)


def _flat(universe: Universe, folder: Path, bench: Bench) -> None:
    wanted = folder / "requirements.in"
    wanted.write_text("".join(f"{pep508(root.need)}\n" for root in universe.roots))
    options = ["--no-header", "--no-annotate", "--exclude-newer", LOCKED_AT, "--python-version", "3.10"]
    universal = [] if universe.sides == ("",) else ["--universal"]
    done = _done(bench.uv("pip", "compile", wanted, *options, *universal, cwd=folder))
    wanted.unlink()
    text = done.stdout
    if universe.style == "comments":
        text = "# What the service runs on\n" + text.replace("\n", "  # keep\n", 1) + "\n# the end\n"
    (folder / "requirements.txt").write_bytes(_styled(text, universe.style))


def _uv(universe: Universe, folder: Path, bench: Bench) -> None:
    members = ", ".join(f'"{member}"' for member in universe.members)
    workspace = f"\n[tool.uv.workspace]\nmembers = [{members}]\n" if members else ""
    for member in ("", *universe.members):
        name = "-".join(filter(None, (universe.name, "project", member)))
        text = _pyproject(name, [root for root in universe.roots if root.member == member], universe.style)
        place = folder / member / "pyproject.toml"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(_styled(text + (workspace if not member else ""), universe.style))
    _done(bench.uv("lock", "--exclude-newer", LOCKED_AT, cwd=folder))
    lock = folder / "uv.lock"
    # uv would move everything when it finds this gone; a lock of that time has never had it.
    lock.write_text(_OPTIONS.sub("", lock.read_text()))


def _pyproject(name: str, roots: Iterable[Root], style: str) -> str:
    comment = "  # keep" if style == "comments" else ""
    lines = [(root.dev, f'    "{pep508(root.need)}",{comment}\n') for root in roots]
    needs = {dev: "".join(line for for_dev, line in lines if for_dev is dev) for dev in (False, True)}
    project = f'[project]\nname = "{name}"\nversion = "1.0.0"\nrequires-python = "{PROMISED}"\n'
    groups = f"\n[dependency-groups]\ndev = [\n{needs[True]}]\n" if needs[True] else ""
    return f"{project}dependencies = [\n{needs[False]}]\n{groups}"


def _npm(universe: Universe, folder: Path, bench: Bench) -> None:
    if bench.registries.npm is None:
        raise NoProjectError(f"verdaccio does not run: {bench.registries.without_npm}")
    (folder / ".npmrc").write_text(f"registry={bench.registries.npm}\n")
    for member in ("", *universe.members):
        document: dict[str, object] = {"name": "-".join(filter(None, (universe.name, "project", member)))}
        document |= {"version": "1.0.0", "private": True}
        if universe.members and not member:
            document["workspaces"] = list(universe.members)
        for section, dev in (("dependencies", False), ("devDependencies", True)):
            roots = [root.need for root in universe.roots if root.member == member and root.dev is dev]
            if roots:
                document[section] = {need.package: need.range.npm() for need in roots}
        indent = "\t" if universe.style == "comments" else 2
        place = folder / member / "package.json"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(_styled(json.dumps(document, indent=indent) + "\n", universe.style))
    _done(bench.npm("install", "--package-lock-only", "--ignore-scripts", "--no-audit", f"--before={LOCKED_AT}",
                    cwd=folder))  # fmt: skip


def _styled(text: str, style: str) -> bytes:
    if style == "crlf":
        return text.replace("\n", "\r\n").encode()
    return (text.rstrip("\n") if style == "open end" else text).encode()


def _done(ran: Ran) -> Ran:
    if ran.status:
        raise NoProjectError(f"exit status {ran.status}: {ran.stderr.strip()[-1000:]}")
    return ran


_MAKERS: dict[str, Callable[[Universe, Path, Bench], None]] = {"flat": _flat, "uv": _uv, "npm": _npm}
