"""The records that GitLab really gave, where the data set of them stands beside this checkout."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.adapters import gitlab_records
from bot.adapters.gitlab_records import read

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "gitlab-api" / "examples"

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the data set of GitLab's answers is not here")

KINDS: dict[str, Callable[[Any], object]] = {
    "user_current": gitlab_records.user,
    "personal_access_token_self": gitlab_records.token,
    "project_get": gitlab_records.project,
    "issue_get": gitlab_records.issue,
    "issue_create_201": gitlab_records.issue,
    "issue_close": gitlab_records.issue,
    "issue_update": gitlab_records.issue,
    "mr_get": gitlab_records.merge_request,
    "mr_get_with_pipeline": gitlab_records.merge_request,
    "mr_create_201": gitlab_records.merge_request,
    "mr_close": gitlab_records.merge_request,
    "mr_update": gitlab_records.merge_request,
    "mr_merge": gitlab_records.merge_request,
    "issue_list": gitlab_records.issue,
    "mr_list": gitlab_records.merge_request,
}
RECORDED = {
    "/api/v4/projects/:id/issues": gitlab_records.issue,
    "/api/v4/projects/:id/issues/:iid": gitlab_records.issue,
    "/api/v4/projects/:id/merge_requests": gitlab_records.merge_request,
    "/api/v4/projects/:id/merge_requests/:iid": gitlab_records.merge_request,
    "/api/v4/projects/:id": gitlab_records.project,
    "/api/v4/user": gitlab_records.user,
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
