"""Quick actions: lines such as `/close` in what people write, taken out of the text before it is kept."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)[^\n]*$|\Z)|^>>>.*?(?:^>>>$|\Z)", re.DOTALL | re.MULTILINE
)
_LINE = re.compile(r"^/(?P<name>[a-z_]+)(?:[ \t]+(?P<argument>[^\n]*?))?[ \t]*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """One quick action. `argument` is the rest of its line."""

    name: str
    argument: str


def extracted(text: str, known: Collection[str]) -> tuple[str, tuple[Command, ...]]:
    """`text` without the lines that are quick actions, and those in order.

    Only names in `known` are commands; lines in code and quote blocks are text.
    Source: lib/gitlab/quick_actions/extractor.rb.
    """
    blocks = [match.span() for match in _BLOCK.finditer(text)]
    found = [
        match
        for match in _LINE.finditer(text)
        if match["name"].lower() in known and not any(start <= match.start() < end for start, end in blocks)
    ]
    if not found:
        return text, ()
    rest, at = [], 0
    for match in found:
        rest.append(text[at : match.start()])
        at = match.end() + 1
    rest.append(text[at:])
    commands = tuple(Command(match["name"].lower(), match["argument"] or "") for match in found)
    return "".join(rest).strip(), commands


def names(argument: str) -> tuple[str, ...]:
    """Label names in a command's argument: `~bug`, `~"two words"`, or bare words."""
    found = re.findall(r'~?"([^"]+)"|~?([^\s~"]+)', argument)
    return tuple(quoted or bare for quoted, bare in found)


def people(argument: str) -> tuple[str, ...]:
    """Usernames in a command's argument; "me" is the one who writes."""
    return tuple(word.lstrip("@").rstrip(",") for word in argument.split() if word.strip("@,"))
