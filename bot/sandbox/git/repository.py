"""One bare repository: resolving names, reading objects, moving refs. Blocking, and safe to use from any thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.git.objects import (
    ABSENT,
    FULL_SHA,
    Commit,
    LooseObjects,
    Objects,
    Person,
    encode_commit,
    encode_tag,
    parse_commit,
)
from bot.sandbox.git.packs import write_pack
from bot.sandbox.git.plumbing import GitError, Ran, run
from bot.sandbox.git.refs import Refs

HEADS, TAGS = "refs/heads/", "refs/tags/"
_MOST_LOOSE = 8
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


class MovedError(Exception):
    """A ref was not where the caller thought it was, or cannot be created; the message is git's."""


@dataclass(frozen=True, slots=True)
class Move:
    """Take `ref` from `before` to `after`; ABSENT stands for "does not exist"."""

    ref: str
    before: str
    after: str


class Repository:
    """A bare repository in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refs = Refs(folder)
        self._loose = LooseObjects(folder / "objects")

    @classmethod
    def init(cls, folder: Path, branch: str, head: str | None = None, objects: Objects | None = None) -> Repository:
        """A new repository whose HEAD names `branch`, laid out as `git init --bare` does, without a process.

        `branch` stands at `head` and `objects` are there from the start. HEAD is written last: without it the
        making was interrupted.
        """
        for part in ("objects", "refs/heads"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "config").write_text(_CONFIG, "ascii")
        repository = cls(folder)
        repository.store(objects or {})
        if head is not None:
            ref = folder / HEADS / branch
            ref.parent.mkdir(parents=True, exist_ok=True)
            ref.write_text(f"{head}\n", "ascii")
        repository.set_head(branch)
        return repository

    def set_head(self, branch: str) -> None:
        """Make `branch` what a plain clone checks out."""
        draft = self.folder / "HEAD.lock"
        draft.write_text(f"ref: {HEADS}{branch}\n", "utf-8")
        draft.replace(self.folder / "HEAD")

    def git(self, *arguments: str, stdin: bytes = b"", allowed: tuple[int, ...] = (0,)) -> Ran:
        """Run git here. Raises GitError."""
        return run(self.folder, *arguments, stdin=stdin, allowed=allowed)

    def branch(self, name: str) -> str | None:
        """The commit of a branch; None when there is none."""
        return self.refs.get(HEADS + name)

    def branches(self) -> dict[str, str]:
        """Every branch and its commit, by name."""
        return self.refs.under(HEADS)

    def tags(self) -> dict[str, str]:
        """Every tag and the object it names (a commit, or a tag object), by name."""
        return self.refs.under(TAGS)

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, tag, SHA (short or full) or git expression names; None when there is none."""
        if FULL_SHA.fullmatch(revision):
            return self._peeled(revision)
        for prefix in ("", TAGS, HEADS):
            if found := self.refs.get(prefix + revision):
                return self._peeled(found)
        if not revision or revision.startswith("-") or "\0" in revision:
            return None
        asked = self.git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", allowed=(0, 1, 128)
        )
        named = FULL_SHA.fullmatch(asked.stdout.decode().strip())  # a range would be two lines
        return named[0] if named else None

    def object(self, sha: str) -> tuple[str, bytes] | None:
        """Kind and body of an object by full SHA; None when it is not here."""
        return self.objects([sha]).get(sha)

    def objects(self, shas: Iterable[str]) -> dict[str, tuple[str, bytes]]:
        """Kind and body of every one of these objects that is here; at most one process, for those in packs."""
        found, packed = {}, []
        for sha in shas:
            loose = self._loose.read(sha)
            if loose is None:
                packed.append(sha)
            else:
                found[sha] = loose
        if packed:
            asked = "".join(f"{sha}\n" for sha in packed)
            found.update(_batch(self.git("cat-file", "--batch", stdin=asked.encode()).stdout))
        return found

    def commit(self, revision: str) -> Commit | None:
        """The commit that `revision` names; None when there is none."""
        sha = self.resolve(revision)
        found = self.object(sha) if sha else None
        return parse_commit(sha, found[1]) if sha and found else None

    def write(self, kind: str, body: bytes) -> str:
        """Store an object and return its name."""
        return self._loose.write(kind, body)

    def store(self, objects: Mapping[str, tuple[str, bytes]]) -> None:
        """Store objects (kind and body by name): few as files, many as a pack; commits stay quick to read."""
        packed = len(objects) > _MOST_LOOSE
        if packed:
            write_pack(self.folder / "objects" / "pack", objects)
        for kind, body in objects.values():
            if not packed or kind == "commit":
                self._loose.write(kind, body)

    def write_commit(
        self, tree: str, parents: tuple[str, ...], author: Person, message: str, committer: Person | None = None
    ) -> str:
        """Store a commit and return its name; `committer` is the author where not given."""
        return self.write("commit", encode_commit(tree, parents, author, committer or author, message))

    def write_tag(self, target: str, name: str, tagger: Person, message: str) -> str:
        """Store an annotated tag over a commit and return its name."""
        return self.write("tag", encode_tag(target, name, tagger, message))

    def move(self, *moves: Move) -> None:
        """Move refs, all or none. Raises MovedError when one is not at its `before`, or cannot be created."""
        lines = [
            f"delete {m.ref}\0{m.before}\0" if m.after == ABSENT else f"update {m.ref}\0{m.after}\0{m.before}\0"
            for m in moves
        ]
        try:
            self.git("update-ref", "--stdin", "-z", stdin="".join(lines).encode())
        except GitError as error:
            raise MovedError(error.stderr) from error

    def bring(self, other: Repository, sha: str, ref: str) -> None:
        """Copy a commit and its history from another repository, and keep it under `ref`."""
        self.git("-c", "protocol.file.allow=always", "fetch", "--no-tags", str(other.folder), f"+{sha}:{ref}")

    def _peeled(self, sha: str) -> str | None:
        found = self.object(sha)
        for _ in range(8):
            if found is None or found[0] != "tag":
                break
            sha = found[1].split(b"\n", 1)[0].removeprefix(b"object ").decode()
            found = self.object(sha)
        return sha if found is not None and found[0] == "commit" else None


def _batch(answer: bytes) -> Iterator[tuple[str, tuple[str, bytes]]]:
    # "<sha> <kind> <size>\n<body>\n" for one that is here, "<sha> missing\n" for one that is not.
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        fields = answer[at:end].decode().split(" ")
        at = end + 1
        if len(fields) == 3:
            size = int(fields[2])
            yield fields[0], (fields[1], answer[at : at + size])
            at += size + 1
