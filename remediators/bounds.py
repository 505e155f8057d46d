"""How much of one file is read: more than any real one holds, less than takes a second or 200 MB to read.

Time and memory grow with what a file is made of rather than with its bytes: a megabyte of `[],[],` costs what ten of a
lockfile do. So both are bounded: bytes, and pieces, which are counted by the marks that begin or end one.
`python -m benchmarks.fuzz.limits` measures the dearest files that pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from remediators.errors import ManifestError


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most `largest` bytes, and at most `most` of the bytes in `marks`."""

    largest: int
    most: int
    marks: bytes

    def check(self, name: str, raw: bytes) -> None:
        """Raises ManifestError, with the size and the limit, for a file `name` that is too much to read."""
        if excess := self.excess(raw):
            raise ManifestError(f"{name} {excess}: make it smaller, or look after it by hand")

    def excess(self, raw: bytes) -> str:
        """How `raw` is too much to read, with its size and the limit; "" when it is not."""
        if len(raw) > self.largest:
            return f"has {len(raw):,} bytes, and at most {self.largest:,} of such a file are read"
        pieces = sum(raw.count(mark) for mark in self.marks)
        if pieces > self.most:
            return f"has {pieces:,} lines, values and separators, and at most {self.most:,} are read"
        return ""


MOST_REQUIREMENTS = 3_000
"""In one manifest: each costs a hundred microseconds to read, and as much again to move."""


MOST_PACKAGES = 30_000
"""In one lockfile: the smallest entry has a few bytes, and costs twenty microseconds."""


def check_packages(name: str, number: int) -> None:
    """Raises ManifestError, with the number and the limit, for a lockfile that holds too many."""
    if number > MOST_PACKAGES:
        raise ManifestError(
            f"{name} holds {number:,} packages, and at most {MOST_PACKAGES:,} are read: "
            "split the workspace, or look after it by hand"
        )


def check_requirements(name: str, number: int) -> None:
    """Raises ManifestError, with the number and the limit, for a manifest that names too many."""
    if number > MOST_REQUIREMENTS:
        raise ManifestError(
            f"{name} names {number:,} requirements, and at most {MOST_REQUIREMENTS:,} of one file are read: "
            "take it apart, or look after it by hand"
        )


TOML_LOCKFILE = Bounds(6 * 2**20, 200_000, b"\n,=[{")
TOML_MANIFEST = Bounds(2**20, 30_000, b"\n,=[{")
JSON_LOCKFILE = Bounds(8 * 2**20, 220_000, b",:[{")
JSON_MANIFEST = Bounds(2**20, 30_000, b",:[{")
YAML_LOCKFILE = Bounds(6 * 2**20, 100_000, b"\r\n,")
YARN_LOCKFILE = Bounds(6 * 2**20, 90_000, b"\n,")
SCRIPT = Bounds(2 * 2**20, 100_000, b"\n")
# Its syntax tree takes a thousand times as much.
SETUP_PY = Bounds(128 * 2**10, 100_000, b"\n")
SETUP_CFG = Bounds(2**20, 20_000, b"\r\n")
# Hashes cost next to nothing, requirements a hundred microseconds each: those are counted when they are read.
REQUIREMENTS = Bounds(4 * 2**20, 200_000, b"\n")
CONFIGURATION = Bounds(2**18, 10_000, b"\r\n,")

# Answers of registries. The largest that are known: 24 MB and 1.4 million pieces (firebase on npm); 18 MB of HTML, or
# 50 MB and 1.5 million pieces of JSON, for 47,000 files (ddtrace on a simple index).
PACKAGE_DOCUMENT = Bounds(64 * 2**20, 3_000_000, b",:[{")
PROJECT_PAGE = Bounds(64 * 2**20, 2_500_000, b",:[{")
PROJECT_PAGE_HTML = Bounds(32 * 2**20, 250_000, b"<")
