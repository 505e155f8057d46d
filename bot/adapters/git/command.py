"""Runs git: nothing of the bot's environment but what is listed here, the token in neither argv nor a file."""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.adapters.backoff import Backoff, Sleep
from bot.adapters.credential import Credential
from bot.adapters.git.failure import GitError
from bot.adapters.tools.environment import NETWORK
from bot.errors import CheckoutError
from state.model import Project

if TYPE_CHECKING:
    from git.cmd import Git

# GIT_CONFIG_COUNT, which keeps settings out of argv and files, came with this one.
OLDEST_GIT = (2, 31)

TRIES = 3

Settings = Iterable[tuple[str, str]]
"""Git configuration: keys and values."""

# Nothing that a repository brings along may run, and git may ask nobody and tidy up nothing.
_SAFETY = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
)
_NETWORK = (
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
)
# A partial clone for the command that fetches and for no other: none goes to the network for an object on its own.
_FETCHING = (
    ("remote.origin.promisor", "true"),
    ("remote.origin.partialclonefilter", "blob:none"),
)
# Finds what the server has, even when the default branch moved on: only what is new is packed. Two more requests.
NEGOTIATING = (("push.negotiate", "true"),)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that one git command may take, bytes of one file that it may write, bytes of a blob that is read."""

    seconds: float = 600.0
    pack: int = 2 * 2**30
    blob: int = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository on a GitLab. The credential goes to addresses below `server` only."""

    server: str
    url: str
    credential: Credential
    ca_bundle: Path | None = None

    def settings(self) -> Settings:
        """What git has to know to reach it."""
        yield "remote.origin.url", self.url
        yield f"http.{self.server}/.extraHeader", f"Authorization: {self.credential.header}"
        if self.ca_bundle is not None:
            yield "http.sslCAInfo", str(self.ca_bundle)
        yield from _NETWORK


@dataclass(frozen=True, slots=True)
class GitCommand:
    """git in the bare repository `folder` of project `subject`, every child holding the lock descriptor `lock`.

    What goes to GitLab takes `turns` with that of other projects.
    """

    subject: str
    folder: Path
    home: Path
    origin: Origin
    lock: int
    turns: threading.Semaphore
    limits: Limits
    redact: Callable[[str], str]
    sleep: Sleep

    def local(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """What a command prints that stays on this machine. Raises GitError."""
        return self._finish(self.start(*args, env=env), args[0], stdin)

    def read(self, *args: str, stdin: bytes = b"", settings: Settings = ()) -> bytes:
        """What a command prints that only reads from GitLab; tried again when that may help. Raises GitError."""
        backoff = Backoff(self.sleep, TRIES)
        while True:
            try:
                return self._remote(args, stdin, (*_FETCHING, *settings))
            except GitError as error:
                if not (error.passing and backoff.wait()):
                    raise

    def write(self, *args: str, settings: Settings = ()) -> None:
        """Run a command that changes GitLab, once. Raises GitError, also when it may have had its effect."""
        self._remote(args, b"", settings)

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A local command with open pipes, for the caller to end."""
        return self._spawn(args, {**_as_environment(_SAFETY), **(env or {})})

    def _remote(self, args: tuple[str, ...], stdin: bytes, settings: Settings) -> bytes:
        with self.turns:
            process = self._spawn(args, _as_environment((*_SAFETY, *self.origin.settings(), *settings)))
            # Only Linux can limit a process from outside; elsewhere the time limit has to do.
            if hasattr(resource, "prlimit"):
                with contextlib.suppress(ProcessLookupError):
                    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (self.limits.pack, self.limits.pack))
            return self._finish(process, args[0], stdin)

    def _finish(self, process: subprocess.Popen[bytes], action: str, stdin: bytes) -> bytes:
        with process:
            try:
                stdout, stderr = process.communicate(stdin, self.limits.seconds)
            except subprocess.TimeoutExpired:
                raise GitError(self.subject, action, f"took longer than {self.limits.seconds:g} s") from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            raise GitError(self.subject, action, self.redact(stderr.decode("utf-8", "replace")))
        return stdout

    def _spawn(self, args: tuple[str, ...], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
        environment = {**self._environment(), **settings}
        # GitPython hands the whole environment on; `env -u` takes back what git has no business with.
        foreign = [word for name in sorted(os.environ.keys() - environment.keys()) for word in ("-u", name)]
        handle = git_python()(self.folder).execute(
            ["env", *foreign, "git", *args],
            istream=subprocess.PIPE,
            as_process=True,
            env=environment,
            start_new_session=True,
            pass_fds=(self.lock,),
        )
        # GitPython would end the process together with the handle.
        process, handle.proc = handle.proc, None
        if process is None:
            raise CheckoutError(f"{self.subject}: git {args[0]} did not start")
        return process

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "GIT_DIR": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "http:https",
            **{name: os.environ[name] for name in NETWORK if name in os.environ},
        }


def _as_environment(settings: Settings) -> dict[str, str]:
    environment = {}
    count = 0
    for count, (key, value) in enumerate(settings, 1):
        environment[f"GIT_CONFIG_KEY_{count - 1}"] = key
        environment[f"GIT_CONFIG_VALUE_{count - 1}"] = value
    return {"GIT_CONFIG_COUNT": str(count), **environment}


_IMPORTING = threading.Lock()


def git_python() -> type[Git]:
    """GitPython's command class: imported late (it runs git when imported), and only with a git that is new enough.

    One thread at a time: a thread that comes while another imports would see the module half made.
    """
    with _IMPORTING:
        return _git_python()


@functools.cache
def _git_python() -> type[Git]:
    try:
        from git.cmd import Git
    except ImportError as error:
        raise CheckoutError("git is not installed or not on PATH: install git 2.31 or newer") from error
    if Git().version_info[:2] < OLDEST_GIT:
        version = ".".join(map(str, Git().version_info))
        raise CheckoutError(f"git {version} is too old: install git 2.31 or newer")
    return Git


def clone_address(server: str, project: Project) -> str:
    """Where to fetch a project from. The token must not leave the GitLab it belongs to, whatever an answer says."""
    if urlsplit(project.clone_url)[:2] == urlsplit(server)[:2]:
        return project.clone_url
    return f"{server}/{project.path}.git"
