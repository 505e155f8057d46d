"""The whole fleet with its heads, over GraphQL: one request per hundred projects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.adapters.gitlab.records import read, swept
from bot.errors import ForgeError
from bot.ports import Unlisted
from state.model import Project

PAGE = 100

# The second one is for a GitLab that does not know the first.
ACCESS = ("maxAccessLevel { integerValue }", "userPermissions { pushCode }")

_DOCUMENT = """query ($first: Int!, $after: String) {
  projects(membership: true, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id fullPath archived webUrl httpUrlToRepo issuesEnabled mergeRequestsEnabled %s
      repository { rootRef tree { lastCommit { sha } } }
    }
  }
}"""
_COMPLEXITY = re.compile(r"complexity of (\d+), which exceeds max complexity of (\d+)")
_UNKNOWN_FIELD = re.compile(r"Field 'maxAccessLevel' doesn't exist|Cannot query field [\"']maxAccessLevel")


class Queries(Protocol):
    """What the sweep needs of GitLab."""

    def query(self, document: str, variables: Mapping[str, Any]) -> Any:
        """The whole answer to a GraphQL query."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one query was told. `of_nodes` are errors by the place of the project that they are about."""

    found: Any | None
    words: str
    of_nodes: Mapping[int, str]


def sweep(gitlab: Queries) -> Iterator[Project | Unlisted]:
    """Every project that the token is a member of. A page that is too much for this GitLab is asked for smaller,
    and so is one with an error that tells no project: what is wrong with one must not hide the others.
    """
    access, most, first, after = ACCESS[0], PAGE, PAGE, None
    last = ""
    while True:
        answer = _understood(gitlab.query(_DOCUMENT % access, {"first": first, "after": after}))
        if (limits := _COMPLEXITY.search(answer.words)) and first > 1:
            most = first = _smaller(first, int(limits[1]), int(limits[2]))
            continue
        if _UNKNOWN_FIELD.search(answer.words) and access == ACCESS[0]:
            access = ACCESS[1]
            continue
        if answer.words and first > 1:
            first //= 2
            continue
        if answer.found is None:
            yield _rest(last, answer.words)
            return
        for place, node in enumerate(answer.found["nodes"]):
            listed = _listed(node, answer.words or answer.of_nodes.get(place, ""))
            last = listed.path
            yield listed
        if not answer.found["pageInfo"]["hasNextPage"]:
            return
        after, first = answer.found["pageInfo"]["endCursor"], min(most, first * 2)


def _understood(answer: Any) -> _Answer:
    """An error is about one project where its path leads into it: `["projects", "nodes", 3, "repository"]`."""
    words: list[str] = []
    of_nodes: dict[int, str] = {}
    for error in answer.get("errors") or ():
        match error.get("path"):
            case ["projects", "nodes", int(place), *_]:
                of_nodes.setdefault(place, str(error.get("message")))
            case _:
                words.append(str(error.get("message")))
    return _Answer((answer.get("data") or {}).get("projects") or None, "; ".join(words), of_nodes)


def _listed(node: Any, words: str) -> Project | Unlisted:
    path = str((node or {}).get("fullPath") or "a project without a name")
    if words:
        return Unlisted(path, f"GitLab cannot tell of it over GraphQL ({words}): the next run looks again")
    try:
        return read(swept, node)
    except ForgeError as error:
        return Unlisted(path, str(error))


def _rest(last: str, words: str) -> Unlisted:
    reason = f"GitLab cannot list its projects over GraphQL ({words or 'no data'}): run again later"
    if not last:
        raise ForgeError(reason)
    return Unlisted(f"every project after {last}", reason)


def _smaller(first: int, score: int, limit: int) -> int:
    # Complexity has a part that does not depend on the page: stay a little below the proportion.
    return max(1, min(first // 2, first * limit * 9 // (score * 10)))
