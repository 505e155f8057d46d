"""A small JSON client that states the status it expects."""

from __future__ import annotations

from typing import Any

import requests


class Api:
    """REST as one user: `api.get("/projects/1", 404)` asserts the status and returns the JSON body."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        if token is not None:
            self._session.headers["PRIVATE-TOKEN"] = token

    def close(self) -> None:
        self._session.close()

    def answer(self, method: str, path: str, **options: Any) -> requests.Response:
        """The whole response; `path` is below /api/v4 unless it is a full URL."""
        url = path if path.startswith("http") else f"{self.url}/api/v4{path}"
        return self._session.request(method, url, timeout=30, **options)

    def get(self, path: str, status: int = 200, /, **params: Any) -> Any:
        return self._json("GET", path, status, params=params)

    def post(self, path: str, status: int = 201, /, **body: Any) -> Any:
        return self._json("POST", path, status, json=body)

    def put(self, path: str, status: int = 200, /, **body: Any) -> Any:
        return self._json("PUT", path, status, json=body)

    def patch(self, path: str, status: int = 200, /, **body: Any) -> Any:
        return self._json("PATCH", path, status, json=body)

    def delete(self, path: str, status: int = 204, /, **params: Any) -> Any:
        return self._json("DELETE", path, status, params=params)

    def _json(self, method: str, path: str, status: int, **options: Any) -> Any:
        response = self.answer(method, path, **options)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text[:2000]}"
        return response.json() if response.content else None
