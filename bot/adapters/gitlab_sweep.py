"""The whole fleet with its heads, over GraphQL: one request per hundred projects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from bot.adapters.gitlab_records import read, swept
from bot.errors import ForgeError
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


def sweep(gitlab: Queries) -> Iterator[Project]:
    """Every project that the token is a member of. A page that is too much for this GitLab is asked for smaller."""
    access, first, after = ACCESS[0], PAGE, None
    while True:
        answer = gitlab.query(_DOCUMENT % access, {"first": first, "after": after})
        words = "; ".join(str(error.get("message")) for error in answer.get("errors") or ())
        if (limits := _COMPLEXITY.search(words)) and first > 1:
            first = _smaller(first, int(limits[1]), int(limits[2]))
            continue
        if _UNKNOWN_FIELD.search(words) and access == ACCESS[0]:
            access = ACCESS[1]
            continue
        if words or not (answer.get("data") or {}).get("projects"):
            raise ForgeError(f"GitLab cannot list its projects over GraphQL ({words or 'no data'}): run again later")
        found = answer["data"]["projects"]
        for node in found["nodes"]:
            yield read(swept, node)
        if not found["pageInfo"]["hasNextPage"]:
            return
        after = found["pageInfo"]["endCursor"]


def _smaller(first: int, score: int, limit: int) -> int:
    # Complexity has a part that does not depend on the page: stay a little below the proportion.
    return max(1, min(first // 2, first * limit * 9 // (score * 10)))
