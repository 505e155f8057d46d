import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.documents.yaml_edits import replaced, with_string, without
from remediators.documents.yaml_spans import read
from remediators.errors import ManifestError

DEEP = "\n".join(" " * depth + "a:" for depth in range(200))


def test_every_scalar_is_the_text_that_it_stands_for() -> None:
    document = read(b"\xef\xbb\xbfa: 1.10\n'b': {c: yes, \"d\": ~}\ne:\n  - f\n  - [g]\nh:\n", "x.yaml")
    assert document.value == {"a": "1.10", "b": {"c": "yes", "d": "~"}, "e": ["f", ["g"]], "h": ""}
    spans = {path: document.text[slice(*member.value)] for path, member in document.members.items()}
    assert spans[("a",)] == "1.10"
    assert spans[("b", "d")] == "~"
    assert {path: member.line for path, member in document.members.items()}[("e",)] == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("a: &x 1\nb: *x\n", "1: anchors are not handled", id="an anchor"),
        pytest.param("a: *x\n", "1: aliases are not handled", id="an alias"),
        pytest.param("\n".join(["a: &a [x]", *(f"a{n}: &b{n} [*a, *a]" for n in range(50))]), "anchors", id="a bomb"),
        pytest.param("a: !!python/object/apply:os.system [id]\n", "tags are not handled", id="a tag"),
        pytest.param("a: 1\n---\nb: 1\n", "a second document begins here", id="two documents"),
        pytest.param("a: 1\na: 2\n", "2: the key 'a' stands twice", id="a key twice"),
        pytest.param("[a]: 1\n", "a key that is not a string", id="a key that is a sequence"),
        pytest.param("a: '1\n", "this is not YAML", id="a quote that does not end"),
        pytest.param("<<<<<<< HEAD\na: 1\n", "this is not YAML", id="a merge conflict"),
        pytest.param("a: \x07\n", "this is not YAML", id="a control character"),
        pytest.param("[" * 100_000, "nested over 60 deep", id="deep flow"),
        pytest.param("- " * 100_000, "nested over 60 deep", id="deep block"),
        pytest.param(DEEP, "nested over 60 deep", id="deep mappings"),
        pytest.param("a: [" + "x," * 500_000 + "]", "500,000 lines.*at most 100,000", id="many values"),
        pytest.param("a: " + "x" * 9_000_000, "9,000,003 bytes, and at most 6,291,456", id="huge"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(ManifestError, match=reason):
        read(text.encode(), "x.yaml")
    assert time.monotonic() - began < 1


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"x\.yaml: byte 3 is not UTF-8"):
        read(b"a: \xff", "x.yaml")


@given(st.binary(max_size=60) | st.text(alphabet="ab:-{}[]'\"#&*!|>?% \n\t", max_size=60).map(str.encode))
def test_nothing_but_a_manifest_error_comes_out(content: bytes) -> None:
    try:
        document = read(content, "x.yaml")
    except ManifestError:
        return
    for path, member in document.members.items():
        assert 0 <= member.key[0] <= member.key[1] <= len(document.text), path


@pytest.mark.parametrize(
    ("before", "path", "string", "after"),
    [
        pytest.param("a: ^1.0.0 # why\n", ("a",), "^2.0.0", "a: ^2.0.0 # why\n", id="plain"),
        pytest.param("a: '^1.0.0'\r\nb: x\r\n", ("a",), ">=2", "a: '>=2'\r\nb: x\r\n", id="single quotes, CRLF"),
        pytest.param('a: "1"', ("a",), "2", 'a: "2"', id="double quotes, no last line end"),
        pytest.param("a: ^1\n", ("a",), "2", "a: '2'\n", id="a number needs quotes"),
        pytest.param("a: ^1\n", ("a",), ">=2 <3", "a: '>=2 <3'\n", id="what begins like a folded text"),
        pytest.param("a: {b: 1.0.0, c: x}\n", ("a", "b"), "2.0.0", "a: {b: 2.0.0, c: x}\n", id="flow"),
        pytest.param("\ufeffé: {🐝: 1.0.0}\n", ("é", "🐝"), "2.0.0", "\ufeffé: {🐝: 2.0.0}\n", id="unicode, mark"),
    ],
)
def test_a_string_is_replaced_in_place(before: str, path: tuple[str, ...], string: str, after: str) -> None:
    assert replaced(read(before.encode(), "x.yaml"), {path: string}).decode() == after


