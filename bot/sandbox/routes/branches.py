"""Branches of a repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import repositories
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, not_found
from bot.sandbox.git import history
from bot.sandbox.git.objects import ABSENT, Commit, parse_commit
from bot.sandbox.git.refs import valid_name
from bot.sandbox.git.repository import HEADS, Move, MovedError, Repository
from bot.sandbox.pagination import paginate, paginate_by_token
from bot.sandbox.represent import branch as represent
from bot.sandbox.routes.repository_reading import in_thread, readable, writable
from bot.sandbox.routing import routes
from bot.sandbox.rules import protections, push_access, ref_changes
from bot.sandbox.world import Access, Project, ProtectedBranch

_AGE: dict[str, Callable[[Commit], Any]] = {
    "updated_asc": lambda commit: commit.committer.at,
    "updated_desc": lambda commit: -commit.committer.at.timestamp(),
}


@routes.get("/projects/:id/repository/branches")
async def index(call: Call) -> Answer:
    """The branches, by name unless asked otherwise."""
    project, repository = readable(call)
    order = call.params.choice("sort", ("name_asc", *_AGE)) or "name_asc"
    chosen = _matching(call, repository.branches())
    root = repository.branch(repositories.default_branch(project))
    commits, merged = await in_thread(lambda: _looked_up(repository, chosen, root))
    names = sorted(chosen, key=lambda name: _AGE[order](commits[name])) if order in _AGE else list(chosen)

    def show(name: str) -> dict[str, Any]:
        contained = name in merged and chosen[name] != root
        return represent.whole(call.world, call.viewer, project, name, commits[name], contained)

    if call.params.raw("pagination") == "keyset":
        return paginate_by_token(call, names, str, show)
    return paginate(call, names, show)


@routes.get("/projects/:id/repository/branches/:branch")
async def show(call: Call) -> Answer:
    """One branch; HEAD only tells whether it exists."""
    project, repository = readable(call)
    name = call.path["branch"]
    if call.request.method == "HEAD":
        if repository.branch(name) is None:
            raise not_found()
        return Answer(None, 204)
    return Answer(await _shown(call, project, repository, name))


@routes.post("/projects/:id/repository/branches")
async def create(call: Call) -> Answer:
    """A new branch at a branch, tag or commit."""
    project, repository = writable(call)
    call.params.need("branch", "ref")
    name, ref = call.params.needed("branch"), call.params.needed("ref")
    if not valid_name(name):
        raise ApiError(400, {"message": "Branch name is invalid"})
    if repository.branch(name) is not None:
        raise ApiError(400, {"message": "Branch already exists"})
    sha = await in_thread(lambda: repository.resolve(ref))
    if sha is None:
        raise ApiError(400, {"message": f"Failed to create branch '{name}': invalid reference name '{ref}'"})
    await move_ref(call, project, repository, Move(HEADS + name, ABSENT, sha))
    return Answer(await _shown(call, project, repository, name), 201)


@routes.delete("/projects/:id/repository/branches/:branch")
async def delete(call: Call) -> Answer:
    """Delete a branch."""
    project, repository = writable(call)
    name = call.path["branch"]
    sha = repository.branch(name)
    if sha is None:
        raise not_found("Branch")
    await move_ref(call, project, repository, Move(HEADS + name, sha, ABSENT))
    return Answer(None, 204)


@routes.delete("/projects/:id/repository/merged_branches")
async def delete_merged(call: Call) -> Answer:
    """Delete every unprotected branch that the default branch contains."""
    project, repository = writable(call)
    default = repositories.default_branch(project)
    root = repository.branch(default)
    merged = await in_thread(lambda: history.merged_into(repository, root)) if root else frozenset()
    for name, sha in repository.branches().items():
        if name in merged and name != default and not protections.of_branch(call.world, project, name):
            await move_ref(call, project, repository, Move(HEADS + name, sha, ABSENT))
    return Answer({"message": "202 Accepted"}, 202)


@routes.put("/projects/:id/repository/branches/:branch/protect")
async def protect(call: Call) -> Answer:
    """The older way to protect a branch."""
    project = call.project(Access.MAINTAINER)
    repository, name = repositories.opened(call.world, project), call.path["branch"]
    shown = await _shown(call, project, repository, name)
    rule = call.world.protected_branches.one(project_id=project.id, name=name)
    if rule is None:
        rule = call.world.protected_branches.add(ProtectedBranch(project_id=project.id, name=name))
    for parameter, field in (("developers_can_push", "push_access"), ("developers_can_merge", "merge_access")):
        wanted = call.params.boolean(parameter)
        if wanted is not None:
            setattr(rule, field, ((int(Access.DEVELOPER if wanted else Access.MAINTAINER), None, None),))
    return Answer({**shown, **await _shown(call, project, repository, name)})


@routes.put("/projects/:id/repository/branches/:branch/unprotect")
async def unprotect(call: Call) -> Answer:
    """The older way to lift a protection."""
    project = call.project(Access.MAINTAINER)
    repository, name = repositories.opened(call.world, project), call.path["branch"]
    rule = call.world.protected_branches.one(project_id=project.id, name=name)
    if repository.branch(name) is not None and rule is not None:
        call.world.protected_branches.remove(rule)
    return Answer(await _shown(call, project, repository, name))


async def move_ref(call: Call, project: Project, repository: Repository, move: Move) -> None:
    """Move one ref as the caller, with all that follows. ApiError 400 with GitLab's words when it may not."""
    refused = push_access.refusal(call.world, project, call.user, move, web=True)
    if refused is not None:
        raise ApiError(400, {"message": refused})
    try:
        await in_thread(lambda: repository.move(move))
    except MovedError as error:
        name = move.ref.split("/", 2)[2]
        text = f"Failed to create branch '{name}': Branch name conflicts with existing branch hierarchy."
        raise ApiError(400, {"message": text}) from error
    await ref_changes.announce(call.world, project, call.user, (move,))


async def _shown(call: Call, project: Project, repository: Repository, name: str) -> dict[str, Any]:
    sha, root = repository.branch(name), repository.branch(repositories.default_branch(project))
    if sha is None:
        raise not_found("Branch")

    def look_up() -> tuple[Commit | None, bool]:
        contained = root is not None and sha != root and history.is_ancestor(repository, sha, root)
        return repository.commit(sha), contained

    commit, merged = await in_thread(look_up)
    if commit is None:
        raise not_found("Branch")
    return represent.whole(call.world, call.viewer, project, name, commit, merged)


def _matching(call: Call, branches: Mapping[str, str]) -> dict[str, str]:
    pattern = call.params.text("regex")
    wanted = search_test(call.params.text("search") or "")
    try:
        matches = re.compile(pattern or "")
    except re.error:
        raise ApiError(400, {"message": "Regex is invalid"}) from None
    return {name: sha for name, sha in branches.items() if wanted(name) and matches.search(name)}


def search_test(term: str) -> Callable[[str], bool]:
    """GitLab's search over ref names: a part of the name, `^` for its start, `$` for its end."""
    if term.startswith("^"):
        return lambda name: name.startswith(term[1:])
    if term.endswith("$"):
        return lambda name: name.endswith(term[:-1])
    return lambda name: term.lower() in name.lower()


def _looked_up(
    repository: Repository, branches: Mapping[str, str], root: str | None
) -> tuple[dict[str, Commit], frozenset[str]]:
    found = repository.objects(set(branches.values()))
    commits = {name: parse_commit(sha, found[sha][1]) for name, sha in branches.items()}
    return commits, history.merged_into(repository, root) if root else frozenset()
