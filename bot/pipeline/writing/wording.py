"""Foreign text made safe to stand in an issue or merge request: no HTML, mention, quick action or hidden character."""

from __future__ import annotations

import html
import re
import unicodedata

# Bidirectional overrides and zero-width characters make text read otherwise than it is.
_HIDDEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~#!&@$%]|:(?=[\w+-]+:|//))")

# Titles and commit messages are no Markdown, where a backslash would do: a space of no width ends what follows.
_BREAK = "\u200b"
_REFERENCE = re.compile(r"([#!&~%$^](?=[\w\"])|:(?=//))")
_DRAFT = re.compile(r"\s*(\[draft\]|\(draft\)|draft:)", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)(@)(?=\w)")


def plain(text: object, limit: int = 300) -> str:
    """One line of Markdown that shows `text` as it is; cut at `limit` characters.

    GitLab turns `@name`, `#1`, `!1`, `~label`, `%milestone`, `$snippet` and `:emoji:` into links and mentions, and a
    line that begins with `/` into a command: each is escaped. So are addresses: a merge closes the issue that one after
    "closes" leads to.
    """
    escaped = _MARKDOWN.sub(r"\\\1", _cut(_one_line(text), limit))
    return f"\\{escaped}" if escaped.startswith("/") else escaped


def inert(text: object) -> str:
    """One line outside Markdown, as a commit message: no `#1`, `!1` or `&1` in it points at anything, or closes it."""
    return _REFERENCE.sub(rf"\1{_BREAK}", _one_line(text))


def title(text: object) -> str:
    """A title: one line as `inert`, in which `@babel/core` calls nobody; cut at 255 characters, as GitLab demands."""
    return _cut(_MENTION.sub(rf"\1{_BREAK}", inert(text)), 255)


def is_draft(title: str) -> bool:
    """Whether GitLab takes a merge request of this title for a draft, which nobody can merge."""
    return _DRAFT.match(title) is not None


def as_draft(title: str) -> str:
    """The title of a draft."""
    return _cut(f"Draft: {title}", 255)


def _one_line(text: object) -> str:
    visible = "".join(c for c in str(text) if c not in _HIDDEN and (c.isspace() or unicodedata.category(c)[0] != "C"))
    return " ".join(visible.split())


def _cut(line: str, limit: int) -> str:
    return line if len(line) <= limit else line[: limit - 1] + "…"


def code(text: object, limit: int = 300) -> str:
    """`text` as inline code; backticks and line breaks cannot end it, a pipe cannot end a table cell."""
    visible = "".join(c for c in str(text) if c not in _HIDDEN and unicodedata.category(c)[0] != "C")
    return "`" + visible.replace("`", "'").replace("|", "\\|")[:limit] + "`" if visible else "-"


def html_code(text: object, limit: int = 300) -> str:
    """`text` as code within HTML, where Markdown does not reach: GitLab looks for no mention in code."""
    visible = "".join(c for c in str(text) if c not in _HIDDEN and unicodedata.category(c)[0] != "C")
    return f"<code>{html.escape(visible[:limit])}</code>"


def web_link(label: object, url: str) -> str:
    """A link to an http(s) address, the plain label for anything else."""
    if not re.fullmatch(r"https?://[^\s<>()\[\]\"'`|\\]+", url):
        return plain(label)
    return f"[{plain(label)}]({url})"


def origin(source: str) -> str:
    """Where advisory data comes from, for everyone to read: hosts, but no path of the machine that the bot runs on."""
    hosts = re.findall(r"https?://([^/\s,]+)", source)
    return ", ".join(dict.fromkeys(hosts)) or "a folder of OSV dumps"
