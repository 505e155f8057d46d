import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.documents.json_members import with_string
from remediators.documents.json_spans import read
from remediators.errors import ManifestError

PATH = ("overrides", "ms")


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param('{"a": 1}', PATH, '{"a": 1, "overrides": {"ms": "2.0.5"}}', id="one line"),
        pytest.param('{"a": 1, "b": 2}', PATH, '{"a": 1, "b": 2, "overrides": {"ms": "2.0.5"}}', id="one line, spaced"),
        pytest.param('{"a":1,"b":2}', PATH, '{"a":1,"b":2,"overrides":{"ms":"2.0.5"}}', id="no blanks"),
        pytest.param(
            '{\n  "a": 1\n}\n',
            PATH,
            '{\n  "a": 1,\n  "overrides": {\n    "ms": "2.0.5"\n  }\n}\n',
            id="a line per member",
        ),
        pytest.param(
            '\ufeff{\r\n\t"a": 1\r\n}',
            PATH,
            '\ufeff{\r\n\t"a": 1,\r\n\t"overrides": {\r\n\t\t"ms": "2.0.5"\r\n\t}\r\n}',
            id="tabs, CRLF, byte order mark, no last line end",
        ),
        pytest.param(
            '{\n "overrides": {\n  "x": "1"\n }\n}',
            PATH,
            '{\n "overrides": {\n  "x": "1",\n  "ms": "2.0.5"\n }\n}',
            id="beside another entry",
        ),
        pytest.param(
            '{\n  "overrides": {"x": "1"},\n  "z": 0\n}',
            PATH,
            '{\n  "overrides": {"x": "1", "ms": "2.0.5"},\n  "z": 0\n}',
            id="an object on one line stays on it",
        ),
        pytest.param(
            '{\n  "overrides": {},\n  "z": 0\n}',
            PATH,
            '{\n  "overrides": {\n    "ms": "2.0.5"\n  },\n  "z": 0\n}',
            id="an empty object",
        ),
        pytest.param(
            '{\n  "overrides": {\n  }\n}',
            PATH,
            '{\n  "overrides": {\n    "ms": "2.0.5"\n  }\n}',
            id="an empty object over two lines",
        ),
        pytest.param('{"overrides": {"ms": "1"}}', PATH, '{"overrides": {"ms": "2.0.5"}}', id="in place of a string"),
        pytest.param(
            '{\n  "a": 1,\n\n  "pnpm": {\n    "x": []\n  }\n}',
            ("pnpm", *PATH),
            '{\n  "a": 1,\n\n  "pnpm": {\n    "x": [],\n    "overrides": {\n      "ms": "2.0.5"\n    }\n  }\n}',
            id="two levels, an array before it",
        ),
        pytest.param("{}", PATH, '{\n  "overrides": {\n    "ms": "2.0.5"\n  }\n}', id="an empty document"),
        pytest.param(
            '{\n    "a": 1\n}', ("b",), '{\n    "a": 1,\n    "b": "2.0.5"\n}', id="a member of the document itself"
        ),
    ],
)
def test_a_string_is_added_in_the_style_of_the_file(before: str, path: tuple[str, ...], after: str) -> None:
    assert with_string(read(before.encode(), "package.json"), path, "2.0.5").decode() == after


@pytest.mark.parametrize(
    "before", ['{"overrides": []}', '{"overrides": "x"}', '{"overrides": {"ms": {"a": "1"}}}', "[]", "3"]
)
def test_what_is_no_object_on_the_way_is_refused(before: str) -> None:
    with pytest.raises(ManifestError, match=r"package\.json"):
        with_string(read(before.encode(), "package.json"), PATH, "2.0.5")


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4), st.sampled_from([None, 1, 2, "\t"]), st.booleans())
def test_all_else_stays_whatever_the_document_holds(
    value: dict[str, object], indent: int | str | None, crlf: bool
) -> None:
    value.pop("overrides", None)
    text = json.dumps(value, indent=indent, ensure_ascii=False).replace("\n", "\r\n" if crlf else "\n")
    content = with_string(read(text.encode(), "package.json"), PATH, "2.0.5").decode()
    assert json.loads(content) == {**value, "overrides": {"ms": "2.0.5"}}
    assert content.startswith(text[:-1].rstrip())
    if "\r\n" in text:
        assert content.count("\n") == content.count("\r\n")
