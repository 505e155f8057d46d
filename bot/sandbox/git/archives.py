"""Archives, blame: what git makes of a commit as a whole."""

from __future__ import annotations

import bz2
from dataclasses import dataclass

from bot.sandbox.git.repository import Repository

# Extension asked for -> (format, content type); git itself makes all but bzip2.
FORMATS = {
    "tar.gz": ("tar.gz", "application/gzip"),
    "tgz": ("tar.gz", "application/gzip"),
    "gz": ("tar.gz", "application/gzip"),
    "tar.bz2": ("tar.bz2", "application/x-bzip2"),
    "tbz": ("tar.bz2", "application/x-bzip2"),
    "tbz2": ("tar.bz2", "application/x-bzip2"),
    "tb2": ("tar.bz2", "application/x-bzip2"),
    "bz2": ("tar.bz2", "application/x-bzip2"),
    "tar": ("tar", "application/x-tar"),
    "zip": ("zip", "application/zip"),
}


@dataclass(frozen=True, slots=True)
class Blamed:
    """A run of lines and the commit that wrote them."""

    sha: str
    lines: tuple[str, ...]


def archive(repository: Repository, sha: str, format_: str, prefix: str, path: str = "") -> bytes:
    """All files at a commit (or below `path`), under the folder `prefix`. Raises GitError for a path that is none."""
    where = (f":(literal){path.strip('/')}",) if path.strip("/") else ()
    bzipped = format_ == "tar.bz2"
    flags = (f"--format={'tar' if bzipped else format_}", f"--prefix={prefix}/")
    content = repository.git("archive", *flags, sha, "--", *where).stdout
    return bz2.compress(content) if bzipped else content


def blame(repository: Repository, sha: str, path: str, first: int | None, last: int | None) -> list[Blamed]:
    """Who wrote the lines of a file, in order. Raises GitError for lines that are not there."""
    lines = (f"-L{first},{last}",) if first and last else ()
    output = repository.git("blame", "--porcelain", *lines, sha, "--", path).stdout.decode("utf-8", "replace")
    found: list[Blamed] = []
    current = ""
    for line in output.split("\n"):
        if line.startswith("\t"):
            if found and found[-1].sha == current:
                found[-1] = Blamed(current, (*found[-1].lines, line[1:]))
            else:
                found.append(Blamed(current, (line[1:],)))
        elif len(line.split(" ")[0]) == 40:
            current = line.split(" ")[0]
    return found
