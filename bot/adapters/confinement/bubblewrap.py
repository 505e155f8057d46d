"""Shuts a tool in with bubblewrap: namespaces of its own, little to read, less to write, one way out."""

from __future__ import annotations

import contextlib
import functools
import resource
import shutil
import socket
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.confinement import entry, visible
from bot.adapters.confinement.usage import Usage
from bot.adapters.registries.allow_list import Site
from bot.adapters.tools.environment import confined_environment, trusted_files
from bot.adapters.tools.run import Limits
from remediators.errors import ToolError

if TYPE_CHECKING:
    from bot.adapters.confinement.egress import Egress, Exit

_NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup-try")
_ALONE = ("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox")

# Where the way out stands inside: nothing else listens there.
PORT = 3128
# What bubblewrap needs to set a sandbox up, at the worst.
ENTERED_WITHIN = PROBED_WITHIN = 30.0
# What is killed ends at once, but when the disk or the machine is stuck.
EMPTIED_WITHIN = 30.0

TMPFS_BYTES = 2**30
SHARED_MEMORY_BYTES = 2**26
# The bot looks at memory ten times a second; this is what it can grow to meanwhile.
MARGIN = 4

_START = entry.__file__
_HANDED = 2 + len(entry.WATCHED)


@dataclass(frozen=True, slots=True)
class Start:
    """What a process is started with."""

    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """Where a run takes place: its scratch, what it may take, and sites that only it may ask."""

    scratch: Path
    limits: Limits
    reach: Collection[Site] = ()


