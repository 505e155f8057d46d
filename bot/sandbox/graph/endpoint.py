"""`POST /api/graphql`: authentication, limits, execution, and errors in GitLab's words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, execute_sync, parse, validate
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox import auth
from bot.sandbox.errors import ApiError
from bot.sandbox.graph.complexity import complexity
from bot.sandbox.graph.context import Context, attribute
from bot.sandbox.graph.schema import schema
from bot.sandbox.world import User

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

LONGEST_QUERY = 10_000
HIGHEST_COMPLEXITY = {True: 250, False: 200}
_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_UNKNOWN_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'")


class GraphqlApi:
    """The endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, request: Request) -> Response:
        """Answer one query, or a list of them."""
        try:
            caller = auth.authenticate(self._sandbox.world, request)
            auth.require_scope(caller.token, "GET", ())
        except ApiError:
            return JSONResponse({"errors": [{"message": "Invalid token"}]}, 401)
        asked = await _asked(request)
        queries = asked if isinstance(asked, list) else [asked]
        if sum(len(str(query.get("query", ""))) for query in queries) > LONGEST_QUERY:
            return JSONResponse({"errors": [{"message": "Query too large"}]}, 422)
        answers = [self._run(caller.user, query) for query in queries]
        return JSONResponse(answers if isinstance(asked, list) else answers[0])

    def _run(self, viewer: User | None, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            document = parse(str(asked.get("query") or ""))
        except GraphQLSyntaxError as error:
            return {"errors": [_shown(error)]}
        problems = validate(schema(), document)
        if problems:
            return {"errors": [_shown(problem) for problem in problems]}
        return self._execute(viewer, document, asked)

    def _execute(self, viewer: User | None, document: DocumentNode, asked: dict[str, Any]) -> dict[str, Any]:
        variables = asked.get("variables") or {}
        limit = HIGHEST_COMPLEXITY[viewer is not None]
        score = complexity(schema(), document, variables)
        if score > limit:
            text = f"Query has complexity of {score}, which exceeds max complexity of {limit}"
            return {"errors": [{"message": text}]}
        result = execute_sync(
            schema(),
            document,
            context_value=Context(self._sandbox.world, viewer, score, limit),
            variable_values=variables,
            operation_name=asked.get("operationName"),
            field_resolver=attribute,
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            for error in result.errors:
                if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                    self._sandbox.crashed(error.original_error)
            answer["errors"] = [_shown(error) for error in result.errors]
        return answer


async def _asked(request: Request) -> Any:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            return json.loads(await request.body() or b"{}")
        except ValueError:
            return {}
    async with request.form() as form:
        asked: dict[str, Any] = dict(form)
    if isinstance(asked.get("variables"), str):
        asked["variables"] = json.loads(asked["variables"] or "{}")
    return asked


def _shown(error: GraphQLError) -> dict[str, Any]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    shown: dict[str, Any] = {"message": error.message, "locations": places}
    if match := _UNKNOWN_FIELD.search(error.message):
        field, kind = match.groups()
        shown["message"] = f"Field '{field}' doesn't exist on type '{kind}'"
        shown["extensions"] = {"code": "undefinedField", "typeName": kind, "fieldName": field}
    elif match := _UNKNOWN_ARGUMENT.search(error.message):
        argument, _kind, field = match.groups()
        shown["message"] = f"Field '{field}' doesn't accept argument '{argument}'"
        shown["extensions"] = {"code": "argumentNotAccepted", "name": field, "argumentName": argument}
    if error.path:
        shown["path"] = list(error.path)
    return shown
