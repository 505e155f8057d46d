"""GitLab's JSON turned into nouns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.errors import ForgeError
from bot.ports import Token, User
from state.model import Issue, IssueState, MergeRequest, MergeRequestState, Project

DEVELOPER = 30
REPORTER = 20

Noun = TypeVar("Noun")


def read(parse: Callable[[Any], Noun], record: Any) -> Noun:
    """What `parse` makes of a record. Raises ForgeError for one that is not as GitLab documents it."""
    try:
        return parse(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ForgeError(f"GitLab's answer is not as expected ({parse.__name__}: {error!r}): update the bot") from error


def user(record: Any) -> User:
    """`GET /user`; `bot` is absent before GitLab 12.8."""
    return User(record["id"], record["username"], bool(record.get("bot")))


def token(record: Any) -> Token:
    """`GET /personal_access_tokens/self`; a token is refused from the start of the day that it expires on."""
    expires = record.get("expires_at")
    at = datetime.fromisoformat(expires).replace(tzinfo=UTC) if expires else None
    return Token(record["name"], tuple(record["scopes"]), at)


def project(record: Any) -> Project:
    """A project with its permissions, as the REST API gives it: without a head, and little of it to strangers."""
    permissions = record.get("permissions") or {}
    granted = (permissions.get(source) for source in ("project_access", "group_access"))
    return Project(
        id=record["id"],
        path=record["path_with_namespace"],
        default_branch=record.get("default_branch"),
        head=None,
        web_url=record["web_url"],
        clone_url=record.get("http_url_to_repo") or "",
        access_level=max((access["access_level"] for access in granted if access), default=0),
        archived=bool(record.get("archived")),
        issues_enabled=bool(record.get("issues_enabled", True)),
        merge_requests_enabled=bool(record.get("merge_requests_enabled", True)),
    )


def swept(node: Any) -> Project:
    """A project as the sweep's query gives it."""
    repository = node.get("repository") or {}
    commit = (repository.get("tree") or {}).get("lastCommit") or {}
    return Project(
        id=int(node["id"].rpartition("/")[2]),
        path=node["fullPath"],
        default_branch=repository.get("rootRef"),
        head=commit.get("sha"),
        web_url=node["webUrl"],
        clone_url=node.get("httpUrlToRepo") or "",
        access_level=_access(node),
        archived=bool(node["archived"]),
        issues_enabled=bool(node["issuesEnabled"]),
        merge_requests_enabled=bool(node["mergeRequestsEnabled"]),
    )


def issue(record: Any) -> Issue:
    """An issue."""
    state = IssueState(record["state"])
    closer = (record.get("closed_by") or {}).get("username", "")
    return Issue(
        iid=record["iid"],
        title=record["title"],
        description=record.get("description") or "",
        state=state,
        web_url=record["web_url"],
        labels=tuple(record["labels"]),
        updated_at=datetime.fromisoformat(record["updated_at"]),
        closed_by=closer if state is IssueState.CLOSED else "",
    )


def merge_request(record: Any) -> MergeRequest:
    """A merge request. `sha` is "" until GitLab has looked at the branch, and when there is none any more."""
    state = MergeRequestState(record["state"])
    return MergeRequest(
        iid=record["iid"],
        title=record["title"],
        description=record.get("description") or "",
        state=state,
        web_url=record["web_url"],
        source_branch=record["source_branch"],
        target_branch=record["target_branch"],
        sha=record.get("sha") or "",
        labels=tuple(record["labels"]),
        updated_at=datetime.fromisoformat(record["updated_at"]),
        merge_commit=_merge_commit(record) if state is MergeRequestState.MERGED else None,
    )


def _merge_commit(record: Any) -> str | None:
    # After a fast-forward there is no merge commit: the merged commit is the branch's own.
    names = ("merge_commit_sha", "squash_commit_sha", "sha")
    return next((record[name] for name in names if record.get(name)), None)


def _access(node: Any) -> int:
    if "maxAccessLevel" in node:
        return int((node["maxAccessLevel"] or {}).get("integerValue") or 0)
    return DEVELOPER if node["userPermissions"]["pushCode"] else REPORTER
