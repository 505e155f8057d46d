import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.documents.text_edits import Edit
from remediators.documents.toml_document import read_toml
from remediators.documents.toml_spans import Path, string_spans
from remediators.errors import ManifestError

DOCUMENT = '''\
title = "plain" # "no string"
'quoted key' . "with\\tescape" = 'literal'
date = 1979-05-27 07:32:00
numbers = [ 1, 2.5, true, 0x1F, ]

[project]
dependencies = [
  "one>=1", # ], "no string"
  'two', """three""",
  [ "nested", { key = "inline", other.dotted = 'x' } ],
]
multi = """\\
  has ""two"" quotes and \\"""three"""""
raw = \'\'\'it's ''here\'\'\'\'\'
empty = ""

[[tool.uv.index]]
name = "first"
[tool.uv.index.more]
url = "a"

[[tool.uv.index]]
name = "second"

[ "tool" . uv . 'sources' ]
x = { index = "second" }
'''


def found(text: str) -> dict[Path, str]:
    return {span.path: text[span.start : span.end] for span in string_spans(text)}


def test_every_string_is_found_by_its_path() -> None:
    assert found(DOCUMENT) == {
        ("title",): "plain",
        ("quoted key", "with\tescape"): "literal",
        ("project", "dependencies", 0): "one>=1",
        ("project", "dependencies", 1): "two",
        ("project", "dependencies", 2): "three",
        ("project", "dependencies", 3, 0): "nested",
        ("project", "dependencies", 3, 1, "key"): "inline",
        ("project", "dependencies", 3, 1, "other", "dotted"): "x",
        ("project", "multi"): '\\\n  has ""two"" quotes and \\"""three""',
        ("project", "raw"): "it's ''here''",
        ("project", "empty"): "",
        ("tool", "uv", "index", 0, "name"): "first",
        ("tool", "uv", "index", 0, "more", "url"): "a",
        ("tool", "uv", "index", 1, "name"): "second",
        ("tool", "uv", "sources", "x", "index"): "second",
    }


@pytest.mark.parametrize("text", [DOCUMENT, DOCUMENT.replace("\n", "\r\n"), "\n", "", "a = 1"])
def test_every_path_leads_to_a_string(text: str) -> None:
    document = read_toml("pyproject.toml", text.encode())
    assert set(document.spans()) == set(paths_of_strings(tomllib.loads(text)))
    assert all(isinstance(document.string(path), str) for path in document.spans())


def paths_of_strings(value: object, path: Path = ()) -> list[Path]:
    match value:
        case str():
            return [path]
        case dict():
            return [found for key, held in value.items() for found in paths_of_strings(held, (*path, key))]
        case list():
            return [found for place, held in enumerate(value) for found in paths_of_strings(held, (*path, place))]
        case _:
            return []


def test_a_string_tells_its_line() -> None:
    document = read_toml("pyproject.toml", DOCUMENT.encode())
    spans = document.spans()
    assert document.line(spans[("project", "dependencies", 1)]) == 9
    assert document.line(spans[("title",)]) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('a = "x==1"', 'a = "x==22"', id="basic"),
        pytest.param("a = 'x==1'", "a = 'x==22'", id="literal"),
        pytest.param('a = """x==1"""', 'a = """x==22"""', id="multi-line"),
        pytest.param('a = "x==1 ; n == \\"p\\""\r\n', 'a = "x==22 ; n == \\"p\\""\r\n', id="escapes behind it"),
        pytest.param('\ufeffa = "x==1" # x==1', '\ufeffa = "x==22" # x==1', id="mark and comment"),
        pytest.param('b = "x==1"\na = "x==1"', 'b = "x==1"\na = "x==22"', id="only the one at the path"),
    ],
)
def test_an_edit_stays_inside_its_string(before: str, after: str) -> None:
    document = read_toml("pyproject.toml", before.encode())
    assert document.spliced({("a",): Edit(3, 4, "22")}) == after.encode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('a = "x\\u003d=1"', "line 1: a is written with escapes", id="escapes before it"),
        pytest.param('a = """\nx==1"""', "line 1: a is written with escapes", id="a line end that does not count"),
    ],
)
def test_an_edit_that_would_miss_its_place_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read_toml("pyproject.toml", text.encode()).spliced({("a",): Edit(3, 4, "22")})


def test_an_edit_that_would_break_out_of_its_string_is_refused() -> None:
    document = read_toml("pyproject.toml", b'a = "x==1"')
    with pytest.raises(ManifestError, match="a cannot be edited alone"):
        document.spliced({("a",): Edit(3, 4, '1" # ')})


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"a = ", "pyproject.toml is not valid TOML: ", id="broken"),
        pytest.param(b"[" + b"a." * 50_000 + b"a]\n", "its values nest too deeply", id="long key"),
        pytest.param(
            b'x = { "a" ' + b" . 'a'" * 50_000 + b" = 1 }\n", "its values nest too deeply", id="long inner key"
        ),
        pytest.param(b"a = " + b"[" * 20_000, "nest too deeply", id="nested"),
        pytest.param(b"a = '\xff'", "is not UTF-8 text", id="no text"),
    ],
)
def test_what_is_no_toml_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read_toml("pyproject.toml", raw)


keys = st.sampled_from(["a", "b-c", "1", '"d e"', "'f'", 'a . "x\\ty"'])
strings = st.sampled_from(["''", '""', '"a\\"b"', "'#]'", '"""m\n"q" """', "'''l\n''q'''", '"""x"""""', "'é'"])
scalars = st.sampled_from(["1", "true", "1979-05-27 07:32:00", "-inf", "0.5"])
spaces = st.sampled_from(["", " ", "\t"])
breaks = st.sampled_from(["", "\n", " # note ]\n", "\r\n"])
values = st.recursive(
    strings | scalars,
    lambda inner: (
        st.builds(
            lambda items, gap: "[" + ",".join(f"{gap}{item}{gap}" for item in items) + "]",
            st.lists(inner, max_size=3),
            breaks,
        )
        | st.builds(lambda key, item: f"{{ {key} = {item} }}", keys, inner)
    ),
    max_leaves=6,
)
pairs = st.builds(lambda key, gap, value: f"{key}{gap}={gap}{value}", keys, spaces, values)
headers = st.sampled_from(["[t]", "[t.u]", "[[v]]", "[v.w]", "[ x . 'y' ]"])


@given(st.lists(pairs | headers, max_size=6), st.sampled_from(["\n", "\n\n# note\n", "\r\n"]))
def test_spans_agree_with_the_parser(lines: list[str], between: str) -> None:
    text = between.join(lines)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(found(text)) == set(paths_of_strings(expected))
