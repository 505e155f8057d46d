"""Have GitLab merge a request by itself once the pipeline of just that commit passes, or not any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.adapters.gitlab.refusal import RefusalError
from bot.adapters.gitlab.writes import Writes

if TYPE_CHECKING:
    from bot.adapters.gitlab.transport import Transport

# Where the pipeline of a commit can still pass, or has.
HOPEFUL = frozenset(
    {"created", "waiting_for_resource", "preparing", "pending", "running", "success", "manual", "scheduled"}
)

# What GitLab says where a request cannot be merged, or not by this user: 401 is no word on the token here.
REFUSALS = frozenset({401, 403, 405, 406, 409, 422})


def merge_when_ready(gitlab: Transport, writes: Writes, path: str, sha: str) -> str:
    """Have the request at `path` merged when the pipeline of `sha` passes; "" once that is so, else why not now.

    Without a pipeline nothing is asked for: GitLab would merge at once what nobody has built.
    """
    record = gitlab.get(path)
    if record["state"] == "merged" or record.get("merge_when_pipeline_succeeds"):
        return ""
    if record["state"] != "opened" or record.get("sha") != sha:
        return "somebody else pushed to it, or closed it"
    pipeline = record.get("head_pipeline") or {}
    if pipeline.get("sha") != sha:
        return "its commit has no pipeline yet"
    if pipeline.get("status") not in HOPEFUL:
        return f"its pipeline is {pipeline.get('status')}"
    # GitLab before 17.11 knows the second name only.
    body = {"sha": sha, "auto_merge": True, "merge_when_pipeline_succeeds": True}
    try:
        writes.once("put", f"{path}/merge", body, lambda: _asked(gitlab.get(path)))
    except RefusalError as error:
        if error.status not in REFUSALS:
            raise
        return f"GitLab answered {error.status} ({error.words}): it may not be mergeable, or not by the bot's role"
    return ""


def leave_to_people(gitlab: Transport, writes: Writes, path: str) -> str:
    """Take back what `merge_when_ready` asked for; "" once nothing is asked for, else why GitLab does not let us.

    Where a person other than the request's author asked GitLab to merge it, that is theirs.
    """
    record = gitlab.get(path)
    who = record.get("merge_user") or record["author"]
    if record["state"] != "opened" or _asked(record) is None or who["id"] != record["author"]["id"]:
        return ""
    try:
        writes.once("post", f"{path}/cancel_merge_when_pipeline_succeeds", {}, lambda: _free(gitlab.get(path)))
    except RefusalError as error:
        if error.status not in REFUSALS:
            raise
        # Perhaps it was merged, or pushed to, meanwhile: then there is nothing left to take back.
        if _free(gitlab.get(path)) is None:
            return f"GitLab answered {error.status} ({error.words}): take its auto-merge off by hand"
    return ""


def _free(record: Any) -> Any | None:
    return record if record["state"] != "opened" or _asked(record) is None else None


def _asked(record: Any) -> Any | None:
    return record if record["state"] == "merged" or record.get("merge_when_pipeline_succeeds") else None