PATH = ("overrides", "@s/ms@2.0.0")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("packages:\n  - a\n", "packages:\n  - a\noverrides:\n  '@s/ms@2.0.0': 2.0.5\n", id="a new block"),
        pytest.param("a: b", "a: b\noverrides:\n  '@s/ms@2.0.0': 2.0.5", id="no last line end"),
        pytest.param("", "overrides:\n  '@s/ms@2.0.0': 2.0.5\n", id="an empty file"),
        pytest.param(
            "overrides:\r\n    x: 1 # one\r\n\r\n# end\r\nz: 1\r\n",
            "overrides:\r\n    x: 1 # one\r\n    '@s/ms@2.0.0': 2.0.5\r\n\r\n# end\r\nz: 1\r\n",
            id="beside others",
        ),
        pytest.param("overrides: {x: 1}\n", "overrides: {x: 1, '@s/ms@2.0.0': 2.0.5}\n", id="flow"),
        pytest.param(
            "overrides: {} # none\nz: 1\n", "overrides: # none\n  '@s/ms@2.0.0': 2.0.5\nz: 1\n", id="empty flow"
        ),
        pytest.param("overrides:\nz: 1\n", "overrides:\n  '@s/ms@2.0.0': 2.0.5\nz: 1\n", id="nothing there"),
        pytest.param("overrides:\n  '@s/ms@2.0.0': '1'\n", "overrides:\n  '@s/ms@2.0.0': '2.0.5'\n", id="in place"),
    ],
)
def test_a_string_is_added_in_the_style_of_the_file(before: str, after: str) -> None:
    content = with_string(read(before.encode(), "x.yaml"), PATH, "2.0.5").decode()
    assert content == after


@pytest.mark.parametrize("before", ["overrides: [x]\n", "overrides: x\n", "overrides: {}\n  b: 1\n"])
def test_what_is_no_mapping_is_refused(before: str) -> None:
    with pytest.raises(ManifestError):
        with_string(read(before.encode(), "x.yaml"), PATH, "2.0.5")


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param("a:\n  b: 1\n  c: 2\n", ("a", "b"), "a:\n  c: 2\n", id="one of two"),
        pytest.param("a:\n  b: 1\n\nc: 2\n", ("a",), "c: 2\n", id="a block with its blank line"),
        pytest.param("c: 2\na:\n  b:\n    d: e", ("a",), "c: 2\n", id="the last, without a line end"),
        pytest.param("c: 2\n", ("a",), "c: 2\n", id="none there"),
    ],
)
def test_a_member_is_taken_out(before: str, path: tuple[str, ...], after: str) -> None:
    assert without(read(before.encode(), "x.yaml"), path).decode() == after


def test_a_member_in_braces_is_not_taken_out() -> None:
    with pytest.raises(ManifestError, match="edit it by hand"):
        without(read(b"a: {b: 1}\n", "x.yaml"), ("a", "b"))


@pytest.mark.parametrize("text", ['{\n  "overrides"}', "? overrides\n"], ids=["in braces", "after a question mark"])
def test_a_key_that_stands_alone_gets_no_member(text: str) -> None:
    with pytest.raises(ManifestError, match="edit it by hand"):
        with_string(read(text.encode(), "x.yaml"), ("overrides", "a"), "1.0")


keys = st.text(alphabet="abc@/ -é'\":#{}", min_size=1, max_size=5)
comments = st.sampled_from(["", " # note", "   "])


@given(
    st.lists(st.tuples(keys, st.sampled_from(["1.0.0", "'^1'", '"x"', "[a, b]"]), comments), max_size=5), st.booleans()
)
def test_all_else_stays_whatever_the_document_holds(lines: list[tuple[str, str, str]], crlf: bool) -> None:
    unique = {key: (value, comment) for key, value, comment in lines}
    text = "".join("'" + key.replace("'", "''") + f"': {value}{comment}\n" for key, (value, comment) in unique.items())
    text = text.replace("\n", "\r\n") if crlf else text
    content = with_string(read(text.encode(), "x.yaml"), PATH, "2.0.5").decode()
    assert content.startswith(text)
    assert without(read(content.encode(), "x.yaml"), ("overrides",)).decode() == text
