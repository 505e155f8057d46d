"""Reading history: lists of commits, common ancestors, what contains what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.git import trees
from bot.sandbox.git.objects import Commit, parse_commit
from bot.sandbox.git.repository import Repository


@dataclass(frozen=True, slots=True)
class Asked:
    """Which commits to list. `revisions` are commits or ranges ("a..b"); None for every ref."""

    revisions: tuple[str, ...] | None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    author: str | None = None
    first_parent: bool = False
    topological: bool = False
    skip: int = 0
    limit: int | None = None


def log(repository: Repository, asked: Asked) -> list[Commit]:
    """The commits, newest first."""
    if asked.path and trees.leaves_root(asked.path):
        return []
    names = repository.git("rev-list", *_limits(asked), *_where(asked)).stdout.decode().split()
    found = repository.objects(names)
    return [parse_commit(name, found[name][1]) for name in names]


def count(repository: Repository, asked: Asked) -> int:
    """How many commits `log` would list."""
    return int(repository.git("rev-list", "--count", *_limits(asked), *_where(asked)).stdout)


def between(repository: Repository, base: str, head: str) -> list[Commit]:
    """The commits that `head` has and `base` has not, oldest first."""
    return log(repository, Asked((f"{base}..{head}",), topological=True))[::-1]


def last_changes(repository: Repository, sha: str, path: str) -> str | None:
    """The last commit up to `sha` that changed `path`."""
    found = repository.git("rev-list", "-1", sha, "--", f":(literal){path}").stdout.decode().strip()
    return found or None


def merge_base(repository: Repository, *commits: str) -> str | None:
    """The best common ancestor; None when the histories have nothing in common."""
    if len(set(commits)) == 1:
        return commits[0]
    found = repository.git("merge-base", "--octopus", *commits, allowed=(0, 1)).stdout.decode().split()
    return found[0] if found else None


def is_ancestor(repository: Repository, ancestor: str, descendant: str) -> bool:
    """Whether `descendant` contains `ancestor`."""
    if ancestor == descendant:
        return True
    return repository.git("merge-base", "--is-ancestor", ancestor, descendant, allowed=(0, 1)).status == 0


def refs_containing(repository: Repository, sha: str) -> list[tuple[str, str]]:
    """("branch" or "tag", name) of every ref whose history has `sha`."""
    listed = repository.git("for-each-ref", f"--contains={sha}", "--format=%(refname)", "refs/heads", "refs/tags")
    names = listed.stdout.decode().split()
    kinds = {"refs/heads/": "branch", "refs/tags/": "tag"}
    return [
        (kind, name.removeprefix(prefix)) for prefix, kind in kinds.items() for name in names if name.startswith(prefix)
    ]


def merged_into(repository: Repository, sha: str) -> frozenset[str]:
    """Names of the branches whose every commit `sha` contains."""
    listed = repository.git("for-each-ref", f"--merged={sha}", "--format=%(refname:lstrip=2)", "refs/heads")
    return frozenset(listed.stdout.decode().split())


def contributors(repository: Repository, sha: str) -> dict[tuple[str, str], int]:
    """Commits per (name, e-mail) up to `sha`, merges left out."""
    counted: dict[tuple[str, str], int] = {}
    listed = repository.git("log", "--no-merges", "--format=%an%x00%ae", sha).stdout.decode("utf-8", "replace")
    for line in listed.splitlines():
        name, _, email = line.partition("\0")
        counted[name, email] = counted.get((name, email), 0) + 1
    return counted


def trailers(message: str) -> Mapping[str, tuple[str, ...]]:
    """The "Key: value" lines of the last paragraph, when it has nothing else."""
    last = message.strip().split("\n\n")
    lines = last[-1].split("\n") if len(last) > 1 else []
    pairs = [(key, value) for key, colon, value in (line.partition(": ") for line in lines) if colon and _is_key(key)]
    if not pairs or len(pairs) != len(lines):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        found[key] = (*found.get(key, ()), value.strip())
    return found


def _is_key(text: str) -> bool:
    return text.replace("-", "").isalnum()


def _limits(asked: Asked) -> Iterable[str]:
    flags = {
        "--since": asked.since.isoformat() if asked.since else None,
        "--until": asked.until.isoformat() if asked.until else None,
        "--author": asked.author,
        "--skip": str(asked.skip) if asked.skip else None,
        "--max-count": None if asked.limit is None else str(asked.limit),
    }
    yield from (f"{flag}={value}" for flag, value in flags.items() if value is not None)
    if asked.author is not None:
        yield "--fixed-strings"
    if asked.first_parent:
        yield "--first-parent"
    if asked.topological:
        yield "--topo-order"


def _where(asked: Asked) -> Iterable[str]:
    yield from ("--all",) if asked.revisions is None else ("--end-of-options", *asked.revisions)
    yield "--"
    if asked.path and asked.path.strip("/"):
        yield f":(literal){asked.path.strip('/')}"
