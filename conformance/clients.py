"""Installs foreign clients, each once and at a pinned version, into a cache folder of the user."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from conformance.story import Skip

_SECONDS = 900.0


def cache_folder() -> Path:
    """Where clients are kept: $CONFORMANCE_CACHE, or a folder of its own in the user's cache directory."""
    chosen = os.environ.get("CONFORMANCE_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("remediation-bot") / "conformance"


def npm_packages(name: str, *packages: str, overrides: Mapping[str, str] | None = None) -> Path:
    """The folder with the `node_modules` of these packages (such as `semver@7.7.3`); no script of theirs ever ran.

    `overrides` are npm's, for what they need themselves. Raises Skip where npm is missing or cannot install them.
    """
    if shutil.which("npm") is None:
        raise Skip("npm is not installed")

    def install(folder: Path) -> None:
        if overrides:
            (folder / "package.json").write_text(json.dumps({"private": True, "overrides": overrides}))
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        _run([*command, *packages])

    forced = (f"{package}={version}" for package, version in (overrides or {}).items())
    return _installed(f"npm-{name}", (*packages, *forced), install)


def python_packages(name: str, *requirements: str) -> Path:
    """The `bin` folder of an own virtual environment with these requirements (such as `semver==3.0.4`).

    Raises Skip where pip cannot install them.
    """

    def install(folder: Path) -> None:
        venv.create(folder, with_pip=True)
        _run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *requirements])

    return _installed(f"python-{name}", requirements, install) / "bin"


def go_program(name: str, module: str) -> Path:
    """The program of a Go module (such as `example.org/tool/cmd/tool@v1.2.3`), built with the Go that is here.

    Raises Skip where there is no Go, or one too old for it.
    """
    if shutil.which("go") is None:
        raise Skip("Go is not installed")

    def install(folder: Path) -> None:
        _run(["go", "install", module], {"GOBIN": str(folder)})

    return _installed(f"go-{name}", (module,), install) / name


def _installed(name: str, pinned: Sequence[str], install: Callable[[Path], None]) -> Path:
    folder = cache_folder() / name
    wanted = "\n".join(pinned)
    receipt = folder / "installed.txt"
    with _alone(folder.with_suffix(".lock")):
        if not receipt.is_file() or receipt.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            install(folder)
            receipt.write_text(wanted)
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _run(command: list[str], environ: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **(environ or {})}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skip(f"{command[0]} could not install: {error}") from error
    if done.returncode:
        raise Skip(f"{Path(command[0]).name} could not install: {done.stderr.strip()[-500:]}")
