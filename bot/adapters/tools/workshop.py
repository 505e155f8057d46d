"""Scratch directories and the tools that run in them: scrubbed environment, bounded time, bounded output."""

from __future__ import annotations

import contextlib
import logging
import re
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bot.adapters.confinement.bubblewrap import Cell, Confinement, Room, Start
from bot.adapters.credential import Credential
from bot.adapters.redaction import Redactor
from bot.adapters.registries.allow_list import Site
from bot.adapters.tools import handed_credentials, left_behind, scratches
from bot.adapters.tools.caches import Keeping, ToolCaches
from bot.adapters.tools.environment import base_environment, private_environment
from bot.adapters.tools.run import Limits, Run
from remediators.api import Completed
from remediators.errors import ToolError

# The part of a scratch that holds a unit's files.
WORK = "work"

# A resolver explains a conflict at length, from its verdict on: remediators read it whole, people its end.
STDERR_KEPT = 32_000

LONGEST_SHOWN = 120

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


log = logging.getLogger(__name__)


class LocalWorkshop:
    """Runs tools on this machine, each in its own process group, with a private home beside its scratch.

    `environ` is what PATH and proxies are taken from; `caches` is where tools in a sandbox keep their downloads, those
    outside beside it; `credentials` are those of registries, by host. `confinement` is asked when the first tool runs
    for what shuts each of them in, None where nothing does; it raises ToolError where none is to run. `keeping` is how
    long the downloads stay.
    """

    def __init__(
        self,
        root: Path,
        caches: Path,
        environ: Mapping[str, str],
        ca_bundle: Path | None = None,
        redact: Callable[[str], str] | None = None,
        limits: Limits | None = None,
        credentials: Mapping[str, Credential] | None = None,
        confinement: Callable[[], Confinement | None] = lambda: None,
        keeping: Keeping = Keeping(),  # noqa: B008 -- frozen
    ) -> None:
        self._root = root
        self._credentials = credentials or {}
        self._redact = redact or Redactor()
        self._limits = limits or Limits()
        # What was written in a sandbox may be planted: nothing outside of one reads it.
        self._caches = {True: caches, False: caches.with_name(f"{caches.name}-unconfined")}
        self._kept = [ToolCaches(place, keeping) for place in self._caches.values()]
        self._base = {shut: base_environment(place, environ, ca_bundle) for shut, place in self._caches.items()}
        self._confinement = confinement

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty directory that is removed afterwards."""
        with contextlib.ExitStack() as stack:
            base = stack.enter_context(scratches.scratch(self._root))
            for part in (WORK, "home", "tmp"):
                (base / part).mkdir()
            # A tool that one run installs there is started by the next.
            for kept in self._kept:
                stack.enter_context(kept.in_use())
            yield base / WORK

    def run(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, reach: Collection[Site] = ()
    ) -> Completed:
        """As `Workshop.run`. `cwd` must be inside a scratch."""
        scratch = self._scratch_of(cwd)
        confinement = self._confinement()
        before = left_behind.given(scratch / WORK)
        credentials = handed_credentials.handed(self._credentials, argv[0], env or {})
        with credentials as handed, contextlib.ExitStack() as stack:
            base = self._base[confinement is not None]
            environment = {**base, **private_environment(scratch), **(env or {}), **handed.environment}
            start = Start(argv, cwd, environment, handed.descriptors)
            if confinement is None:
                return self._result(argv, self._waited(argv, start, None), scratch, before, None)
            cell = stack.enter_context(confinement.cell(start, Room(scratch, self._limits, reach)))
            return self._result(argv, self._waited(argv, cell.start, cell), scratch, before, cell)

    def _waited(self, argv: Sequence[str], start: Start, cell: Cell | None) -> Run:
        began = time.monotonic()
        run = Run(_started(start), self._limits, cell)
        if cell is not None:
            cell.emptied()
        log.debug("%s: %s in %.2f s", self._redact(_brief(argv)), run.outcome, time.monotonic() - began)
        return run

    def _result(
        self, argv: Sequence[str], run: Run, scratch: Path, before: left_behind.Given, cell: Cell | None
    ) -> Completed:
        left_behind.check(scratch / WORK, before)
        stdout, stderr = (_ANSI.sub("", text.decode("utf-8", "replace")) for text in (run.stdout, run.stderr))
        if run.ended and run.status == 0:
            return Completed(stdout, stderr)
        outcome = run.outcome
        # Some tools complain on stdout.
        words = self._redact(self._without_places(stderr.strip() or stdout.strip(), scratch))[-STDERR_KEPT:]
        if cell is not None and run.ended:
            # What a tool makes of a refusal hides it: "not found", "no solution".
            words = "; ".join(cell.refused) or words
            overrun = cell.overrun()
            outcome = f"stopped: {overrun}" if overrun is not None else "; ".join((outcome, *cell.refused))
        raise ToolError(f"{self._redact(' '.join(argv))}: {outcome}", words)

    def _without_places(self, words: str, scratch: Path) -> str:
        """Words that are the same for every scratch: they end up in an issue, where a new path would be news."""
        for base in (scratch, self._root / scratch.name):
            for place, shown in ((f"{base / WORK}/", ""), (str(base / WORK), "."), (str(base), ".")):
                words = words.replace(place, shown)
        words = words.replace(scratch.name, "scratch")
        # The longer name first: it begins like the other.
        for caches in (self._caches[False], self._caches[True]):
            words = words.replace(str(caches), "cache")
        return words.replace(str(Path.home()), "~")

    def _scratch_of(self, cwd: Path) -> Path:
        try:
            name, part = cwd.resolve(strict=True).relative_to(self._root.resolve()).parts[:2]
        except ValueError:
            name, part = "", ""
        if part != WORK:
            raise ValueError(f"{cwd} is not inside a scratch: tools run nowhere else")
        return self._root.resolve() / name


def _brief(argv: Sequence[str]) -> str:
    """A command for a line of the log: some carry whole programs and long paths."""
    words = [" ".join(word.split()) for word in (Path(argv[0]).name, *argv[1:])]
    return " ".join(word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…" for word in words)


def _started(start: Start) -> subprocess.Popen[bytes]:
    program = start.argv[0]
    try:
        return subprocess.Popen(
            start.argv,
            cwd=start.cwd,
            env=start.environment,
            pass_fds=start.descriptors,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ToolError(f"{program} is not installed or not on PATH: install it where the bot runs") from error
    except OSError as error:
        raise ToolError(f"{program} cannot be started: {error.strerror}") from error
