"""Markdown as safe HTML: what it makes, and what it never lets through."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from bot.sandbox.text.markdown import to_html

ALLOWED = {"p", "a", "code", "pre", "strong", "em", "details", "summary", "blockquote", "ul", "li"}


def resolve(path: str, sign: str, name: str) -> str | None:
    return None if name == "404" else f"/{path}{sign}{name}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("# One *two*", "<h1>One <em>two</em></h1>", id="heading"),
        pytest.param("a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>", id="paragraphs"),
        pytest.param(
            "**b** _i_ ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c</code></p>", id="styles"
        ),
        pytest.param("snake_case_name 2*3*4", "<p>snake_case_name 2*3*4</p>", id="no styles inside words"),
        pytest.param("- a\n- b", "<ul><li>a</li><li>b</li></ul>", id="list"),
        pytest.param("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>", id="numbered list"),
        pytest.param("- a\n  - b", "<ul><li>a\n<ul><li>b</li></ul></li></ul>", id="list in a list"),
        pytest.param(
            "- [x] done", '<ul><li><input type="checkbox" disabled checked> done</li></ul>', id="task"
        ),
        pytest.param("> quoted", "<blockquote><p>quoted</p></blockquote>", id="quote"),
        pytest.param("```py\na < b\n```", "<pre><code>a &lt; b</code></pre>", id="code block"),
        pytest.param(
            "| a | b |\n|---|:-:|\n| 1 | `x` |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><code>x</code></td></tr>"
            "</tbody></table>",
            id="table",
        ),
        pytest.param("---", "<hr>", id="rule"),
        pytest.param(
            "<details>\n<summary>More</summary>\n\ntext\n\n</details>",
            "<details>\n<summary>More</summary>\n<p>text</p>\n</details>",
            id="details",
        ),
        pytest.param("a <!-- hidden --> b", "<p>a  b</p>", id="a comment is hidden"),
        pytest.param("#1, group/app!2 and @alice", (
            '<p><a href="/#1" rel="nofollow noreferrer">#1</a>, <a href="/group/app!2" rel="nofollow noreferrer">'
            'group/app!2</a> and <a href="/@alice" rel="nofollow noreferrer">@alice</a></p>'
        ), id="references"),
        pytest.param("#404 stays", "<p>#404 stays</p>", id="a reference to nothing"),
        pytest.param("`#1 @alice`", "<p><code>#1 @alice</code></p>", id="no references in code"),
        pytest.param(r"\#1 \*a\*", "<p>#1 *a*</p>", id="backslashes"),
    ],
)  # fmt: skip
def test_rendering(text: str, shown: str) -> None:
    assert to_html(text, resolve) == shown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,hi)",
        '[x](https://e.example/"onmouseover="alert(1))',
        '<a href="javascript:x">y</a>',
        "<details ontoggle=alert(1)>",
        "<details open><svg onload=alert(1)>",
        "![x](javascript:alert(1))",
        '`<b onclick="x">`',
        '<summary><img src=x onerror="x"></summary>',
        "\0000\0",
    ],
)
def test_nothing_runs(text: str) -> None:
    found = _Tags()
    found.feed(to_html(text, resolve))
    assert {tag for tag, _ in found.tags} <= ALLOWED
    for _, attributes in found.tags:
        assert set(attributes) <= {"href", "rel", "type", "disabled", "checked", "open"}
        assert str(attributes.get("href", "/")).startswith(("https://", "/"))


class _Tags(HTMLParser):
    """Every tag with its attributes, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
