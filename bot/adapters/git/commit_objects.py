"""Commits without a work tree: read from their raw form, built from a tree with some files replaced."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.adapters.git import rebase_promise
from bot.adapters.git.command import GitCommand
from bot.adapters.git.repository import Tree, astray
from bot.errors import CheckoutError
from bot.ports import Commit

NEW_FILE = "100644"
MADE_REF = "refs/bot/made"
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the commits are by. The address is how the bot knows its own."""

    name: str
    email: str


def read(git: GitCommand, sha: str, identity: Identity) -> Commit:
    """A commit that is here.

    It is ours only when author and committer are: whoever amends a commit of ours stays its committer alone.
    """
    headers = list(_headers(git.local("cat-file", "commit", sha)))
    named = dict(headers)
    return Commit(
        sha=sha,
        tree=named["tree"],
        parents=tuple(value for name, value in headers if name == "parent"),
        ours=all(_is_by(named.get(role, ""), identity) for role in ("author", "committer")),
    )


def promise(git: GitCommand, sha: str, identity: Identity) -> str:
    """The message of a commit that is here and that we are the author of, "" for any other."""
    header, _, message = git.local("cat-file", "commit", sha).partition(b"\n\n")
    author = dict(_headers(header)).get("author", "")
    return message.decode("utf-8", "replace") if _is_by(author, identity) else ""


def _is_by(person: str, identity: Identity) -> bool:
    return f"<{identity.email.lower()}>" in person.lower()


def build(
    git: GitCommand, head: str, tree: Tree, files: Mapping[str, bytes], message: str, identity: Identity
) -> Commit:
    """A commit on `head`, whose entries are `tree`, that replaces these files and nothing else.

    One process: `git fast-import` takes the trees from `head` and needs no blob of it.
    """
    for path in files:
        if (reason := _no_place(path, tree)) is not None:
            raise CheckoutError(f"{git.subject}: {path} {reason}: it is not written")
    ids = {path: rebase_promise.object_id(content, len(head)) for path, content in files.items()}
    changed = {path: oid for path, oid in ids.items() if path not in tree or tree[path].oid != oid}
    said = rebase_promise.promised(message, changed)
    made = git.local("fast-import", "--quiet", "--force", stdin=_stream(head, tree, files, said, identity))
    sha, _, listed = made.decode().partition("\n")
    # "040000 tree <id>", a tab, and the path, which is empty for the root.
    return Commit(sha, listed.split()[2], (head,), ours=True)


def _no_place(path: str, tree: Tree) -> str | None:
    """Why no file may be written at `path`; None when it may. fast-import itself lets any name pass."""
    parts = path.split("/")
    if astray(path):
        return "is not a path inside a repository"
    if any("/".join(parts[:depth]) in tree for depth in range(1, len(parts))):
        return "lies below a file"
    if path in tree and not tree[path].plain:
        return "is a symlink or a submodule"
    return None


def _stream(head: str, tree: Tree, files: Mapping[str, bytes], message: str, identity: Identity) -> bytes:
    by = f"{identity.name} <{identity.email}> {int(time.time())} +0000"
    lines = [
        f"commit {MADE_REF}\nmark :1\nauthor {by}\ncommitter {by}\n".encode(),
        _data(message.encode()),
        f"from {head}\n".encode(),
    ]
    for path, content in sorted(files.items()):
        mode = tree[path].mode if path in tree else NEW_FILE
        lines += (f"M {mode} inline {_quoted(path)}\n".encode(), _data(content))
    return b"".join((*lines, b'\nget-mark :1\nls :1 ""\n'))


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> str:
    """A path in double quotes, as C would have it: any byte may be in a name, a line break as well."""
    escaped = "".join(_ESCAPED.get(c, c) for c in path)
    return f'"{escaped}"'


def _headers(raw: bytes) -> Iterator[tuple[str, str]]:
    for line in raw.decode("utf-8", "replace").splitlines():
        if not line:
            return
        name, _, value = line.partition(" ")
        # A signature goes on in lines that start with a space.
        if name:
            yield name, value
