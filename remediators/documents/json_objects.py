"""Where the objects of a JSON document begin: what a lockfile needs to know, in a fifth of the time of all members."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from remediators.documents.json_spans import STRING, Path

# Whatever opens and closes nothing is passed over inside the pattern.
_NEXT = re.compile(
    rf'(?:[^"{{}}\[\]]++|{STRING}(?!\s*+:\s*+\{{))*+(?:(?P<key>{STRING})\s*+:\s*+\{{|[{{}}\[\]])', re.DOTALL
)


def objects(text: str) -> Iterator[tuple[Path, int]]:
    """Every object that is a member of objects only: its path and the 1-based line of its key, in file order.

    `text` must be valid JSON, as that of a Document is.
    """
    # None is what has no key: the document itself, an array, an item of one.
    open_: list[str | None] = []
    line, counted = 1, 0
    for found in _NEXT.finditer(text):
        key = found["key"]
        if key is None:
            if found[0][-1] in "{[":
                open_.append(None)
            else:
                open_.pop()
            continue
        at = found.start("key")
        line, counted = line + text.count("\n", counted, at), at
        open_.append(json.loads(key) if "\\" in key else key[1:-1])
        path = tuple(each for each in open_[1:] if each is not None)
        if len(path) == len(open_) - 1:
            yield path, line
