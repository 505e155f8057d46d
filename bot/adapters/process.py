"""Scratch directories and the tools that run in them: scrubbed environment, bounded time, bounded output."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.adapters import tool_credentials
from bot.adapters.credential import Credential
from bot.adapters.redaction import Redactor
from remediators.api import Completed, ToolError

STDERR_SHOWN = 2_000

# A scratch lives for minutes; one this old was left behind by a bot that was killed.
ABANDONED_AFTER = 24 * 3600.0

# A reader is done as soon as its process group is dead; only a process that fled the group can hold it up.
DRAINED_WITHIN = 5.0

# Network settings that tools may need; nothing else of the bot's environment reaches them.
NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
# What a machine behind a proxy that breaks TLS open sets, for every tool to trust it; ours, when configured, wins.
CA_BUNDLE = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of a tool may take: seconds on the clock, bytes on each of stdout and stderr."""

    seconds: float = 600.0
    output: int = 16 * 2**20


class LocalWorkshop:
    """Runs tools on this machine, each in its own process group, with a private home beside its scratch.

    `environ` is what PATH and proxies are taken from; `caches` is where tools keep their downloads; `credentials`
    are those of registries, by host.
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
    ) -> None:
        self._root = root
        self._credentials = credentials or {}
        self._redact = redact or Redactor()
        self._limits = limits or Limits()
        self._caches = caches
        self._base = _base_environment(caches, environ, ca_bundle)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty directory that is removed afterwards."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear_abandoned()
        base = Path(tempfile.mkdtemp(dir=self._root))
        for part in ("work", "home", "tmp"):
            (base / part).mkdir()
        try:
            yield base / "work"
        finally:
            _remove(base)

    def run(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> Completed:
        """As `Tools.run`. `cwd` must be inside a scratch."""
        scratch = self._scratch_of(cwd)
        private = _private(scratch)
        with tool_credentials.handed(self._credentials) as handed:
            environment = {**self._base, **private, **handed.environment, **(env or {})}
            process = self._start(argv, cwd, environment, handed.descriptors)
            run = _Run(process, self._limits)
        stdout, stderr = (_ANSI.sub("", text.decode("utf-8", "replace")) for text in (run.stdout, run.stderr))
        if run.ended and process.returncode == 0:
            return Completed(stdout, stderr)
        # Some tools complain on stdout.
        words = self._redact(self._without_places(stderr.strip() or stdout.strip(), scratch))[-STDERR_SHOWN:]
        raise ToolError(f"{self._redact(' '.join(argv))}: {run.outcome}", words)

    def _start(
        self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], descriptors: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ToolError(f"{argv[0]} is not installed or not on PATH: install it where the bot runs") from error
        except OSError as error:
            raise ToolError(f"{argv[0]} cannot be started: {error.strerror}") from error

    def _without_places(self, words: str, scratch: Path) -> str:
        """Words that are the same for every scratch: they end up in an issue, where a new path would be news."""
        for base in (scratch, self._root / scratch.name):
            for place, shown in ((f"{base}/work/", ""), (f"{base}/work", "."), (str(base), ".")):
                words = words.replace(place, shown)
        return words.replace(str(self._caches), "cache").replace(str(Path.home()), "~")

    def _clear_abandoned(self) -> None:
        for folder in self._root.iterdir():
            # Another bot may be clearing the same ones.
            with contextlib.suppress(FileNotFoundError):
                if time.time() - folder.stat().st_mtime > ABANDONED_AFTER:
                    _remove(folder)

    def _scratch_of(self, cwd: Path) -> Path:
        try:
            name, part = cwd.resolve(strict=True).relative_to(self._root.resolve()).parts[:2]
        except ValueError:
            name, part = "", ""
        if part != "work":
            raise ValueError(f"{cwd} is not inside a scratch: tools run nowhere else")
        return self._root.resolve() / name


class _Run:
    """Waits for a process within the limits and keeps what it printed. No process of its group is left after it."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self._process = process
        self.ended = True
        self.outcome = ""
        pipes = (pipe for pipe in (process.stdout, process.stderr) if pipe is not None)
        readers = [_Reader(pipe, limits.output, self._overflowed) for pipe in pipes]
        try:
            process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            self._stop(f"stopped after {limits.seconds:g} s: it takes too long")
        finally:
            self._kill()
        self.stdout, self.stderr = (reader.text() for reader in readers)
        status = process.wait()
        self.outcome = self.outcome or f"exited with status {status}"

    def _overflowed(self, limit: int) -> None:
        self._stop(f"stopped: it printed more than {limit:,} bytes")
        self._kill()

    def _stop(self, outcome: str) -> None:
        self.ended, self.outcome = False, outcome

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class _Reader:
    """Reads a stream to its end in a thread, so that a full pipe never stops the process; keeps the first `limit`."""

    def __init__(self, stream: IO[bytes], limit: int, overflowed: Callable[[int], None]) -> None:
        self._stream = stream
        self._limit = limit
        self._overflowed = overflowed
        self._text = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> bytes:
        """What was read."""
        self._thread.join(DRAINED_WITHIN)
        return bytes(self._text)

    def _read(self) -> None:
        with self._stream:
            while chunk := self._stream.read(2**16):
                room = self._limit - len(self._text)
                self._text += chunk[:room]
                if len(chunk) > room:
                    self._overflowed(self._limit)


@functools.cache
def sandboxing() -> str | None:
    """Why bubblewrap cannot make namespaces here; None when it can. Probed once."""
    try:
        probe = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
        subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=10)
    except FileNotFoundError:
        return "bubblewrap (bwrap) is not installed"
    except subprocess.CalledProcessError as error:
        return f"bubblewrap cannot make namespaces here: {error.stderr.decode('utf-8', 'replace').strip()}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work here: {error}"
    return None


def _base_environment(caches: Path, environ: Mapping[str, str], ca_bundle: Path | None) -> dict[str, str]:
    # The tools that come with the bot (uv, pip-audit) stand beside its interpreter.
    path = os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", os.defpath)))
    return {
        "PATH": path,
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": str(caches / "uv"),
        "PIP_CACHE_DIR": str(caches / "pip"),
        "npm_config_cache": str(caches / "npm"),
        "npm_config_logs_max": "0",
        **{name: environ[name] for name in (*NETWORK, "SSL_CERT_DIR", *CA_BUNDLE) if name in environ},
        **({name: str(ca_bundle) for name in CA_BUNDLE} if ca_bundle is not None else {}),
    }


def _private(scratch: Path) -> dict[str, str]:
    home = scratch / "home"
    return {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "TMPDIR": str(scratch / "tmp"),
    }


def _remove(folder: Path) -> None:
    # Some tools write-protect what they unpack.
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)
