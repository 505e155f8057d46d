"""The records that GitLab really gave, where the data set of them stands beside this checkout."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.gitlab import records
from bot.adapters.gitlab.records import read

EXAMPLES = Path(__file__).resolve().parents[5] / "shared" / "gitlab-api" / "examples"

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the data set of GitLab's answers is not here")

KINDS: dict[str, Callable[[Any], object]] = {
    "user_current": records.user,
    "personal_access_token_self": records.token,
    "project_get": records.project,
    "issue_get": records.issue,
    "issue_create_201": records.issue,
    "issue_close": records.issue,
    "issue_update": records.issue,
    "mr_get": records.merge_request,
    "mr_get_with_pipeline": records.merge_request,
    "mr_create_201": records.merge_request,
    "mr_close": records.merge_request,
    "mr_update": records.merge_request,
    "mr_merge": records.merge_request,
    "issue_list": records.issue,
    "mr_list": records.merge_request,
}
RECORDED = {
    "/api/v4/projects/:id/issues": records.issue,
    "/api/v4/projects/:id/issues/:iid": records.issue,
    "/api/v4/projects/:id/merge_requests": records.merge_request,
    "/api/v4/projects/:id/merge_requests/:iid": records.merge_request,
    "/api/v4/projects/:id": records.project,
    "/api/v4/user": records.user,
}


@pytest.mark.parametrize("name", KINDS)
def test_every_documented_record_becomes_a_noun(name: str) -> None:
    body = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["response"]["body"]
    for record in body if isinstance(body, list) else [body]:
        assert read(KINDS[name], record)


def test_every_recorded_answer_becomes_a_noun() -> None:
    lines = (EXAMPLES / "recorded-gitlab-com.jsonl").read_text("utf-8").splitlines()
    exchanges = [json.loads(line) for line in lines]
    read_ones = 0
    for exchange in exchanges:
        parse = RECORDED.get(exchange["template"])
        if parse is None or not 200 <= exchange["status"] < 300 or exchange["method"] in ("HEAD", "DELETE"):
            continue
        body = exchange["body"]
        for record in body if isinstance(body, list) else [body]:
            assert read(parse, record)
            read_ones += 1
    assert read_ones > 30
