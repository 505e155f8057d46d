"""What of this machine a tool in a sandbox can see: the system's programs, and folders that tools are installed in."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from remediators.errors import ToolError

SYSTEM = Path("/usr")
# Either part of /usr by a link, or folders of their own.
ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# Nothing else of /etc: names of users and hosts, and keys (/etc/ssl/private), are nobody's business inside.
ETC = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)

# What of a prefix (/opt/node, a virtual environment) programs need. `share` and `etc` may hold anybody's data.
PARTS = ("bin", "lib", "lib64", "libexec", "include", "pyvenv.cfg")

INTERPRETER = os.path.realpath(sys.executable)

_LINKS_FOLLOWED = 20


def found(name: str, path: str) -> tuple[str, tuple[Path, ...]]:
    """A program on `path`, and every folder outside the system that has to be seen for it to run. Raises ToolError."""
    program = shutil.which(name, path=path)
    if program is None:
        raise ToolError(f"{name} is not installed or not on PATH: install it where the bot runs")
    shown = dict.fromkeys((*_of_path(path), *_of_program(Path(program))))
    return program, tuple(shown)


def path(given: str, shown: Iterable[Path]) -> str:
    """The part of a PATH that is seen, and the bot's own Python, which shims on PATH may have led to."""
    seen = tuple(shown)
    folders = [folder for folder in dict.fromkeys((*given.split(os.pathsep), str(Path(INTERPRETER).parent))) if folder]
    return os.pathsep.join(f for f in folders if _in_system(Path(f)) or any(Path(f).is_relative_to(s) for s in seen))


@functools.lru_cache
def _of_path(path: str) -> tuple[Path, ...]:
    """Where the bot's own Python stands, and what is installed in the prefixes on PATH: a tool starts other tools."""
    prefixes = (Path(sys.prefix), Path(sys.base_prefix))
    programs = (parts for prefix in prefixes for parts in _parts(prefix))
    folders = (part for folder in path.split(os.pathsep) for part in _of_folder(Path(folder)) if folder)
    return tuple(dict.fromkeys((*programs, *_of_program(Path(sys.executable)), *folders)))


def _of_program(program: Path) -> Iterator[Path]:
    """Its folder, and those that links lead to."""
    for _ in range(_LINKS_FOLLOWED):
        yield from _of_folder(program.parent) or (program.parent,)
        if not program.is_symlink():
            return
        program = program.parent / program.readlink()
        program = Path(os.path.normpath(program))


def _of_folder(folder: Path) -> tuple[Path, ...]:
    """What to see for a folder of programs: the parts of its prefix; nothing for shims, which need more than that."""
    if _in_system(folder) or folder.name not in ("bin", "sbin") or not folder.is_dir():
        return ()
    prefix = folder.parent
    return (folder,) if prefix in (Path.home(), Path("/")) else (folder, *_parts(prefix))


def _parts(prefix: Path) -> tuple[Path, ...]:
    parts = (prefix / part for part in PARTS)
    return tuple(part for part in parts if part.exists() and not _in_system(part))


def _in_system(folder: Path) -> bool:
    return any(folder.is_relative_to(root) for root in (SYSTEM, *ROOTS))
