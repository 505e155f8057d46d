"""A real git over smart HTTP: `git http-backend` behind a server that wants a token, and can fail on demand."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.git.checkouts import GitCheckouts
from bot.adapters.git.command import Limits
from bot.adapters.git.commit_objects import Identity
from state.model import Project
from tests.bot.adapters.http_server import Asked, Reply, Server, running

TOKEN = "glpat-test-0123456789"
AUTHORIZATION = "Basic " + base64.b64encode(f"oauth2:{TOKEN}".encode()).decode()

FILES: dict[str, bytes | str] = {
    "app/package.json": b'{"name": "app"}\n',
    "app/package-lock.json": b"{}\n",
    "readme \xe4\n.md": b"hello\n",
    "requirements.txt": b"requests==1.0\n",
    "link.txt": "requirements.txt",
}

# What one git command asks of the server.
FETCH = ["GET refs?service=git-upload-pack", "POST git-upload-pack"]
PUSH = ["GET refs?service=git-receive-pack", "POST git-receive-pack"]

Serve = Callable[[Asked], Reply]
Fault = Callable[[Asked, Serve], Reply]
"""Answers a request in place of the server, which it may call."""


def git(folder: Path, *args: str, stdin: bytes | None = None, by: str = "Ann <ann@corp.example>") -> str:
    """Run git as a person, with nothing but its own settings; what it prints."""
    name, _, email = by.rstrip(">").partition(" <")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": v for who in ("AUTHOR", "COMMITTER") for what, v in (("NAME", name), ("EMAIL", email))},
    }
    done = subprocess.run(["git", "-C", str(folder), *args], env=env, input=stdin, capture_output=True, check=True)
    return done.stdout.decode().strip()


@dataclass(slots=True)
class Upstream:
    """A project's repository as GitLab has it."""

    bare: Path
    clone_url: str
    id: int = 7

    def commit(
        self,
        files: Mapping[str, bytes | str],
        branch: str = "main",
        by: str = "Ann <ann@corp.example>",
        parent: str = "",
    ) -> str:
        """A commit on a branch that holds exactly these files; a value that is a str is where a symlink leads."""
        lines = []
        for path, content in files.items():
            mode = "120000" if isinstance(content, str) else "100644"
            raw = content.encode() if isinstance(content, str) else content
            oid = git(self.bare, "hash-object", "-w", "--stdin", stdin=raw)
            lines.append((path.split("/"), mode, oid))
        tree = self._tree(lines)
        onto = ("-p", parent) if parent else ()
        sha = git(self.bare, "commit-tree", tree, *onto, "-m", "change", by=by)
        git(self.bare, "update-ref", f"refs/heads/{branch}", sha)
        return sha

    def _tree(self, entries: list[tuple[list[str], str, str]]) -> str:
        listed = [f"{mode} blob {oid}\t{path[0]}" for path, mode, oid in entries if len(path) == 1]
        for folder in sorted({path[0] for path, _, _ in entries if len(path) > 1}):
            inner = [(path[1:], mode, oid) for path, mode, oid in entries if path[0] == folder and len(path) > 1]
            listed.append(f"040000 tree {self._tree(inner)}\t{folder}")
        return git(self.bare, "mktree", "-z", stdin="".join(f"{line}\0" for line in listed).encode())

    def tip(self, branch: str) -> str:
        return git(self.bare, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def project(self, head: str | None) -> Project:
        """The project with this head."""
        return Project(self.id, "group/app", "main", head, "https://gitlab.example/group/app", self.clone_url, 40)


@dataclass(slots=True)
class GitServer:
    """The running server. `faults` are used up one by one, by the first request that each is for."""

    root: Path
    server: Server
    faults: list[tuple[str, Fault]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url

    def upstream(self, name: str = "group/app", id: int = 7, format: str = "sha1") -> Upstream:  # noqa: A002 - GitLab's and git's words
        bare = self.root / f"{name}.git"
        bare.mkdir(parents=True)
        git(bare, "init", "--quiet", "--bare", f"--object-format={format}", "--initial-branch=main")
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "http.receivepack"):
            git(bare, "config", key, "true")
        return Upstream(bare, f"{self.url}/{name}.git", id)

    def once(self, part: str, fault: Fault) -> None:
        """Let the next request whose path has `part` in it go wrong."""
        self.faults.append((part, fault))

    def calls(self) -> list[str]:
        """What was asked, since the last time that somebody wanted to know."""
        made = [f"{request.method} {request.path.rpartition('/')[2]}" for request in self.server.asked]
        self.server.asked.clear()
        return made


@contextmanager
def serving(root: Path) -> Iterator[GitServer]:
    """A git server over `root`, stopped afterwards."""
    faults: list[tuple[str, Fault]] = []

    def answer(asked: Asked) -> Reply:
        for index, (part, fault) in enumerate(faults):
            if part in asked.path:
                del faults[index]
                return fault(asked, lambda asked: _backend(root, asked))
        return _backend(root, asked)

    with running(answer) as server:
        yield GitServer(root, server, faults)


def checkouts_in(folder: Path, server: GitServer, token: str = TOKEN, limits: Limits | None = None) -> GitCheckouts:
    """Checkouts of the server with a cache in `folder`, without patience in real time."""
    identity = Identity("Bot", "bot@corp.example")
    return GitCheckouts(folder / "cache", server.url, token, identity, limits=limits, sleep=lambda _: None)


def cached(folder: Path, project: int = 7) -> Path:
    """Where the checkouts of `folder` keep a project."""
    return next((folder / "cache" / "repositories").glob(f"*/{project}.git"))


def gits_below(process: int) -> list[int]:
    """Every git that runs below a process, except those of the server."""
    listed = subprocess.run(["ps", "axo", "pid=,ppid=,comm="], capture_output=True, check=True).stdout.decode()
    rows = [
        (int(pid), int(parent), name) for pid, parent, name in (line.split(None, 2) for line in listed.splitlines())
    ]
    found = {process}
    for _ in rows:
        found |= {pid for pid, parent, _ in rows if parent in found}
    return [pid for pid, _, name in rows if pid in found and name.startswith("git") and "backend" not in name]


def _backend(root: Path, asked: Asked) -> Reply:
    if asked.headers.get("authorization") != AUTHORIZATION:
        return Reply(401, b"HTTP Basic: Access denied.", {"WWW-Authenticate": 'Basic realm="GitLab"'})
    path, _, query = asked.path.partition("?")
    env = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": asked.method,
        "REMOTE_USER": "bot",
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "HTTP_CONTENT_ENCODING": asked.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": asked.headers.get("git-protocol", ""),
    }
    # Its exit status is that of the git behind it, whose answer counts all the same.
    done = subprocess.run(["git", "http-backend"], env=env, input=asked.body, capture_output=True, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    return Reply(int(headers.pop("Status", "200").split()[0]), body, headers)
