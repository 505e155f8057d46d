"""A real git client against the sandbox, with a clean configuration and its token out of sight."""

from __future__ import annotations

import base64
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What a git command did."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in `folder` as the owner of `token` (None: anonymous)."""

    folder: Path
    token: str | None = None

    def at(self, name: str) -> Git:
        """The same client in a folder below."""
        return Git(self.folder / name, self.token)

    def __call__(self, *arguments: str) -> str:
        """Its output; fails the test when git does."""
        ran = self.run(*arguments)
        assert ran.status == 0, f"git {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout

    def refused(self, *arguments: str) -> str:
        """What it complains about; fails the test when git succeeds."""
        ran = self.run(*arguments)
        assert ran.status != 0, f"git {' '.join(arguments)} succeeded: {ran.stdout}"
        return ran.stderr

    def run(self, *arguments: str) -> Ran:
        settings = {
            "user.name": "Ada",
            "user.email": "ada@example.com",
            "init.defaultBranch": "main",
            "protocol.version": "2",
            "advice.detachedHead": "false",
        }
        if self.token is not None:
            basic = base64.b64encode(f"oauth2:{self.token}".encode()).decode()
            settings["http.extraHeader"] = f"Authorization: Basic {basic}"
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings.items()):
            env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def commit(self, files: dict[str, str], message: str = "Change") -> str:
        """Write, add and commit files; the commit's SHA."""
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self("add", "-A")
        self("commit", "-q", "-m", message)
        return self("rev-parse", "HEAD").strip()
