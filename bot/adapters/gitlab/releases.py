"""The release notes that a project on our GitLab publishes, as one changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from bot.adapters.gitlab.refusal import RefusalError

if TYPE_CHECKING:
    from bot.adapters.gitlab.transport import Transport

_LONGEST = 20_000


def path_of(source: str, gitlab: str) -> str:
    """The full path of a project by the web address of its repository; "" for one that is not on that GitLab."""
    ours, theirs = urlsplit(gitlab), urlsplit(source)
    below = ours.path.rstrip("/") + "/"
    if not ours.netloc or theirs.netloc.lower() != ours.netloc.lower() or not theirs.path.startswith(below):
        return ""
    return theirs.path.removeprefix(below).strip("/")


def changelog(gitlab: Transport, path: str) -> str:
    """Its newest hundred releases, newest first, each under its tag; "" for none. Raises ForgeError.

    Only of a public project: a package names as its source what it likes, and our token reads more than everyone who
    reads the merge request.
    """
    try:
        record = gitlab.get(f"/projects/{quote(path, safe='')}")
        if record.get("visibility") != "public":
            return ""
        releases = list(gitlab.pages(f"/projects/{record['id']}/releases", {"order_by": "released_at"}, 1))
    except RefusalError as error:
        if error.status in (401, 403, 404):
            return ""
        raise
    return "\n".join(f"# {each['tag_name']}\n\n{str(each.get('description') or '')[:_LONGEST]}\n" for each in releases)
