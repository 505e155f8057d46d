"""Where objects begin: the same places that the walk over all members finds."""

import json

import pytest

from remediators.documents.json_objects import objects
from remediators.documents.json_spans import members, read

TEXTS = [
    pytest.param('{"a": {"b": {}}, "c": 1}', {("a",): 1, ("a", "b"): 1}, id="nested"),
    pytest.param('\ufeff{\n"a" :\n {"b": "{", "c": {}}}', {("a",): 2, ("a", "c"): 3}, id="a mark, line ends"),
    pytest.param('{"a": [{"b": {}}], "c": [], "d": {}}', {("d",): 1}, id="nothing inside an array"),
    pytest.param('{"a\\"{": {"\\u0062": {}}}', {('a"{',): 1, ('a"{', "b"): 1}, id="escapes"),
    pytest.param('{"a": ": {", "b": {"c": "\\\\"}, "d": {}}', {("b",): 1, ("d",): 1}, id="brackets in strings"),
    pytest.param("[]", {}, id="no object"),
    pytest.param("1", {}, id="no bracket"),
]


@pytest.mark.parametrize(("text", "found"), TEXTS)
def test_objects_are_found_with_their_lines(text: str, found: dict[tuple[str, ...], int]) -> None:
    assert dict(objects(text)) == found


def test_every_object_among_the_members_is_found() -> None:
    value = {"a": {"b": {"c": {}, "d": 1}, "e": "x"}, "f": {"g": {}}}
    document = read(json.dumps(value, indent=1).encode(), "x")
    lines = {member.path: member.line for member in members(document.text) if document.text[member.value[0]] == "{"}
    assert dict(objects(document.text)) == lines
