"""GitLab's closing pattern: what closes an issue and what only mentions it."""

from __future__ import annotations

import pytest

from bot.sandbox.text.closing import closed_issues
from bot.sandbox.text.references import Reference

URL = "https://gitlab.example"
ONE = (Reference("", 1),)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        pytest.param("Closes #1", ONE, id="closes"),
        pytest.param("close #1", ONE, id="lower case"),
        pytest.param("This fixes: #1.", ONE, id="colon"),
        pytest.param("Resolving issue #1", ONE, id="with the word issue"),
        pytest.param("Implements #1, #2 and #3", tuple(Reference("", n) for n in (1, 2, 3)), id="a list"),
        pytest.param("Fixes group/app#4", (Reference("group/app", 4),), id="another project"),
        pytest.param(f"Closes {URL}/group/sub/app/-/issues/5", (Reference("group/sub/app", 5),), id="a link"),
        pytest.param("Closes #1\n\nRelated to #2", ONE, id="related is not closed"),
        pytest.param("<!-- Closes #1 -->", ONE, id="comments count as GitLab counts them"),
        pytest.param("Closes #1, closes #1", ONE, id="each once"),
        pytest.param("#1", (), id="a bare mention"),
        pytest.param("Mentions #1", (), id="another verb"),
        pytest.param("CLOSES #1", (), id="capitals are not in the pattern"),
        pytest.param("closest #1", (), id="a longer word"),
        pytest.param("Closes !1", (), id="a merge request"),
        pytest.param("Closes https://elsewhere.example/a/b/-/issues/1", (), id="a link to elsewhere"),
    ],
)
def test_closing_words(text: str, closed: tuple[Reference, ...]) -> None:
    assert closed_issues(text, URL) == closed
