"""REST dispatch: a request becomes a call, its function's answer or error becomes a response."""

from __future__ import annotations

import hashlib
import inspect
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.sandbox import auth
from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import ApiError, unauthorized
from bot.sandbox.parameters import File, Parameters, nested
from bot.sandbox.routing import Route, routes
from bot.sandbox.rules import tokens

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

PREFIX = "/api/v4"
_TAGGED = frozenset({200, 201})  # what Rack gives an ETag
_CREDENTIALS = frozenset({"private_token", "access_token", "job_token"})


class RestApi:
    """The ASGI application below /api/v4."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = time.perf_counter()
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ApiError as error:
            answer = Answer(error.body, error.status, error.headers)
        except Exception as error:  # noqa: BLE001 - GitLab answers 500 to its own bugs; ours are kept for the tests
            self._sandbox.crashed(error)
            answer = Answer({"message": "500 Internal Server Error"}, 500)
        response = _response(request, answer)
        response.headers["X-Runtime"] = f"{time.perf_counter() - started:.6f}"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        if b"%00" in request.scope["raw_path"] or b"%00" in request.scope["query_string"]:
            # lib/gitlab/middleware/handle_malformed_strings.rb
            return Answer(b"Bad Request", 400, content_type="text/plain")
        path = request.scope["raw_path"].decode("latin-1").removeprefix(PREFIX)
        route, values, methods = routes.match(request.method, path)
        if route is None:
            return _unmatched(request.method, methods)
        if path.endswith("/rotate"):
            _note_reuse(self._sandbox, request)
        caller = auth.authenticate(self._sandbox.world, request)
        if caller.user is None and not route.public:
            raise unauthorized()
        auth.require_scope(caller.token, request.method, route.scopes)
        params = Parameters(await _parameters(request))
        call = Call(self._sandbox, request, caller.user, caller.token, values, params)
        return await _invoke(route, call)


def _note_reuse(sandbox: Sandbox, request: Request) -> None:
    secret = auth.presented(request.headers, request.query_params)
    if secret is not None:
        tokens.revoke_if_reused(sandbox.world, secret)


async def _invoke(route: Route, call: Call) -> Answer:
    answer = route.function(call)
    return await answer if inspect.isawaitable(answer) else answer


def _unmatched(method: str, methods: frozenset[str]) -> Answer:
    if not methods:
        raise ApiError(404, {"error": "404 Not Found"})
    allowed = sorted({"OPTIONS", *methods, *({"HEAD"} if "GET" in methods else ())})
    headers = {"Allow": ", ".join(allowed)}
    if method == "OPTIONS":
        return Answer(None, 204, headers)
    raise ApiError(405, {"error": "405 Not Allowed"}, headers)


async def _parameters(request: Request) -> dict[str, Any]:
    values = nested((k, v) for k, v in request.query_params.multi_items() if k not in _CREDENTIALS)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form(max_part_size=100 * 1024 * 1024) as form:
            pairs = [(k, await _part(v)) for k, v in form.multi_items()]
        values.update(nested(pairs))
    elif kind == "application/json":
        values.update(_json(await request.body()))
    return values


async def _part(value: str | UploadFile) -> str | File:
    return value if isinstance(value, str) else File(value.filename or "", await value.read())


def _json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body)
    except ValueError:
        raise ApiError(400, {"error": "Problem with the request body: invalid JSON"}) from None
    return parsed if isinstance(parsed, dict) else {}


def _response(request: Request, answer: Answer) -> Response:
    headers = {
        "Cache-Control": "max-age=0, private, must-revalidate" if answer.status in _TAGGED else "no-cache",
        "Vary": "Origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-Request-Id": uuid.uuid4().hex,
        **answer.headers,
    }
    headers["X-Gitlab-Meta"] = json.dumps({"correlation_id": headers["X-Request-Id"], "version": "1"})
    if isinstance(answer.body, AsyncIterator):
        return StreamingResponse(answer.body, answer.status, headers, answer.content_type)
    content = _content(answer)
    if answer.status in _TAGGED:
        headers.setdefault("ETag", f'W/"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"')
    if answer.status == 200 and request.method in {"GET", "HEAD"} and _unchanged(request, headers["ETag"]):
        return Response(None, 304, headers)
    if answer.status == 204:
        return Response(None, 204, headers)
    response = Response(content, answer.status, headers)
    response.headers["Content-Type"] = answer.content_type
    return response


def _content(answer: Answer) -> bytes:
    if answer.body is None and answer.status in {204, 304}:
        return b""
    if isinstance(answer.body, bytes):
        return answer.body
    return json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()


def _unchanged(request: Request, etag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    return etag in (part.strip() for part in asked.split(","))
