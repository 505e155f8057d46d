"""Markdown as safe HTML, as far as descriptions and comments need it: no raw HTML, no images, no scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from bot.sandbox.text.inline import Resolve, rendered

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})\s*([\w+#.\-]*)[^`]*$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_RULE = re.compile(r"^\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$")
_TASK = re.compile(r"^\[([ xX~])\]\s+(.*)$", re.DOTALL)
_DIVIDER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_DETAILS = re.compile(r"^\s*(</?details(?: open)?>|<summary>(?P<summary>.*?)</summary>)\s*", re.IGNORECASE)
_STARTS = (_FENCE, _HEADING, _RULE, _ITEM, _DETAILS, re.compile(r"^\s{0,3}>"))


def to_html(text: str, resolve: Resolve) -> str:
    """The whole text as HTML. `resolve` finds the URLs of references and people."""
    return _blocks(_without_comments(text.replace("\r\n", "\n")).split("\n"), resolve)


def _without_comments(text: str) -> str:
    kept, code = [], False
    # Comments inside a code block are part of the code.
    for part in re.split(r"(^\s{0,3}(?:`{3,}|~{3,}).*$)", text, flags=re.MULTILINE):
        if _FENCE.match(part):
            code = not code
            kept.append(part)
        else:
            kept.append(part if code else _COMMENT.sub("", part))
    return "".join(kept)


def _blocks(lines: list[str], resolve: Resolve) -> str:
    out: list[str] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        for block in _BLOCKS:
            found = block(lines, at, resolve)
            if found is not None:
                shown, at = found
                out.append(shown)
                break
    return "\n".join(out)


def _fence(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    opening = _FENCE.match(lines[at])
    if opening is None:
        return None
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(opening[1]):
        end += 1
    body = html.escape("\n".join(lines[at + 1 : end]))
    return f"<pre><code>{body}</code></pre>", end + 1


def _heading(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    match = _HEADING.match(lines[at])
    if match is None:
        return None
    level = len(match[1])
    return f"<h{level}>{rendered(match[2], resolve)}</h{level}>", at + 1


def _rule(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    return ("<hr>", at + 1) if _RULE.match(lines[at]) else None


def _details(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    match = _DETAILS.match(lines[at])
    if match is None:
        return None
    rest = lines[at][match.end() :]
    if match["summary"] is not None:
        shown = f"<summary>{rendered(match['summary'], resolve)}</summary>"
    else:
        shown = match[1].lower()
    # What follows on the same line is looked at again.
    lines[at] = rest
    return shown, at if rest.strip() else at + 1


def _quote(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    end = at
    while end < len(lines) and re.match(r"^\s{0,3}>", lines[end]):
        end += 1
    if end == at:
        return None
    inner = [re.sub(r"^\s{0,3}> ?", "", line) for line in lines[at:end]]
    return f"<blockquote>{_blocks(inner, resolve)}</blockquote>", end


def _list(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    first = _ITEM.match(lines[at])
    if first is None:
        return None
    indent, ordered = len(first[1]), first[2][0].isdigit()
    items: list[list[str]] = []
    while at < len(lines):
        match = _ITEM.match(lines[at])
        if match and len(match[1]) <= indent + 1 and match[2][0].isdigit() == ordered:
            items.append([match[3]])
        elif items and (
            _indented(lines[at], indent + 2) or (not lines[at].strip() and _goes_on(lines, at, indent + 2))
        ):
            items[-1].append(lines[at][min(indent + 2, len(lines[at]) - len(lines[at].lstrip())) :])
        elif items and lines[at].strip() and not any(start.match(lines[at]) for start in _STARTS):
            items[-1].append(lines[at].strip())
        else:
            break
        at += 1
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(_item(item, resolve) for item in items)}</{tag}>", at


def _indented(line: str, width: int) -> bool:
    return bool(line.strip()) and len(line) - len(line.lstrip()) >= width


def _goes_on(lines: list[str], at: int, width: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return _indented(following, width)


def _item(lines: list[str], resolve: Resolve) -> str:
    task = _TASK.match(lines[0])
    box = ""
    if task is not None:
        box = f'<input type="checkbox" disabled{" checked" if task[1] in "xX" else ""}> '
        lines = [task[2], *lines[1:]]
    body = _blocks(lines, resolve)
    if body.startswith("<p>") and body.count("<p>") == 1:
        body = body.replace("<p>", "", 1).replace("</p>", "", 1)
    return f"<li>{box}{body}</li>"


def _table(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    if "|" not in lines[at] or at + 1 >= len(lines) or not _DIVIDER.match(lines[at + 1]) or "|" not in lines[at + 1]:
        return None
    head = _cells(lines[at])
    rows, at = [], at + 2
    while at < len(lines) and "|" in lines[at]:
        rows.append(_cells(lines[at]))
        at += 1
    top = "".join(f"<th>{rendered(cell, resolve)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{rendered(c, resolve)}</td>' for c in row[: len(head)])}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>", at


def _cells(line: str) -> list[str]:
    bare = line.strip().removeprefix("|")
    bare = bare.removesuffix("|") if not bare.endswith("\\|") else bare
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", bare)]


def _paragraph(lines: list[str], at: int, resolve: Resolve) -> tuple[str, int] | None:
    end = at + 1
    while end < len(lines) and lines[end].strip() and not any(start.match(lines[end]) for start in _STARTS):
        end += 1
    text = "\n".join(line.strip() if not line.endswith("  ") else line.strip() + "<br>" for line in lines[at:end])
    return f"<p>{rendered(text, resolve)}</p>", end


_Block = Callable[[list[str], int, Resolve], tuple[str, int] | None]
_BLOCKS: tuple[_Block, ...] = (_fence, _heading, _rule, _details, _quote, _list, _table, _paragraph)
