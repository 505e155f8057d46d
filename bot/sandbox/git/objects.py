"""Git's object format in Python: names, encodings and loose files, so that a small write starts no process."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

FULL_SHA = re.compile(r"[0-9a-f]{40}")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ABSENT = "0" * 40

FILE, EXECUTABLE, LINK, DIRECTORY, SUBMODULE = "100644", "100755", "120000", "040000", "160000"

Sink = Callable[[str, bytes], str]
"""Takes an object's kind and body, returns its name: `name_of` computes it, `LooseObjects.write` stores it too."""


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer line. `at` is aware and keeps the offset that was recorded."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit object. `message` is whole and as stored, including its final newline."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    @property
    def title(self) -> str:
        """The first line of the message."""
        return self.message.lstrip("\n").partition("\n")[0].strip()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A blob (or submodule commit) in a tree."""

    mode: str
    sha: str


class ShapeError(Exception):
    """A path is both a file and a directory."""


def name_of(kind: str, body: bytes) -> str:
    """The SHA-1 that git gives to this object."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(body)) + body, usedforsecurity=False).hexdigest()


Objects = dict[str, tuple[str, bytes]]
"""Kind and body by name."""


def gathering(objects: Objects) -> Sink:
    """A sink that collects into `objects`."""

    def sink(kind: str, body: bytes) -> str:
        sha = name_of(kind, body)
        objects[sha] = (kind, body)
        return sha

    return sink


def write_tree(leaves: Mapping[str, Leaf], sink: Sink) -> str:
    """The root tree over all leaves by path (POSIX). Raises ShapeError where a file stands on a directory's path."""
    files: dict[str, Leaf] = {}
    folders: dict[str, dict[str, Leaf]] = {}
    for path, leaf in leaves.items():
        top, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(top, {})[rest] = leaf
        else:
            files[top] = leaf
    if clash := files.keys() & folders.keys():
        raise ShapeError(f"{min(clash)} is both a file and a directory")
    below = {name: Leaf(DIRECTORY, write_tree(inside, sink)) for name, inside in folders.items()}
    return sink("tree", _encode_tree({**files, **below}))


def _encode_tree(entries: Mapping[str, Leaf]) -> bytes:
    # Git sorts a directory as if its name ended in a slash, and writes its mode without the leading zero.
    def order(name: str) -> bytes:
        return os.fsencode(name) + (b"/" if entries[name].mode == DIRECTORY else b"")

    return b"".join(
        b"%s %s\0" % (entries[name].mode.lstrip("0").encode(), os.fsencode(name)) + bytes.fromhex(entries[name].sha)
        for name in sorted(entries, key=order)
    )


def encode_commit(tree: str, parents: Iterable[str], author: Person, committer: Person, message: str) -> bytes:
    """A commit object's body."""
    lines = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {_signature(author)}"]
    return "\n".join([*lines, f"committer {_signature(committer)}", "", message]).encode()


def encode_tag(target: str, name: str, tagger: Person, message: str) -> bytes:
    """An annotated tag's body, over a commit."""
    lines = [f"object {target}", "type commit", f"tag {name}", f"tagger {_signature(tagger)}"]
    return "\n".join([*lines, "", message.rstrip("\n") + "\n"]).encode()


def _signature(person: Person) -> str:
    name, email = (re.sub(r"[<>\n\0]", "", part).strip() for part in (person.name, person.email))
    return f"{name} <{email}> {int(person.at.timestamp())} {person.at.strftime('%z') or '+0000'}"


def parse_commit(sha: str, body: bytes) -> Commit:
    """The commit that `encode_commit` (or git) wrote; unknown headers, such as signatures, are passed over."""
    head, _, message = body.decode("utf-8", "replace").partition("\n\n")
    headers = [line.split(" ", 1) for line in head.split("\n") if " " in line and not line.startswith(" ")]
    fields = dict(headers)
    return Commit(
        sha=sha,
        tree=fields["tree"],
        parents=tuple(value for key, value in headers if key == "parent"),
        author=parse_person(fields["author"]),
        committer=parse_person(fields["committer"]),
        message=message,
    )


def names_in_tree(body: bytes) -> list[str]:
    """The names of a tree's entries."""
    names, at = [], 0
    while at < len(body):
        end = body.index(b"\0", at)
        names.append(os.fsdecode(body[at:end].partition(b" ")[2]))
        at = end + 21
    return names


@dataclass(frozen=True, slots=True)
class Annotation:
    """A tag object. `tagged_at` is None for one without a tagger."""

    target: str
    message: str
    tagged_at: datetime | None


def parse_tag(body: bytes) -> Annotation:
    """The tag that `encode_tag` (or git) wrote."""
    head, _, message = body.decode("utf-8", "replace").partition("\n\n")
    fields = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
    tagger = fields.get("tagger")
    return Annotation(fields["object"], message, parse_person(tagger).at if tagger else None)


def parse_person(line: str) -> Person:
    """The person of an `author`, `committer` or `tagger` line."""
    identity, seconds, offset = line.rsplit(" ", 2)
    name, _, email = identity.partition(" <")
    minutes = int(offset[-4:-2]) * 60 + int(offset[-2:])
    zone = timezone(timedelta(minutes=-minutes if offset.startswith("-") else minutes))
    return Person(name, email.rstrip(">"), datetime.fromtimestamp(int(seconds), zone))


class LooseObjects:
    """The `objects` folder of one repository, as far as it is loose files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: str, body: bytes) -> str:
        """Store an object and return its name; one that is there already is left alone."""
        sha = name_of(kind, body)
        target = self._path(sha)
        if target.exists():
            return sha
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix="tmp_obj_", delete=False) as draft:
            draft.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(body)) + body, 1))
        Path(draft.name).chmod(0o444)
        Path(draft.name).replace(target)
        return sha

    def read(self, sha: str) -> tuple[str, bytes] | None:
        """Kind and body; None when the object is not a loose file."""
        try:
            packed = self._path(sha).read_bytes()
        except FileNotFoundError:
            return None
        header, _, body = zlib.decompress(packed).partition(b"\0")
        return header.split(b" ")[0].decode(), body

    def _path(self, sha: str) -> Path:
        return self._folder / sha[:2] / sha[2:]
