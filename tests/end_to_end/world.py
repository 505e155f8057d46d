"""A fleet for a test: an embedded GitLab, an index, advisories, and the bot as a real process."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote as _quote

from bot.sandbox.server import Sandbox
from tests.end_to_end import advisories
from tests.end_to_end.index import Index, serve
from tests.sandbox.client import Api

ROOT = Path(__file__).resolve().parents[2]
BOT = "remediation-bot"
DEVELOPER = 30
FIXES_ONLY = '{"patch": false, "minor": false, "major": false}'


def quote(text: str) -> str:
    """A path as one segment of a URL."""
    return _quote(text, safe="")


class Runner:
    """The warm process of runner.py."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.pid = 0

    def run(self, argv: list[str], environ: Mapping[str, str], cwd: Path) -> Ended:
        """Run one command to its end; `pid` is the child's meanwhile."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out = cwd / f"out-{uuid.uuid4().hex}"
        order = {"argv": argv, "environ": dict(environ), "cwd": str(cwd), "out": str(out)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.pid = json.loads(self._process.stdout.readline())["pid"]
        status = json.loads(self._process.stdout.readline())["status"]
        connected = frozenset(Path(f"{out}.connected").read_text().split())
        return Ended(status, out.read_text(), Path(f"{out}.err").read_text(), connected)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@dataclass(frozen=True)
class Ended:
    """A command that ended; a negative status is the signal that killed it.

    `connected` are the sites (host:port) that it connected to or looked up, its own servers left out; programs that it
    started are not in it.
    """

    status: int
    out: str
    err: str
    connected: frozenset[str] = frozenset()

    @property
    def report(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass
class Fleet:
    """Everything that a story needs."""

    sandbox: Sandbox
    index: Index
    folder: Path
    runner: Runner
    token: str
    api: Api
    environ: dict[str, str] = field(default_factory=dict)

    def project(self, path: str, files: Mapping[str, str | bytes] | None, level: int = DEVELOPER) -> Any:
        """A project with the bot as a member."""
        return self.sandbox.add_project(path, files, members={BOT: level})

    def advise(self, *records: dict[str, Any]) -> None:
        """Replace the advisory data."""
        advisories.write(self.folder / "advisories", records)

    def bot(self, *argv: str) -> Ended:
        """Run the bot."""
        ended = self.runner.run(list(argv), self.environ, self.folder)
        assert ended.status != 3, ended.err
        return ended

    def run(self, *paths: str) -> Any:
        """`bot run` to a report; every project must end well."""
        ended = self.bot("run", "--json", *paths)
        assert ended.status == 0, ended.out + ended.err
        return ended.report

    def issues(self, path: str) -> list[Any]:
        """The project's issues, oldest first."""
        found: list[Any] = self.api.get(f"/projects/{quote(path)}/issues", sort="asc")
        return found

    def merge_requests(self, path: str) -> list[Any]:
        """The project's merge requests, oldest first."""
        found: list[Any] = self.api.get(f"/projects/{quote(path)}/merge_requests", sort="asc", state="all")
        return found

    def notes(self, path: str, kind: str, iid: int) -> list[str]:
        """What people and the bot said on an issue or merge request."""
        found = self.api.get(f"/projects/{quote(path)}/{kind}/{iid}/notes", sort="asc")
        return [note["body"] for note in found if not note["system"]]

    def file(self, path: str, name: str, ref: str) -> str:
        """A file's text on a branch."""
        found = self.api.get(f"/projects/{quote(path)}/repository/files/{quote(name)}", ref=ref)
        return base64.b64decode(found["content"]).decode()

    def commit(self, path: str, branch: str, name: str, text: str) -> None:
        """Change a file, as root."""
        actions = [{"action": "update", "file_path": name, "content": text}]
        body = {"branch": branch, "commit_message": "By hand", "actions": actions}
        self.api.post(f"/projects/{quote(path)}/repository/commits", **body)

    def merge(self, path: str, iid: int) -> None:
        """Merge, as root, once GitLab lets it be merged."""
        where = f"/projects/{quote(path)}/merge_requests/{iid}"
        for _ in range(100):
            if self.api.get(where)["detailed_merge_status"] == "mergeable":
                break
        self.api.put(f"{where}/merge")

    def states(self, path: str) -> dict[str, str]:
        """Where each remediation and finding of a project stands, by its key."""
        status = self.bot("status", path, "--json").report
        return {each["key"]: each["state"] for each in (*status["remediations"], *status["findings"])}

    def writes(self) -> list[str]:
        """What the sandbox was asked to change since the log was last cleared."""
        return [f"{r.method} {r.path}" for r in self.sandbox.requests if r.write]


@contextmanager
def fleet(folder: Path, runner: Runner) -> Iterator[Fleet]:
    """A fresh world; it ends with the block."""
    with Sandbox() as sandbox, serve() as index:
        token = sandbox.add_token(sandbox.add_user(BOT))
        api = Api(sandbox.url, sandbox.token)
        made = Fleet(sandbox, index, folder, runner, token, api)
        made.advise()
        made.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "BOT_URL": sandbox.url,
            "BOT_TOKEN": token,
            "BOT_DATABASE": f"sqlite:///{folder / 'bot.db'}",
            "BOT_CACHE": str(folder / "cache"),
            "BOT_ADVISORIES": json.dumps({"dumps": [str(folder / "advisories")], "max_age_days": None}),
            "BOT_REGISTRIES": json.dumps({"PyPI": {"url": index.url}}),
            "BOT_RELEASES_FRESH_HOURS": "0",
            "BOT_LOG_LEVEL": "debug",
        }
        yield made
        api.close()
        assert sandbox.errors == []
