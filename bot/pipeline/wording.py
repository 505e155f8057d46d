"""Foreign text made safe to stand in an issue or merge request: no HTML, mention, quick action or hidden character."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, unquote

MARK = "remediation-bot"
ASKING = f"{MARK}-asks-for-approval"
"""What says, in a description, that its merge request was opened as a draft for a person to approve."""

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


def key_marker(key: str) -> str:
    """What identifies the work on a remediation in GitLab; searchable in a description."""
    return f"{MARK}-key-{digest(key)}"


def key_markers(key: str) -> tuple[str, str]:
    """That, and the key itself, to be read again where the database no longer knows it."""
    return key_marker(key), f"{MARK}-name-{quote(key, safe='').replace('-', '%2D')}"


def named_keys(description: str) -> tuple[str, ...]:
    """The keys that a description names and is marked with."""
    keys = (unquote(name) for name in re.findall(rf"{MARK}-name-([\w.~%]+)", description))
    return tuple(key for key in keys if key_marker(key) in description)


def changes_marker(changes: Iterable[str]) -> str:
    """What identifies one set of changes: a closed merge request with it means no to just these."""
    return f"{MARK}-changes-{digest(*sorted(changes))}"


def without_changes(description: str) -> str:
    """A description whose merge request stands for no set of changes any more: closing it says no to nothing."""
    return re.sub(rf"{MARK}-changes-[0-9a-f]+ ?", "", description)


def content_marker(body: str) -> str:
    """What tells whether a description is the one that we would write now."""
    return f"{MARK}-content-{digest(body)}"


def digest(*parts: str) -> str:
    """Twenty hexadecimal digits of SHA-256."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
