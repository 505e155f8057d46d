import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.documents.json_spans import Document, Member, Path, laid_out_like, members, read, replaced
from remediators.errors import ManifestError


def document(text: str) -> Document:
    return read(text.encode(), "web/package.json")


def test_members_have_their_place() -> None:
    text = '{\n  "a": {"b": "x"},\n  "c": [1, {"d": null}]\n}\n'
    found = {m.path: (text[slice(*m.key)], text[slice(*m.value)], m.line) for m in members(text)}
    assert found == {
        ("a",): ('"a"', '{"b": "x"}', 2),
        ("a", "b"): ('"b"', '"x"', 2),
        ("c",): ('"c"', '[1, {"d": null}]', 3),
        ("c", 1, "d"): ('"d"', "null", 3),
    }


def test_members_end_at_the_depth_that_is_asked_for() -> None:
    text = '{"a": {"b": {"c": ["}", {"d": 1}]}}, "e": [[{"f": 1}]]}'
    assert [m.path for m in members(text, deepest=1)] == [("a",), ("e",)]
    assert [m.path for m in members(text, deepest=2)] == [("a", "b"), ("a",), ("e",)]


@pytest.mark.parametrize(
    ("text", "path", "line", "value"),
    [
        pytest.param('\ufeff{"a": "x"}', ("a",), 1, '"x"', id="byte order mark"),
        pytest.param('{\r\n"a":\r\n"x"}', ("a",), 2, '"x"', id="CRLF"),
        pytest.param(r'{"\u0061\"": "\\"}', ('a"',), 1, r'"\\"', id="escapes"),
        pytest.param(r'{"a": "}{][,:\""}', ("a",), 1, r'"}{][,:\""', id="punctuation in a string"),
        pytest.param('{"a":-1.5e3}', ("a",), 1, "-1.5e3", id="no spaces"),
        pytest.param('{"ä": "ö"}', ("ä",), 1, '"ö"', id="beyond ASCII"),
        pytest.param('{"": {}}', ("",), 1, "{}", id="empty"),
        pytest.param('[\n{"a": true}\n]', (0, "a"), 2, "true", id="array at the top"),
    ],
)
def test_a_member_is_found_however_it_is_written(text: str, path: Path, line: int, value: str) -> None:
    found = list(members(document(text).text))
    assert [(m.path, m.line, text[slice(*m.value)]) for m in found] == [(path, line, value)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b'{\n "a": 1,\n}', r"web/package.json:3:1: this is not JSON", id="trailing comma"),
        pytest.param(b'{"a": 1', r"web/package.json:1:8: this is not JSON", id="cut off"),
        pytest.param(b"", r"web/package.json:1:1: this is not JSON", id="empty"),
        pytest.param(b'{"a": 1} x', r"web/package.json:1:10: this is not JSON \(Extra data\)", id="more behind it"),
        pytest.param(b'{"a": NaN}', r"NaN is not a JSON value", id="not a number"),
        pytest.param(b"<<<<<<< HEAD\n{}", r"web/package.json:1:1: this is not JSON", id="merge conflict"),
        pytest.param(b'{"a": "\n"}', r"web/package.json:1:8: this is not JSON", id="line break in a string"),
        pytest.param(b'"\xff"', r"web/package.json: byte 1 is not UTF-8", id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), r"web/package.json: byte 0 is not UTF-8", id="UTF-16"),
        pytest.param(
            b'{"a": {"b": 1,\n  "b": 2}}', r"web/package.json:2:3: the key \"b\" stands twice", id="a key twice"
        ),
        pytest.param(
            b'{"a": {"b": 1},\n "a": {"b": 1}}', r"web/package.json:2:2: the key \"a\" stands twice", id="twice, nested"
        ),
        pytest.param(
            b'{"a": 1, "\\u0061": 2}', r"web/package.json:1:10: the key \"a\" stands twice", id="twice, escaped"
        ),
        pytest.param(b"[" * 100_000, r"web/package.json:1:201: values are nested over 200 deep", id="deep arrays"),
        pytest.param(b'{"a":' * 100_000, r"web/package.json:1:1001: values are nested over 200", id="deep objects"),
        pytest.param(b"1" * 5_000, r"web/package.json: this is not JSON", id="a very long number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(content: bytes, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read(content, "web/package.json")


def test_a_string_is_replaced_and_nothing_else() -> None:
    text = '\ufeff{\r\n\t"a" : {"b":"1"  , "c":  "2"},\r\n\t"d": ["1"]}'
    content = replaced(document(text), {("a", "c"): 'x"y', ("a", "b"): "longer than before"})
    assert content.decode() == text.replace('"1"  ,', '"longer than before"  ,').replace('"2"', '"x\\"y"')


@pytest.mark.parametrize(
    "path", [("b",), ("a",), ("a", "x"), ("a", "n"), ("l", 0)], ids=["absent", "object", "deeper", "number", "item"]
)
def test_only_a_string_can_be_replaced(path: Path) -> None:
    with pytest.raises(ManifestError, match=r"web/package.json: there is no string to replace by 'new'"):
        replaced(document('{"a": {"n": 1}, "l": ["x"]}'), {path: "new"})


texts = st.text(alphabet=string.ascii_letters + '"\\/{}[],: \n\t\u00e4\u2028\U0001f600', max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=15,
)
layouts = st.sampled_from([{"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}, {"ensure_ascii": False}])


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


@given(st.dictionaries(texts, values, max_size=4), layouts)
def test_every_span_holds_its_value(value: dict[str, Any], layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    found: list[Member] = list(members(text))
    assert len({member.path for member in found}) == len(found)
    for member in found:
        assert json.loads(text[slice(*member.value)]) == at(value, member.path)
        assert json.loads(text[slice(*member.key)]) == member.path[-1]
        assert member.line == text.count("\n", 0, member.key[0]) + 1


@given(st.dictionaries(texts, values | texts, max_size=4), layouts, texts, st.data())
def test_replacing_a_string_keeps_every_other_byte(
    value: dict[str, Any], layout: dict[str, Any], new: str, data: st.DataObject
) -> None:
    text = json.dumps(value, **layout)
    strings = [m for m in members(text) if isinstance(at(value, m.path), str) and all(map(_is_key, m.path))]
    if not strings:
        return
    chosen = data.draw(st.sampled_from(strings))
    after = replaced(document(text), {chosen.path: new}).decode()
    start, end = chosen.value
    assert after[:start] == text[:start]
    assert after[len(after) - len(text) + end :] == text[end:]
    assert at(json.loads(after), chosen.path) == new


@given(values, st.sampled_from(["\t", " ", 2, 4]), st.sampled_from(["\t", 2, 3]), st.sampled_from(["\n", "\r\n"]))
def test_a_layout_is_followed(value: Any, wanted: Any, found: Any, newline: str) -> None:
    model = "\ufeff" + json.dumps([value], indent=wanted).replace("\n", newline)
    assert laid_out_like(model, json.dumps([value], indent=found) + "\n") == model


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        pytest.param("{}\n\n", '{\n  "a": 1\n}', '{\n  "a": 1\n}\n\n', id="a model without members"),
        pytest.param('{\n\t"a": 1\n}', "{}\n", "{}", id="a text without members"),
        pytest.param('{"a": 1}\n', '{\n\t"a": 1\n}\n', '{\n\t"a": 1\n}\n', id="a model on one line"),
    ],
)
def test_of_a_layout_that_does_not_show_only_the_end_is_followed(model: str, text: str, expected: str) -> None:
    assert laid_out_like(model, text) == expected


def _is_key(part: str | int) -> bool:
    return isinstance(part, str)
