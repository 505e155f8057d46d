"""Comparing two refs, of one project or of a fork and its parent."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, forbidden, not_found
from bot.sandbox.git import diffs, history
from bot.sandbox.git.diffs import FileDiff
from bot.sandbox.git.objects import Commit
from bot.sandbox.git.repository import Repository
from bot.sandbox.represent import commit as represent
from bot.sandbox.routes.commits import shown_diff
from bot.sandbox.routes.repository_reading import in_thread, readable
from bot.sandbox.routing import routes
from bot.sandbox.rules import code_access
from bot.sandbox.world import Project


@dataclass(frozen=True, slots=True)
class _Compared:
    commits: list[Commit]
    diffs: list[FileDiff]
    same: bool


@routes.get("/projects/:id/repository/compare")
async def compare(call: Call) -> Answer:
    """What `to` has and `from` has not; with `straight`, the plain difference of the two."""
    project, repository = readable(call)
    call.params.need("from", "to")
    source, target = call.params.needed("from"), call.params.needed("to")
    straight = bool(call.params.boolean("straight"))
    other = _other(call, project) or repository
    found = await in_thread(lambda: _compared(repository, other, source, target, straight))
    if found is None:
        raise not_found("Ref")
    show = shown_diff(call)
    dots = ".." if straight else "..."
    commits = [represent.basic(call.world, project, commit, with_trailers=False) for commit in found.commits]
    body = {
        "commit": commits[-1] if commits else None,
        "commits": commits,
        "diffs": [show(diff) for diff in found.diffs],
        "compare_timeout": False,
        "compare_same_ref": found.same,
        "web_url": f"{call.world.url}/{project.full_path}/-/compare/{source}{dots}{target}",
    }
    return Answer(body)


def _compared(repository: Repository, other: Repository, source: str, target: str, straight: bool) -> _Compared | None:
    before, after = other.resolve(source), repository.resolve(target)
    if before is None or after is None:
        return None
    if other.folder != repository.folder:
        repository.bring(other, before, f"refs/keep-around/{before}")
    base = before if straight else history.merge_base(repository, before, after)
    if base is None:
        return _Compared(history.between(repository, before, after), [], False)
    changed = diffs.between(repository, base, after)
    return _Compared(history.between(repository, before, after), changed, before == after)


def _other(call: Call, project: Project) -> Repository | None:
    asked = call.params.integer("from_project_id")
    if asked is None or asked == project.id:
        return None
    other = call.world.projects.get(asked)
    if other is None or not _related(project, other):
        text = f"Target project id:{asked} is not a fork of project id:{call.path['id']}"
        raise ApiError(400, {"message": text})
    if not code_access.can_read_code(call.world, call.viewer, other):
        raise forbidden("You don't have access to this fork's parent project")
    return repositories.opened(call.world, other)


def _related(left: Project, right: Project) -> bool:
    return left.forked_from_id == right.id or right.forked_from_id == left.id
