"""The files that a requirements file leads to by `-r` and `-c`, and what they say together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import PurePosixPath

from remediators.api import Reader
from remediators.errors import ManifestError
from remediators.python.vendored import vendored
from remediators.requirements.file import Item, read_file
from remediators.requirements.lines import Include, Index, Problem
from state.model import Failure, Scope

_SOURCES = ("requirements*.in", "requirements/*.in", "constraints*.in", "*-requirements.in", "*_requirements.in")
_MANIFESTS = (
    "requirements*.txt",
    "requirements/*.txt",
    "constraints*.txt",
    "*-requirements.txt",
    "*_requirements.txt",
)

_DEV_WORDS = frozenset(("ci", "dev", "develop", "development", "doc", "docs", "lint", "test", "tests", "testing"))


def is_manifest(path: str, present: Collection[str] = ()) -> bool:
    """Whether a file is a requirements or constraints file by its name; a source (`.in`) only where nothing of its
    name was compiled among those `present`, and never without them.
    """
    if vendored(path):
        return False
    if any(PurePosixPath(path).match(pattern) for pattern in _SOURCES):
        return bool(present) and f"{path.removesuffix('.in')}.txt" not in present
    return any(PurePosixPath(path).match(pattern) for pattern in _MANIFESTS)


def items_of(path: str, read: Reader) -> tuple[Item, ...]:
    """What a file says; nothing for one that does not exist (its include is the problem)."""
    raw = read(path)
    return () if raw is None else read_file(path, raw)


def reached(manifest: str, read: Reader, within: Callable[[str], bool] = lambda path: True) -> tuple[str, ...]:
    """The files that exist from `manifest` on, itself first; only through those that are `within`.

    Raises ManifestError for an include that leaves the repository.
    """
    files = [manifest]
    for path in files:
        for item in items_of(path, read):
            target = target_of(path, item) if isinstance(item, Include) else None
            if target and target not in files and within(target) and read(target) is not None:
                files.append(target)
    return tuple(files)


def own_files(manifest: str, read: Reader) -> tuple[str, ...]:
    """The files whose lines belong to the unit of `manifest`: itself, and includes that are no units of their own."""

    def within(path: str) -> bool:
        output = f"{path.removesuffix('.in')}.txt"
        return not is_manifest(path, (path,) if read(output) is None else (path, output))

    return reached(manifest, read, within)


def in_order(manifest: str, read: Reader) -> Iterator[tuple[Item, bool]]:
    """Every item as pip reads it, includes where they stand, each once; and whether it only constrains (`-c`)."""
    seen = {(manifest, False)}
    reading = [(manifest, False, iter(items_of(manifest, read)))]
    while reading:
        path, constrains, items = reading[-1]
        item = next(items, None)
        if item is None:
            reading.pop()
            continue
        yield item, constrains
        target = target_of(path, item) if isinstance(item, Include) else None
        if target and isinstance(item, Include):
            inner = (target, constrains or item.constrains)
            if inner not in seen:
                seen.add(inner)
                reading.append((*inner, iter(items_of(target, read))))


def index_of(manifest: str, read: Reader) -> str | None:
    """The index that pip would use for a file: the last one named."""
    named = [item.url for item, _ in in_order(manifest, read) if isinstance(item, Index)]
    return named[-1] if named else None


def target_of(path: str, include: Include) -> str | None:
    """The path that a file includes; None for a URL. Raises ManifestError when it leaves the repository."""
    if "://" in include.path:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), include.path))
    if target.startswith(("../", "/")) or target == "..":
        raise ManifestError(
            f"{path} line {include.line} includes {include.path}, which is outside the repository; include a file of it"
        )
    return target


def problems_of(path: str, items: Sequence[Item], read: Reader) -> Iterator[Failure]:
    """The lines of a file that are not handled."""
    for item in items:
        if isinstance(item, Problem):
            yield Failure(path, f"line {item.line} of {path}: {item.reason}", item.fault)
        if isinstance(item, Include):
            target = target_of(path, item)
            if target is None:
                yield Failure(path, f"line {item.line} of {path} includes a URL; include a file instead", fault=False)
            elif read(target) is None:
                yield Failure(path, f"line {item.line} of {path} includes {target}, which does not exist; add it")


def scope_of(path: str) -> Scope:
    """What the packages of a file are for, as its name tells."""
    words = re.split(r"[^a-z]+", PurePosixPath(path).stem.lower())
    return Scope.DEV if _DEV_WORDS.intersection(words) else Scope.RUNTIME
