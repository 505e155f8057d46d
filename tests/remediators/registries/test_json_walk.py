import json
from typing import Any

import pytest

from remediators.registries.json_walk import LARGEST_VALUE, Walk


def walked(raw: bytes) -> Any:
    """The document as `Walk` reads it, down to the values of its values."""
    walk = Walk(raw)
    found: Any
    if walk.begins(b"{"):
        found = {key: walk.value() for key in walk.members()}
    elif walk.begins(b"["):
        found = [walk.value() for _ in walk.items()]
    else:
        found = walk.value()
    walk.end()
    return found


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("{}", id="empty object"),
        pytest.param("[]", id="empty array"),
        pytest.param(' { "a" : 1 ,\n"b":[ {"c":null} ] }\r\n', id="spaces"),
        pytest.param('{"a\\"b":"c","\\u00e9":1,"é":2}', id="keys that are not plain"),
        pytest.param("[1, -2.5e3, true, null]", id="numbers and words"),
        pytest.param("123456", id="a number on its own"),
        pytest.param('{"a": 1, "a": 2}', id="a key twice"),
        pytest.param(json.dumps(["x" * size for size in (1022, 1023, 1024, 70_000, 3)]), id="around a cut"),
        pytest.param(
            json.dumps({"a": "é\N{PARTY POPPER}" * 40_000, "b": 1}, ensure_ascii=False), id="characters at a cut"
        ),
        pytest.param("[" + "1" * 1024 + ",2]", id="a number at a cut"),
    ],
)
def test_a_document_is_read_as_the_standard_library_does(written: str) -> None:
    assert walked(written.encode()) == json.loads(written)
    assert walked(b"\xef\xbb\xbf" + written.encode()) == json.loads(written)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"", "Expecting value", id="nothing"),
        pytest.param(b"{", "a key is missing at byte 1", id="an object without its end"),
        pytest.param(b'{"a" 1}', ": is missing at byte 5", id="no colon"),
        pytest.param(b'{"a":1 "b":2}', ", is missing at byte 7", id="no comma"),
        pytest.param(b"{1:2}", "a key is missing at byte 1", id="a key that is a number"),
        pytest.param(b"[1,]", "Expecting value", id="a comma too many"),
        pytest.param(b"[1] 2", "something follows it at byte 4", id="two documents"),
        pytest.param(b'["\xff"]', "surrogates not allowed", id="not UTF-8"),
        pytest.param(b'["' + b"a" * LARGEST_VALUE + b'"]', "a value in it has more than 3,145,728 bytes", id="long"),
        pytest.param(b"[[" + b"0," * LARGEST_VALUE + b"0]]", "has more than 3,145,728 bytes", id="many in one"),
    ],
)
def test_what_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        walked(raw)
