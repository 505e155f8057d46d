"""Tags with what they point at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.git.objects import Commit, parse_commit, parse_tag
from bot.sandbox.git.repository import TAGS, Repository


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag. `target` is what the ref names: the tag object of an annotated one, else the commit itself.

    `message` is "" and `created_at` None for a lightweight one.
    """

    name: str
    target: str
    commit: Commit
    message: str = ""
    created_at: datetime | None = None

    @property
    def updated_at(self) -> datetime:
        """What GitLab sorts by."""
        return self.created_at or self.commit.committer.at


def listing(repository: Repository) -> list[Tag]:
    """Every tag that leads to a commit, by name."""
    return _tags(repository, repository.tags())


def find(repository: Repository, name: str) -> Tag | None:
    """One tag."""
    target = repository.refs.get(TAGS + name)
    found = _tags(repository, {name: target}) if target else []
    return found[0] if found else None


def _tags(repository: Repository, targets: dict[str, str]) -> list[Tag]:
    objects = repository.objects(set(targets.values()))
    annotated = {sha: parse_tag(body) for sha, (kind, body) in objects.items() if kind == "tag"}
    commits = repository.objects({tag.target for tag in annotated.values()})
    commits |= {sha: found for sha, found in objects.items() if found[0] == "commit"}
    tags = []
    for name, target in targets.items():
        annotation = annotated.get(target)
        sha = annotation.target if annotation else target
        if sha not in commits:
            continue
        commit = parse_commit(sha, commits[sha][1])
        if annotation is None:
            tags.append(Tag(name, target, commit))
        else:
            tags.append(Tag(name, target, commit, annotation.message.rstrip("\n"), annotation.tagged_at))
    return tags
