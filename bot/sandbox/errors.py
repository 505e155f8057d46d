"""The one way a request ends early: an answer with GitLab's status and body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than the happy one. `body` is the JSON body as GitLab words it."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def moved_permanently(url: str) -> ApiError:
    """GitLab's 301 for a project under a path that it had (16.4)."""
    return ApiError(301, f"This resource has been moved permanently to {url}".encode(), {"Location": url})


def not_found(thing: str = "") -> ApiError:
    """GitLab's 404, "404 Project Not Found" for thing "Project"."""
    return ApiError(404, {"message": f"404 {thing} Not Found" if thing else "404 Not Found"})


def forbidden(reason: str = "") -> ApiError:
    """GitLab's 403."""
    return ApiError(403, {"message": f"403 Forbidden - {reason}" if reason else "403 Forbidden"})


def unauthorized() -> ApiError:
    """GitLab's 401 without a usable token."""
    return ApiError(401, {"message": "401 Unauthorized"})


def bad_request(reason: str) -> ApiError:
    """GitLab's 400 with a reason in words."""
    return ApiError(400, {"message": f"400 Bad request - {reason}" if reason else "400 Bad request"})


def invalid_record(errors: Mapping[str, list[str]]) -> ApiError:
    """GitLab's 400 for a record that does not validate, such as {"name": ["has already been taken"]}."""
    return ApiError(400, {"message": dict(errors)})


def conflict(reason: str) -> ApiError:
    """GitLab's 409, its message as is."""
    return ApiError(409, {"message": reason})


def record_not_found() -> ApiError:
    """GitLab's 404 for a record that a route looked up itself, such as a merge request's iid; note the small "f"."""
    return ApiError(404, {"message": "404 Not found"})
