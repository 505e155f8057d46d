"""The releases of a project on our GitLab as a changelog; of public ones only."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from bot.errors import ForgeError
from tests.bot.adapters.gitlab.records import API, Client

RELEASES = [
    {"tag_name": "v2.0.0", "description": "- new"},
    {"tag_name": "v1.0.0", "description": None},
]


@responses.activate
def test_each_release_stands_under_its_tag() -> None:
    responses.get(f"{API}/projects/acme%2Flib", json={"id": 5, "visibility": "public"})
    responses.get(f"{API}/projects/5/releases", json=RELEASES)
    assert Client().published_changelog("acme/lib") == "# v2.0.0\n\n- new\n\n# v1.0.0\n\n\n"


@pytest.mark.parametrize(
    ("status", "record"),
    [
        pytest.param(200, {"id": 5, "visibility": "private"}, id="private"),
        pytest.param(200, {"id": 5, "visibility": "internal"}, id="for some only"),
        pytest.param(200, {"id": 5}, id="of unknown visibility"),
        pytest.param(404, {"message": "404 Not Found"}, id="none"),
        pytest.param(403, {"message": "403 Forbidden"}, id="not for us"),
    ],
)
@responses.activate
def test_what_not_everyone_may_read_is_not_told(status: int, record: Any) -> None:
    responses.get(f"{API}/projects/acme%2Flib", status=status, json=record)
    assert Client().published_changelog("acme/lib") == ""


@responses.activate
def test_a_gitlab_that_is_away_is_a_failure() -> None:
    responses.get(f"{API}/projects/acme%2Flib", status=500, json={})
    with pytest.raises(ForgeError):
        Client().published_changelog("acme/lib")
