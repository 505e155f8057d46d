"""Which issues a commit message or a merge request closes: GitLab's closing pattern."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.sandbox.text import references
from bot.sandbox.text.references import PATH, Reference

# config/initializers/1_settings.rb (issue_closing_pattern); the reference is put in for each GitLab.
_PATTERN = (
    r"\b(?:(?:[Cc]los(?:e[sd]?|ing)|\b[Ff]ix(?:e[sd]|ing)?|\b[Rr]esolv(?:e[sd]?|ing)|\b[Ii]mplement(?:s|ed|ing)?)"
    r"(?::?) +(?:(?:issues? +)?%(issue)s(?:(?: *,? +and +| *,? *)?)|[A-Z][A-Z0-9_]+-\d+)+)"
)


def closed_issues(text: str, base_url: str) -> tuple[Reference, ...]:
    """Issues that `text` closes, in order, each once.

    Code and HTML comments count as well: GitLab scans the raw text for the pattern.
    Source: lib/gitlab/closing_issue_extractor.rb, config/initializers/1_settings.rb.
    """
    statements = " ".join(match[0] for match in _closing(base_url).finditer(text))
    return references.issues(statements, base_url)


@lru_cache(maxsize=8)
def _closing(base_url: str) -> re.Pattern[str]:
    link = re.sub(r"\?P<\w+>", "?:", references.link_pattern(base_url, "#"))
    return re.compile(_PATTERN % {"issue": rf"(?:{link}|(?:{PATH})?#\d+)"})
