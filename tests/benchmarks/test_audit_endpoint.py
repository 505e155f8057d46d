"""npm's bulk advisory endpoint, as `npm audit` asks it."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from benchmarks.fix.audit_endpoint import fronting
from benchmarks.fix.universe import Flaw
from bot.adapters.crosschecks.bulk_advisories import BULK

FLAWS = (Flaw("U001-1", "u001-a", "0.0.0", "1.1.0"), Flaw("U001-2", "u001-b", "2.0.0", ""))


@pytest.mark.parametrize(
    ("asked", "ranges"),
    [
        pytest.param({"u001-a": ["1.0.0"]}, {"u001-a": [">=0.0.0 <1.1.0"]}, id="a version that is hit"),
        pytest.param({"u001-a": ["1.1.0"]}, {}, id="a fixed one"),
        pytest.param({"u001-a": ["1.1.0", "1.0.9"]}, {"u001-a": [">=0.0.0 <1.1.0"]}, id="one of two"),
        pytest.param({"u001-b": ["3.0.0"]}, {"u001-b": [">=2.0.0"]}, id="without a fix"),
        pytest.param({"unknown": ["1.0.0"]}, {}, id="a package without advisories"),
    ],
)
def test_an_audit_is_answered_with_the_ranges_that_are_hit(asked: Any, ranges: Any) -> None:
    with fronting("http://127.0.0.1:9", FLAWS) as url:
        body = gzip.compress(json.dumps(asked).encode())
        request = urllib.request.Request(url + BULK, body, {"Content-Encoding": "gzip"}, method="POST")
        with urllib.request.urlopen(request) as answer:
            found = json.load(answer)
    assert {name: [each["vulnerable_versions"] for each in told] for name, told in found.items()} == ranges


def test_any_other_post_is_not_there() -> None:
    with fronting("http://127.0.0.1:9", FLAWS) as url, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(urllib.request.Request(url + "/-/npm/v1/security/audits", b"{}", method="POST"))
