import pytest

from remediators.documents.toml_document import read_toml
from remediators.documents.toml_insertions import with_string
from remediators.errors import ManifestError


def added(before: str) -> str:
    return with_string(read_toml("pyproject.toml", before.encode()), ("tool", "uv"), "over", "new>=1").decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("over = []", 'over = ["new>=1"]', id="empty"),
        pytest.param("over = [\n  # none\n]", 'over = ["new>=1"\n  # none\n]', id="empty with a comment"),
        pytest.param("over = [ 'a' ]  # why", "over = [ 'a', 'new>=1' ]  # why", id="one line, its quotes"),
        pytest.param('over = ["a", "b",]', 'over = ["a", "b", "new>=1",]', id="one line, closing comma"),
        pytest.param('over = [\n\t"a", # x\n]', 'over = [\n\t"a", # x\n\t"new>=1",\n]', id="lines, tab and comment"),
        pytest.param('over = [\n  "a" # x\n]', 'over = [\n  "a", # x\n  "new>=1"\n]', id="lines, no closing comma"),
        pytest.param('over = [\n  "a"\n  , # x\n]', 'over = [\n  "a"\n  , # x\n  "new>=1",\n]', id="a late comma"),
        pytest.param('over = [\n  "a",\n  "b"]', 'over = [\n  "a",\n  "b",\n  "new>=1"]', id="bracket behind the last"),
        pytest.param('over = ["a",\n  "b"]', 'over = ["a",\n  "b",\n  "new>=1"]', id="bracket before the first"),
        pytest.param('over = [\n  "a", "b"\n]', 'over = [\n  "a", "b", "new>=1"\n]', id="several in a line"),
        pytest.param('over = [\n  """a#,]""" ]', 'over = [\n  """a#,]""",\n  "new>=1" ]', id="signs in a string"),
        pytest.param("over = [\n  { a = 1 },\n]", 'over = [\n  { a = 1 },\n  "new>=1",\n]', id="behind a table"),
        pytest.param("x = 1 # y", 'x = 1 # y\nover = ["new>=1"]', id="below the table's last line"),
        pytest.param("  x = [\n  ]", '  x = [\n  ]\n  over = ["new>=1"]', id="indented like it"),
        pytest.param("# none", 'over = ["new>=1"]\n# none', id="below the header"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_string_is_added_in_the_style_of_the_file(before: str, after: str, line_end: str) -> None:
    def text(inside: str) -> str:
        return f"\ufeff# ä\n[tool.uv] # head\n{inside}\n\n[tool.uv.sources]\nover = 1 # \U0001f40d".replace(
            "\n", line_end
        )

    assert added(text(before)) == text(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", '[tool.uv]\nover = ["new>=1"]\n', id="an empty file"),
        pytest.param("a = 1\n", 'a = 1\n\n[tool.uv]\nover = ["new>=1"]\n', id="a file"),
        pytest.param("a = 1", 'a = 1\n\n[tool.uv]\nover = ["new>=1"]\n', id="no line end at its end"),
        pytest.param("[tool.uv.x]\n", '[tool.uv.x]\n\n[tool.uv]\nover = ["new>=1"]\n', id="only a table below it"),
        pytest.param("[tool.uv]", '[tool.uv]\nover = ["new>=1"]', id="a header without a line end"),
        pytest.param("[tool]\nuv.over = ['a']\n", "[tool]\nuv.over = ['a', 'new>=1']\n", id="a dotted key"),
        pytest.param("tool = {uv={over=[]}}\n", 'tool = {uv={over=["new>=1"]}}\n', id="inline tables"),
    ],
)
def test_what_is_missing_is_added(before: str, after: str) -> None:
    assert added(before) == after


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("[tool]\nuv.x = 1\n", id="the table is made of dotted keys"),
        pytest.param("tool.uv = {x = 1}\n", id="the table is inline"),
        pytest.param("[tool.uv]\nover = 1\n", id="the key holds something else"),
        pytest.param("[[tool.uv]]\nover = []\n", id="the table is an array"),
    ],
)
def test_what_cannot_be_added_is_refused(before: str) -> None:
    with pytest.raises(
        ManifestError, match=r"^pyproject\.toml: new>=1 cannot be added to \[tool\.uv\] over alone; add it by hand$"
    ):
        added(before)


def test_nothing_too_deep_is_a_crash() -> None:
    deep = "a = " + "[" * 90 + "]" * 90
    assert added(deep).startswith(deep)