class Cell:
    """One confined run: the process to `start`, and what can be seen of it from outside."""

    def __init__(self, start: Start, room: Room, ends: tuple[socket.socket, socket.socket], egress: Egress) -> None:
        self.start = start
        self._room = room
        self._outside, self._inside = ends
        self._egress = egress
        self._usage: Usage | None = None
        self._way: Exit | None = None

    def entered(self) -> None:
        """Wait for the process to be inside, and open its way out. One that ends before says why itself.

        Raises ToolError when it does neither in time: nobody would watch over it.
        """
        self._inside.close()
        self._outside.settimeout(ENTERED_WITHIN)
        try:
            _, descriptors, _, _ = socket.recv_fds(self._outside, 1, _HANDED)
        except TimeoutError as error:
            late = f"bubblewrap did not set a sandbox up within {ENTERED_WITHIN:g} s"
            raise ToolError(f"{late}: run again when the machine is less busy") from error
        if descriptors:
            listener, processes, *memory = descriptors
            self._usage = Usage(processes, memory, self._room.scratch / "work", self._room.limits)
            self._way = self._egress.open(socket.socket(fileno=listener), self._room.reach)

    def excess(self) -> str | None:
        """Which limit it is over."""
        return self._usage.excess() if self._usage is not None else None

    def overrun(self) -> str | None:
        """Which limit it has come to an end at."""
        return self._usage.overrun() if self._usage is not None else None

    def emptied(self) -> None:
        """Wait for the end of what the tool left running, which is killed a moment after it. Raises ToolError.

        Until then it could still change what was looked at.
        """
        if self._usage is not None and not self._usage.emptied(EMPTIED_WITHIN):
            raise ToolError(f"what it started in its sandbox could not be ended within {EMPTIED_WITHIN:g} s")

    @property
    def refused(self) -> tuple[str, ...]:
        """Why hosts that it asked for were refused."""
        return tuple(self._way.refused.values()) if self._way is not None else ()

    def close(self) -> None:
        """Let go of it. Its process was ended before; also where a run was given up, nothing of it writes any more."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._outside.close)
            stack.callback(self._inside.close)
            if self._usage is not None:
                stack.callback(self._usage.close)
                stack.callback(self._usage.emptied, EMPTIED_WITHIN)
            if self._way is not None:
                self._egress.shut(self._way)


class Confinement:
    """Makes cells. `caches` is the one folder besides the scratch that a tool may write to."""

    def __init__(self, caches: Path, egress: Egress) -> None:
        self._caches = caches
        self._egress = egress

    @contextmanager
    def cell(self, start: Start, room: Room) -> Iterator[Cell]:
        """A cell for a tool. Raises ToolError for one that is not installed."""
        environment = confined_environment(start.environment, f"http://127.0.0.1:{PORT}")
        program, shown = visible.found(start.argv[0], environment["PATH"])
        environment["PATH"] = visible.path(environment["PATH"], shown)
        seen = (*shown, *trusted_files(environment), Path(_START))
        self._caches.mkdir(parents=True, exist_ok=True)
        outside, inside = socket.socketpair()
        argv = [
            *_bubblewrap(seen),
            *_tmpfs(TMPFS_BYTES, str(room.scratch / "home")),
            *_writable(room.scratch / "work"),
            *_writable(self._caches),
            *("--remount-ro", "/", "--chdir", str(start.cwd), "--"),
            *(visible.INTERPRETER, "-I", "-S", "-E", _START, str(inside.fileno()), str(PORT), _limited(room.limits)),
            *(program, *start.argv[1:]),
        ]
        confined = Start(argv, start.cwd, environment, (*start.descriptors, inside.fileno()))
        cell = Cell(confined, room, (outside, inside), self._egress)
        try:
            yield cell
        finally:
            cell.close()


def _bubblewrap(seen: Sequence[Path]) -> Iterator[str]:
    yield shutil.which("bwrap") or "bwrap"
    yield from (f"--unshare-{each}" for each in _NAMESPACES)
    yield from _ALONE
    yield from _readable(visible.SYSTEM)
    for root in map(Path, visible.ROOTS):
        if root.is_symlink():
            yield from ("--symlink", str(root.readlink()), str(root))
        elif root.is_dir():
            yield from _readable(root)
    for each in visible.ETC:
        yield from ("--ro-bind-try", each, each)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from _tmpfs(SHARED_MEMORY_BYTES, "/dev/shm")  # noqa: S108 -- the sandbox's own
    yield from ("--remount-ro", "/dev")
    yield from _tmpfs(TMPFS_BYTES, "/tmp")  # noqa: S108 -- the sandbox's own
    for place in seen:
        yield from ("--ro-bind-try", str(place), str(place))


def _readable(place: Path) -> tuple[str, ...]:
    return ("--ro-bind", str(place), str(place))


def _writable(place: Path) -> tuple[str, ...]:
    return ("--bind", str(place), str(place))


def _tmpfs(size: int, place: str) -> tuple[str, ...]:
    return ("--size", str(size), "--tmpfs", place)


def _limited(limits: Limits) -> str:
    """What the system itself enforces, in the form that `entry` reads."""
    values = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NPROC: MARGIN * limits.processes,
        resource.RLIMIT_DATA: MARGIN * limits.memory,
    }
    return ",".join(f"{kind}={value}" for kind, value in values.items())


@functools.cache
def impossible() -> str | None:
    """Why bubblewrap cannot make such a sandbox here; None when it can. Probed until it is known.

    Raises ToolError when it does not answer: a busy moment must not have all later tools run unconfined.
    """
    probe = [*_bubblewrap(()), "--remount-ro", "/", "--", "true"]
    try:
        subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=PROBED_WITHIN)
    except FileNotFoundError:
        return "bubblewrap (bwrap) is not installed"
    except subprocess.CalledProcessError as error:
        return f"bubblewrap cannot make a sandbox here: {error.stderr.decode('utf-8', 'replace').strip()}"
    except subprocess.TimeoutExpired as error:
        late = f"bubblewrap did not tell within {PROBED_WITHIN:g} s whether it can make a sandbox here"
        raise ToolError(f"{late}: run again when the machine is less busy") from error
    except OSError as error:
        return f"bubblewrap does not work here: {error}"
    return None
