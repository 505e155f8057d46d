"""A policy file as it is read: what is refused, on which line, and that nothing in it can do harm."""

from __future__ import annotations

import time

import pytest

from bot.policy.document import MAX_BYTES, PolicyError
from bot.policy.yaml_document import read


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# nothing yet\n", {}),
        ("---\nlabels: [a]\n", {"labels": ["a"]}),
        ("a: on\nb: no\nc: 22:00\nd: 2027-01-01\n", {"a": "on", "b": "no", "c": "22:00", "d": "2027-01-01"}),
        (
            'a: true\nb: "true"\nc: 3\nd: "3"\ne: 0.5\nf: ~\n',
            {"a": True, "b": "true", "c": 3, "d": "3", "e": 0.5, "f": None},
        ),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
    ids=["empty", "a comment", "a marker", "words of YAML 1.1", "kinds of values", "BOM and CRLF"],
)
def test_values_are_what_they_look_like(text: str, values: object) -> None:
    assert read(text.encode(), "f").values == values


def test_every_value_has_its_line() -> None:
    document = read(b"a: 1\nb:\n  - c: 2\n  -\n    d: 3\n", "f")
    assert [document.line(place) for place in (("a",), ("b",), ("b", 0, "c"), ("b", 1, "d"), ("b", 1, "none"))] == [
        1,
        2,
        3,
        5,
        5,
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"a: &x 1\n", "f: line 1: anchors and aliases are not read: write the value out", id="anchor"),
        pytest.param(b"a: 1\nb: *x\n", "f: line 2: anchors and aliases are not read: write the value out", id="alias"),
        pytest.param(
            b"a: !!python/object:os.system x\n",
            "f: line 1: the tag tag:yaml.org,2002:python/object:os.system is not read: write the plain value",
            id="tag",
        ),
        pytest.param(b"a: 1\nb: [\n", "f: line 3: not valid YAML: expected the node content", id="broken"),
        pytest.param(b"- a\n", "f: line 1: settings and their values are expected", id="a list"),
        pytest.param(b"a: 1\na: 2\n", "f: line 2: 'a' is given twice", id="twice"),
        pytest.param(b"a: 1\n---\nb: 1\n", "f: line 2: a second document", id="two documents"),
        pytest.param(b"? [a]\n: 1\n", "f: line 1: a name is expected before the colon", id="a list as a name"),
        pytest.param(b"a: 1\nb: \xff\n", "f: line 2: this is not UTF-8", id="bytes"),
        pytest.param(b"a: \x00\n", "f: line 1: not valid YAML", id="control character"),
        pytest.param(b"a: " + b"[" * 30_000, "f: line 1: nested more than 8 levels deep", id="deep"),
        pytest.param(
            b"#" * (MAX_BYTES + 1), "f: line 1: the file has more than 65,536 bytes: make it shorter", id="big"
        ),
    ],
)
def test_what_is_refused_names_its_line(data: bytes, said: str) -> None:
    began = time.process_time()
    with pytest.raises(PolicyError) as refused:
        read(data, "f")
    assert str(refused.value).startswith(said)
    assert time.process_time() - began < 1
