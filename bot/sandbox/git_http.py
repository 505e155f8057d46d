"""Smart HTTP: clone, fetch and push with real git, and GitLab's answers to those who may not."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox import auth, repositories
from bot.sandbox.auth import Caller
from bot.sandbox.errors import ApiError
from bot.sandbox.git import services
from bot.sandbox.git.objects import ABSENT
from bot.sandbox.git.pkt_line import PushRequest, parse_push, with_messages
from bot.sandbox.git.repository import Move, Repository
from bot.sandbox.rules import code_access, paths, push_access, push_creation, ref_changes
from bot.sandbox.rules.code_access import FETCH, PUSH
from bot.sandbox.world import Project, User

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Pragma": "no-cache"}
_LARGEST_COMMANDS = 16 * 1024 * 1024
_ACCESS_DENIED = (
    "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or "
    "you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, "
    "or improperly scoped. See {url}/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied"
)

Serve = Callable[[Request], Awaitable[Response]]


class GitHttp:
    """Git's URLs of every project."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._unwelcomed: set[int] = set()

    def routes(self) -> list[BaseRoute]:
        """`/group/project.git/…`; without `.git`, GitLab sends a clone there."""
        return [
            Route("/{path:path}.git/info/refs", _answering(self._advertise), methods=["GET"]),
            Route("/{path:path}.git/git-upload-pack", _answering(self._fetch), methods=["POST"]),
            Route("/{path:path}.git/git-receive-pack", _answering(self._push), methods=["POST"]),
            Route("/{path:path}/info/refs", self._redirect, methods=["GET"]),
        ]

    async def _redirect(self, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self._world.url}/{request.path_params['path']}.git/info/refs{query}", 301)

    async def _advertise(self, request: Request) -> Response:
        service = request.query_params.get("service", "")
        if request.method == "HEAD":
            return Response(status_code=403)
        self._create_for_push(request, service)
        _, project = self._admitted(request, service)
        repository = repositories.opened(self._world, project)
        refs = await services.advertise(repository, service, request.headers.get("git-protocol", ""))
        return Response(refs, 200, _NO_CACHE, f"application/x-{service}-advertisement")

    async def _fetch(self, request: Request) -> Response:
        _, project = self._admitted(request, FETCH)
        repository = repositories.opened(self._world, project)
        body = b"".join([chunk async for chunk in _decoded(request)])
        answer = services.upload_pack(repository, body, request.headers.get("git-protocol", ""))
        return StreamingResponse(answer, 200, _NO_CACHE, f"application/x-{FETCH}-result")

    async def _push(self, request: Request) -> Response:
        caller, project = self._admitted(request, PUSH)
        if caller.user is None:
            raise self._denied()
        repository = repositories.opened(self._world, project)
        body = _decoded(request)
        wanted, head = await _commands(body)
        standing = {move.ref: repository.refs.get(move.ref) for move in wanted.moves}
        refused, guarded = self._rules(caller.user, project, wanted.moves)
        hooks = self._world.repositories / "hooks"
        answer = await services.receive_pack(repository, _chain(head, body), refused, guarded, hooks)
        accepted = [move for move in wanted.moves if _happened(repository, move, standing[move.ref])]
        heard = await ref_changes.announce(self._world, project, caller.user, accepted, wanted.options)
        if project.id in self._unwelcomed:
            self._unwelcomed.remove(project.id)
            heard = (*push_creation.welcome(self._world, project), *heard)
        answer = with_messages(answer, heard) if wanted.side_band else answer
        return Response(answer, 200, _NO_CACHE, f"application/x-{PUSH}-result")

    def _rules(self, user: User, project: Project, moves: tuple[Move, ...]) -> tuple[str | None, list[Move]]:
        refusals = (push_access.refusal(self._world, project, user, move) for move in moves)
        guarded = [move for move in moves if push_access.fast_forward_only(self._world, project, move)]
        return next((reason for reason in refusals if reason), None), guarded

    def _create_for_push(self, request: Request, service: str) -> None:
        path = request.path_params["path"]
        caller = auth.basic(self._world, request)
        if service != PUSH or paths.at(self._world, path) is not None:
            return
        if caller is not None and caller.user is not None and code_access.token_allows(caller.token, PUSH):
            made = push_creation.created(self._world, caller.user, path)
            self._unwelcomed |= {made.id} if made else set()

    def _admitted(self, request: Request, service: str) -> tuple[Caller, Project]:
        project = paths.at(self._world, request.path_params["path"])
        caller = auth.basic(self._world, request)
        anonymous = caller is not None and caller.user is None
        if caller is None or (anonymous and not code_access.open_to_anyone(project, service)):
            raise self._denied()
        return caller, code_access.check_git(self._world, caller, project, service)

    def _denied(self) -> ApiError:
        return ApiError(401, _ACCESS_DENIED.format(url=self._world.url), {"WWW-Authenticate": 'Basic realm="GitLab"'})


def _answering(serve: Serve) -> Serve:
    async def answering(request: Request) -> Response:
        try:
            return await serve(request)
        except ApiError as error:
            return PlainTextResponse(error.body, error.status, error.headers)

    return answering


def _happened(repository: Repository, move: Move, before: str | None) -> bool:
    now = repository.refs.get(move.ref)
    return now != before and (now or ABSENT) == move.after


async def _decoded(request: Request) -> AsyncIterator[bytes]:
    gzipped = request.headers.get("content-encoding") in {"gzip", "x-gzip"}
    inflate = zlib.decompressobj(wbits=31) if gzipped else None
    async for chunk in request.stream():
        yield inflate.decompress(chunk) if inflate else chunk


async def _commands(body: AsyncIterator[bytes]) -> tuple[PushRequest, bytes]:
    head = b""
    async for chunk in body:
        head += chunk
        try:
            wanted = parse_push(head)
        except ValueError as error:
            raise ApiError(400, f"This is not a push: {error}") from error
        if wanted is not None:
            return wanted, head
        if len(head) > _LARGEST_COMMANDS:
            break
    raise ApiError(400, "The push ends before its commands do, or has too many of them")


async def _chain(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in rest:
        yield chunk
