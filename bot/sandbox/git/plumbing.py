"""Running git: one scrubbed environment and one fixed configuration for every process of the sandbox."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What Gitaly sets for every repository, and what keeps a foreign repository or machine from having a say.
CONFIGURATION = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.logAllRefUpdates", "false"),
    ("core.quotePath", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("receive.advertisePushOptions", "true"),
    ("receive.autogc", "false"),
    ("receive.hideRefs", "refs/merge-requests"),
    ("receive.denyDeleteCurrent", "ignore"),
    ("repack.writeBitmaps", "false"),
    ("safe.directory", "*"),
    ("uploadpack.allowAnySHA1InWant", "true"),
    ("uploadpack.allowFilter", "true"),
)
TIMEOUT = 120.0


class GitError(Exception):
    """Git refused or failed. `stderr` is what it said."""

    def __init__(self, arguments: Sequence[str], status: int, stderr: str) -> None:
        super().__init__(f"git {' '.join(arguments)} ended with status {status}: {stderr.strip()}")
        self.status = status
        self.stderr = stderr.strip()


@dataclass(frozen=True, slots=True)
class Ran:
    """A git process that ended with a status that was allowed."""

    status: int
    stdout: bytes


def environment(extra: Mapping[str, str] | None = None, settings: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The environment of a git process: nothing of this one but PATH; `settings` come after the fixed configuration."""
    every = (*CONFIGURATION, *settings)
    numbered: dict[str, str] = {}
    for number, (key, value) in enumerate(every):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(every)),
        **numbered,
        **(extra or {}),
    }


def run(folder: Path, *arguments: str, stdin: bytes = b"", allowed: Sequence[int] = (0,)) -> Ran:
    """Run git on the bare repository in `folder`. Raises GitError for a status outside `allowed`, or after TIMEOUT."""
    try:
        done = subprocess.run(
            ["git", f"--git-dir={folder}", *arguments],
            input=stdin,
            capture_output=True,
            env=environment(),
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GitError(arguments, -1, f"no answer within {TIMEOUT:.0f} s") from error
    if done.returncode not in allowed:
        raise GitError(arguments, done.returncode, done.stderr.decode("utf-8", "replace"))
    return Ran(done.returncode, done.stdout)
