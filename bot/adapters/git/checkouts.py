"""Local copies of GitLab's repositories: bare, shallow, without blobs, one per project in the cache folder."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.adapters.backoff import Sleep
from bot.adapters.credential import Credential
from bot.adapters.git.checkout import GitCheckout
from bot.adapters.git.command import GitCommand, Limits, Origin, clone_address
from bot.adapters.git.commit_objects import Identity
from bot.adapters.git.repository import Repository
from bot.adapters.lock import held
from bot.adapters.redaction import Redactor
from bot.adapters.usage import Usage
from bot.errors import CheckoutError
from state.model import Project

LOCK_SECONDS = 120.0

# How many git commands talk to GitLab at a time: each is four processes, 25 MiB, and mostly waits for the other side.
TRANSFERS = 2

# What GitLab takes as the user name beside a token.
TOKEN_USER = "oauth2"  # noqa: S105 -- a user name


class GitCheckouts:
    """Opens projects of the GitLab at `server` (its base URL)."""

    def __init__(
        self,
        cache: Path,
        server: str,
        token: str,
        identity: Identity,
        ca_bundle: Path | None = None,
        limits: Limits | None = None,
        redact: Callable[[str], str] | None = None,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._server = server.rstrip("/")
        self._folder = cache / "repositories" / re.sub(r"[^a-z0-9.-]+", "_", self._server.partition("://")[2].lower())
        self._home = cache / "home"
        self._credential = Credential(TOKEN_USER, token)
        self._identity = identity
        self._ca_bundle = ca_bundle
        self._limits = limits or Limits()
        self._redact = redact or Redactor([token])
        self._sleep = sleep
        self._pushed = Usage()
        self._turns = threading.Semaphore(TRANSFERS)

    @property
    def pushes(self) -> int:
        """How often git pushed so far."""
        return self._pushed.writes

    @contextlib.contextmanager
    def open(self, project: Project) -> Iterator[GitCheckout]:
        """The repository at `project.head`, fetched only as far as needed; no other process has it meanwhile."""
        if project.head is None:
            raise CheckoutError(f"{project.path}: the repository is empty: there is nothing to check")
        folder = self._folder / f"{project.id}.git"
        with contextlib.ExitStack() as stack:
            try:
                self._home.mkdir(parents=True, exist_ok=True)
                lock = stack.enter_context(held(folder.with_suffix(".lock"), LOCK_SECONDS, self._sleep))
                checkout = self._checkout(project, project.head, folder, lock)
            except TimeoutError as error:
                raise CheckoutError(f"{project.path}: {error}: another bot is at work on it") from error
            except OSError as error:
                place = error.filename or folder
                raise CheckoutError(f"{project.path}: {place}: {error.strerror}: mend the cache folder") from error
            stack.callback(checkout.close)
            yield checkout

    def _checkout(self, project: Project, head: str, folder: Path, lock: int) -> GitCheckout:
        origin = Origin(self._server, clone_address(self._server, project), self._credential, self._ca_bundle)
        git = GitCommand(
            project.path, folder, self._home, origin, lock, self._turns, self._limits, self._redact, self._sleep
        )
        repository = Repository(git)
        return GitCheckout(git, repository, head, repository.head_tree(head), self._identity, self._pushed)
