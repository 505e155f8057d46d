"""How a search finds issues (words, as PostgreSQL's full-text search) and merge requests (pieces of text)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_TAG = re.compile(r"</?([^>]+)>")
_SCHEME = re.compile(r"(?<!\w)\w+://(?=\w)")
_LONG_WORD = re.compile(r"[A-Za-z0-9+/@]{50,}")
_NOT_SEARCHED = re.compile(r"[^a-zA-Z0-9 .@/\-_\"]")
_CHUNK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./@\-]*")
_PHRASE = re.compile(r'"([^"]*)"|(\S+)')


def by_words(query: str, texts: Iterable[str]) -> bool:
    """Whether every word of `query` starts a word of `texts`, as the search for issues wants it.

    Tags and comments count as words; a run of 50 letters or more does not, nor do most signs.
    Stemming is left out. Source: app/models/concerns/pg_full_text_searchable.rb.
    """
    asked = _asked(query)
    text = " ".join(texts)
    lowered = text.lower()
    # Cheap and enough for most: a word that is nowhere in the text starts none of its words.
    if any(start not in lowered for start in asked):
        return False
    words = _words(_LONG_WORD.sub(" ", text))
    return all(any(word.startswith(start) for word in words) for start in asked)


def by_pieces(query: str, texts: Iterable[str]) -> bool:
    """Whether every piece of `query` (a word, or a "quoted phrase") is in one of `texts`, whatever its case.

    Words of fewer than three letters count only when there is nothing else.
    Source: lib/gitlab/sql/pattern.rb.
    """
    pieces = [quoted or word for quoted, word in _PHRASE.findall(query.lower())]
    wanted = [piece for piece in pieces if len(piece) >= 3] or [query.lower()]
    return any(all(piece in text.lower() for piece in wanted) for text in texts)


@lru_cache(maxsize=64)
def _asked(query: str) -> frozenset[str]:
    return frozenset(_words(_NOT_SEARCHED.sub(" ", _SCHEME.sub("", query))))


def _words(text: str) -> set[str]:
    found: set[str] = set()
    for chunk in _CHUNK.findall(_TAG.sub(r" \1 ", text).lower()):
        whole = chunk.rstrip("._/@-")
        # Paths, hosts and addresses are one word to PostgreSQL; a hyphenated word is also its parts.
        found.add(whole)
        if not re.search(r"[/.@]", whole):
            found.update(part for part in re.split(r"[-_]", whole) if part)
    return found
