"""GraphQL through python-gitlab, in an environment that has its extra: prints what it saw as one JSON document.

Environment: GITLAB_URL, GITLAB_TOKEN.
"""

from __future__ import annotations

import asyncio
import json
import os

import gitlab

_WHO = "query { currentUser { username } metadata { version } }"
_PROJECTS = """
query sweep($after: String) {
  projects(membership: true, first: 2, after: $after, sort: "id_asc") {
    pageInfo { hasNextPage endCursor }
    nodes { id fullPath repository { rootRef tree { lastCommit { sha } } } }
  }
}
"""


def _walk(client: gitlab.GraphQL) -> list[str]:
    paths: list[str] = []
    after = None
    while True:
        page = client.execute(_PROJECTS, variable_values={"after": after})["projects"]
        paths += [node["fullPath"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return paths
        after = page["pageInfo"]["endCursor"]


async def _together(url: str, token: str) -> list[str]:
    async with gitlab.AsyncGraphQL(url, token=token) as client:
        answers = await asyncio.gather(*(client.execute(_WHO) for _ in range(5)))
    return [answer["currentUser"]["username"] for answer in answers]


def _refusal(client: gitlab.GraphQL, query: str) -> str:
    try:
        client.execute(query)
    except Exception as error:  # noqa: BLE001 - its name is the answer
        return type(error).__name__
    return ""


def main() -> None:
    """Ask, page, ask together, ask what is wrong, ask without a right, fetch the schema."""
    url, token = os.environ["GITLAB_URL"], os.environ["GITLAB_TOKEN"]
    with gitlab.GraphQL(url, token=token, retry_transient_errors=True) as client:
        seen = {
            "user": client.execute(_WHO)["currentUser"]["username"],
            "projects": _walk(client),
            "together": asyncio.run(_together(url, token)),
            "wrong": _refusal(client, "query { currentUser { shoeSize } }"),
        }
    with gitlab.GraphQL(url, token="glpat-wrong") as stranger:
        seen["stranger"] = _refusal(stranger, _WHO)
    with gitlab.GraphQL(url, token=token, fetch_schema_from_transport=True) as client:
        client.execute(_WHO)
        seen["checked"] = _refusal(client, "query { currentUser { shoeSize } }")
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
