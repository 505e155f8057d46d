"""Commits without a work tree: read from their raw form, built from a tree with some files replaced."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.adapters.git_command import GitCommand
from bot.adapters.git_repository import Tree
from bot.errors import CheckoutError
from bot.ports import Commit

NEW_FILE = "100644"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the commits are by. The address is how the bot knows its own."""

    name: str
    email: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What `git commit-tree` reads."""
        return {
            "GIT_AUTHOR_NAME": self.name,
            "GIT_AUTHOR_EMAIL": self.email,
            "GIT_COMMITTER_NAME": self.name,
            "GIT_COMMITTER_EMAIL": self.email,
        }


def read(git: GitCommand, sha: str, identity: Identity) -> Commit:
    """A commit that is here.

    It is ours only when author and committer are: whoever amends a commit of ours stays its committer alone.
    """
    headers = list(_headers(git.local("cat-file", "commit", sha)))
    named = dict(headers)
    people = (named.get("author", ""), named.get("committer", ""))
    return Commit(
        sha=sha,
        tree=named["tree"],
        parents=tuple(value for name, value in headers if name == "parent"),
        ours=all(f"<{identity.email.lower()}>" in person.lower() for person in people),
    )


def build(
    git: GitCommand, head: str, tree: Tree, files: Mapping[str, bytes], message: str, identity: Identity
) -> Commit:
    """A commit on `head`, whose entries are `tree`, that replaces these files and nothing else."""
    for path in files:
        if path in tree and not tree[path].plain:
            raise CheckoutError(f"{git.subject}: {path} is a symlink or a submodule: it is not replaced")
    written = _write_tree(git, head, tree, files)
    made = git.local(
        "commit-tree", written, "-p", head, stdin=message.encode(), env={**identity.environment, "TZ": "UTC"}
    )
    return Commit(made.decode().strip(), written, (head,), ours=True)


def _write_tree(git: GitCommand, head: str, tree: Tree, files: Mapping[str, bytes]) -> str:
    index = git.folder / f"index-{uuid.uuid4().hex}"
    env = {"GIT_INDEX_FILE": str(index)}
    try:
        git.local("read-tree", head, env=env)
        for path, content in files.items():
            mode = tree[path].mode if path in tree else NEW_FILE
            blob = git.local("hash-object", "-w", "--stdin", stdin=content).decode().strip()
            git.local("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=env)
        # Most blobs are not here: only those that were asked for are.
        return git.local("write-tree", "--missing-ok", env=env).decode().strip()
    finally:
        index.unlink(missing_ok=True)


def _headers(raw: bytes) -> Iterator[tuple[str, str]]:
    for line in raw.decode("utf-8", "replace").splitlines():
        if not line:
            return
        name, _, value = line.partition(" ")
        # A signature goes on in lines that start with a space.
        if name:
            yield name, value
