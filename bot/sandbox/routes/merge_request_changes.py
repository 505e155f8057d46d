"""What a merge request changes: commits, diffs, versions."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import record_not_found
from bot.sandbox.git import diffs, history
from bot.sandbox.git.diffs import FileDiff
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.pagination import paginate
from bot.sandbox.represent import commit as represent_commit
from bot.sandbox.represent import diff as represent_diff
from bot.sandbox.represent import merge_request as represent
from bot.sandbox.represent.times import timestamp
from bot.sandbox.routes import issuable_lookup
from bot.sandbox.routes.merge_requests import MERGE_REQUEST
from bot.sandbox.routing import routes
from bot.sandbox.world import MergeRequest

Version = tuple[int, str, str, str, Any]


@routes.get(MERGE_REQUEST + "/commits")
async def commits(call: Call) -> Answer:
    """Its commits, newest first."""
    subject = issuable_lookup.merge_request(call)
    project = call.project()
    found = await _commits(call, subject)
    return paginate(call, found, lambda one: represent_commit.basic(call.world, project, one, with_trailers=False), {})


@routes.get(MERGE_REQUEST + "/context_commits")
def context_commits(call: Call) -> Answer:
    """Commits for context, which this GitLab has none of."""
    issuable_lookup.merge_request(call)
    return paginate(call, (), lambda one: one)


@routes.get(MERGE_REQUEST + "/diffs")
async def list_diffs(call: Call) -> Answer:
    """Its changed files."""
    unified = bool(call.params.boolean("unidiff"))
    found = await _diffs(call, issuable_lookup.merge_request(call))
    return paginate(
        call, found, lambda one: represent_diff.whole(one, unified=unified), {"unidiff": str(unified).lower()}
    )


@routes.get(MERGE_REQUEST + "/changes")
async def changes(call: Call) -> Answer:
    """The merge request with its changed files, as it was asked for before 15.7."""
    subject = issuable_lookup.merge_request(call)
    unified = bool(call.params.boolean("unidiff"))
    found = [represent_diff.whole(one, unified=unified) for one in await _diffs(call, subject)]
    return Answer({**represent.whole(call.world, call.viewer, subject), "changes": found, "overflow": False})


@routes.get(MERGE_REQUEST + "/raw_diffs")
async def raw_diffs(call: Call) -> Answer:
    """Its changes as one patch."""
    subject = issuable_lookup.merge_request(call)
    text = await asyncio.to_thread(patch, _repository(call), subject.base_sha, subject.sha)
    return Answer(text, headers={"Cache-Control": "no-store, no-cache"}, content_type="text/plain")


@routes.get(MERGE_REQUEST + "/versions", public=False)
def versions(call: Call) -> Answer:
    """What was pushed, newest first."""
    subject = issuable_lookup.merge_request(call)
    return paginate(call, subject.versions[::-1], lambda one: _version(subject, one))


@routes.get(MERGE_REQUEST + "/versions/:version_id", public=False)
async def version(call: Call) -> Answer:
    """One of the pushed versions with its commits and diffs."""
    subject = issuable_lookup.merge_request(call)
    number = call.number("version_id")
    found = next((one for one in subject.versions if one[0] == number), None)
    if found is None:
        raise record_not_found()
    repository, project = _repository(call), call.project()
    _, base, _, head, _ = found
    listed = await asyncio.to_thread(history.between, repository, base, head) if base else []
    changed = await asyncio.to_thread(diffs.between, repository, base, head) if base else []
    shown = {
        **_version(subject, found),
        "commits": [represent_commit.basic(call.world, project, one, with_trailers=False) for one in listed[::-1]],
        "diffs": [represent_diff.whole(one) for one in changed],
    }
    return Answer(shown)


def patch(repository: Repository, base: str | None, head: str | None) -> bytes:
    """The unified diff between two commits; empty without them."""
    if base is None or head is None:
        return b""
    return repository.git("diff-tree", "-p", "-r", "-M", "--no-ext-diff", "--no-textconv", base, head).stdout


def _repository(call: Call) -> Repository:
    return repositories.opened(call.world, call.project())


async def _commits(call: Call, subject: MergeRequest) -> list[Commit]:
    base, head = subject.base_sha, subject.sha
    if base is None or head is None:
        return []
    return (await asyncio.to_thread(history.between, _repository(call), base, head))[::-1]


async def _diffs(call: Call, subject: MergeRequest) -> list[FileDiff]:
    base, head = subject.base_sha, subject.sha
    if base is None or head is None:
        return []
    return await asyncio.to_thread(diffs.between, _repository(call), base, head)


def _version(subject: MergeRequest, version: Version) -> dict[str, Any]:
    number, base, start, head, created_at = version
    return {
        "id": number,
        "head_commit_sha": head,
        "base_commit_sha": base or None,
        "start_commit_sha": start or None,
        "created_at": timestamp(created_at),
        "merge_request_id": subject.id,
        "state": "collected" if base else "empty",
        "real_size": subject.changes_count or "0",
        "patch_id_sha": None,
    }
