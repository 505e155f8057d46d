"""Installs Renovate once, and runs it as those do who have a GitLab of their own; every run is measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.clients import npm_packages
from conformance.renovate import git_traces
from conformance.renovate.git_traces import GitUse
from conformance.story import Skip

RENOVATE = "renovate@44.94.0"
# The `node` package fetches one of these by an install script, and no script runs here. Renovate 44 needs ^24.11.
NODE = "node-{system}-{machine}"
NODE_VERSION = "24.21.0"
_MACHINES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}
# Nothing listens there: what asks for a host outside fails at once, and its log says so.
_NOWHERE = "http://127.0.0.1:9"
_WARNING = 40
LOG = "renovate.log"

Record = Mapping[str, Any]

# What one sets to run it on a machine without a way out, against a GitLab on that machine.
_ALONE: Record = {
    "platform": "gitlab",
    "binarySource": "global",
    "repositoryCache": "enabled",
    "fetchChangeLogs": "off",
    "githubTokenWarn": False,
    "hostRules": [{"matchHost": "127.0.0.1", "allowInternal": True}],
}


@dataclass(frozen=True, slots=True)
class RenovateCommand:
    """An installed Renovate: its node and its script."""

    node: Path
    script: Path


@dataclass(frozen=True, slots=True)
class RenovateRun:
    """One run to its end. `seconds` on the clock, `cpu` seconds with those of its git; `peak` is in MiB (node)."""

    log: tuple[Record, ...]
    seconds: float
    cpu: float
    status: int
    peak: float
    git: GitUse

    @property
    def complaints(self) -> tuple[str, ...]:
        """What it logged as a warning or worse."""
        return tuple(_said(record) for record in self.log if record["level"] >= _WARNING)

    @property
    def results(self) -> Mapping[str, str]:
        """How each project ended in Renovate's words, such as {"team/app": "done"}."""
        return {record["repository"]: record["result"] for record in self.log if "result" in record}

    @property
    def hosts(self) -> frozenset[str]:
        """Whom it asked over HTTP itself, whether or not there was an answer."""
        return frozenset(host for record in self.log if record["msg"] == "HTTP statistics" for host in record["hosts"])


def install() -> RenovateCommand:
    """Renovate and the node that it needs. Raises Skip where they cannot be installed."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise Skip(f"npm has no node for {platform.machine()}")
    node = NODE.format(system=sys.platform, machine=machine)
    modules = npm_packages("renovate", RENOVATE, f"{node}@{NODE_VERSION}") / "node_modules"
    return RenovateCommand(modules / node / "bin" / "node", modules / "renovate" / "dist" / "renovate.js")


@dataclass(frozen=True, slots=True)
class Started:
    """How a run is started."""

    argv: tuple[Path, ...]
    environ: Mapping[str, str]


def start(
    command: RenovateCommand,
    endpoint: str,
    token: str,
    projects: Sequence[str],
    cache_dir: Path,
    extra_config: Record | None = None,
) -> Started:
    """What starts one run, for those who measure it themselves; the arguments are those of `run`."""
    home = cache_dir / "home"
    home.mkdir(parents=True, exist_ok=True)
    scope = {"repositories": list(projects)} if projects else {"autodiscover": True}
    places = {"endpoint": f"{endpoint}/api/v4", "baseDir": str(cache_dir / "base")}
    config = {**_ALONE, **places, **scope, **(extra_config or {})}
    return Started((command.node, command.script), _environ(command, home, cache_dir / LOG, token, config))


def run(
    command: RenovateCommand,
    endpoint: str,
    token: str,
    projects: Sequence[str],
    cache_dir: Path,
    extra_config: Record | None = None,
) -> RenovateRun:
    """One run over these projects, or over all that it discovers where none are named.

    `endpoint` is GitLab's address without /api/v4. The folder `cache_dir` holds clones and caches for the next run.
    """
    traces, log = cache_dir / "git-traces", cache_dir / LOG
    begun = start(command, endpoint, token, projects, cache_dir, extra_config)
    git_traces.configure(cache_dir / "home", traces)
    log.unlink(missing_ok=True)
    started = time.perf_counter()
    process = subprocess.Popen(
        begun.argv,
        env=dict(begun.environ),
        cwd=cache_dir / "home",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    return RenovateRun(
        log=tuple(json.loads(line) for line in log.read_text().splitlines()),
        seconds=seconds,
        cpu=usage.ru_utime + usage.ru_stime,
        status=process.returncode,
        peak=usage.ru_maxrss / 1024,
        git=git_traces.read(traces),
    )


def _environ(command: RenovateCommand, home: Path, log: Path, token: str, config: Record) -> dict[str, str]:
    return {
        "PATH": f"{command.node.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
        "LOG_FILE": str(log),
        "LOG_FILE_LEVEL": "debug",
        "LOG_FILE_FORMAT": "json",
        "RENOVATE_TOKEN": token,
        "RENOVATE_CONFIG": json.dumps(config),
        # Its native build of RE2 needs an install script.
        "RENOVATE_X_IGNORE_RE2": "true",
    }


def _said(record: Record) -> str:
    told = (record.get("repository"), record["msg"], record.get("err", {}).get("message"))
    return ": ".join(str(part) for part in told if part)
