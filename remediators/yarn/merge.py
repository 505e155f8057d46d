"""A yarn.lock with some descriptors led elsewhere: blocks are spliced, all others stay as they are, byte for byte.

A block stands for one package at one version; its header lists every descriptor that leads there, and blocks are in
the order of their headers, as Yarn writes them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from remediators.yarn.lock import Entry, Lock

_LONGEST_KEY = 1_024
_BARE = re.compile(r"[a-zA-Z][^:\s\n\\\",\[\]]*")
_WORDS = ("true", "false")
_END = re.compile(r"\r?\n")
Group = tuple[str, str, str]
"""What a block stands for: the name that it is asked for by (in classic, where a renamed one stands alone),
package and version."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The text of a block, and the blank lines behind it. `key` is what it is sorted by."""

    key: str
    text: str
    gap: str


def led(before: Lock, fetched: Lock, moved: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """Every descriptor of `before` and of `fetched`, and the entry that it leads to from now on.

    `moved` goes before both. Where `before` has the same package and version already, its entry is taken.
    """
    known = {group(before, pattern, entry): entry for pattern, entry in before.by_pattern.items() if entry.version}
    wanted = {**fetched.by_pattern, **before.by_pattern, **moved}
    return {
        pattern: known.get(group(before, pattern, entry), entry) if entry.version else entry
        for pattern, entry in wanted.items()
    }


def group(lock: Lock, pattern: str, entry: Entry) -> Group:
    """The block that a descriptor belongs to."""
    key = "" if lock.berry else pattern[:1] + pattern[1:].partition("@")[0]
    return (key, entry.package, entry.version)


def merged(before: Lock, fetched: Lock, leads: Mapping[str, Entry], elsewhere: Collection[str]) -> bytes:
    """The file in which exactly the descriptors in `leads` lead to these entries of `before` and `fetched`.

    Archives are named at a registry that `before` names, if it names any; `elsewhere` are the scopes with a
    registry of their own.
    """
    text, entries = before.text.content, before.entries
    first = entries[0].block.start if entries else len(text)
    prologue = text[:first].rstrip()
    end = "\r\n" if "\r\n" in text else "\n"
    wanted, registries = _by_block(before, leads), _registries(before)
    chunks = _stays_or_shrinks(before, wanted, end)
    for added, entry in wanted.values():
        body = fetched.text.content[entry.block.body : entry.block.end]
        if entry.package.partition("/")[0] not in elsewhere:
            body = _at(registries, entry, body)
        _insert(
            chunks, _Chunk(_key(before, added), _header(before, added, end) + _END.sub(end, body.rstrip()), end * 2)
        )
    # Classic leaves two blank lines before the first block, and people what they like.
    lead = text[len(prologue) : first] if entries else end * 2
    whole = prologue + lead + "".join(chunk.text + chunk.gap for chunk in chunks)
    tail = text[len(text.rstrip()) :] if entries else end
    return before.text.mark + (whole.rstrip() + tail).encode(before.text.codec)


def _stays_or_shrinks(lock: Lock, wanted: dict[tuple[int, str], tuple[list[str], Entry]], end: str) -> list[_Chunk]:
    """The blocks of the lockfile that something still leads to; they are taken out of `wanted`."""
    text = lock.text.content
    starts = [*(entry.block.start for entry in lock.entries[1:]), len(text)]
    chunks: list[_Chunk] = []
    changed: list[_Chunk] = []
    for entry, following in zip(lock.entries, starts, strict=True):
        mine, _ = wanted.pop(_block(lock, entry.patterns[0], entry), ([], entry))
        body = text[entry.block.body : following].rstrip()
        gap = text[entry.block.body + len(body) : following] if following < len(text) else end * 2
        if set(mine) == set(entry.patterns):
            chunks.append(_Chunk(_key(lock, mine), text[entry.block.start : entry.block.body] + body, gap))
        elif mine:
            changed.append(_Chunk(_key(lock, mine), _header(lock, mine, end) + body, gap))
    for chunk in changed:
        _insert(chunks, chunk)
    return chunks


def _by_block(lock: Lock, leads: Mapping[str, Entry]) -> dict[tuple[int, str], tuple[list[str], Entry]]:
    """The descriptors of every block, and the entry that it is made of."""
    found: dict[tuple[int, str], tuple[list[str], Entry]] = {}
    for pattern, entry in leads.items():
        found.setdefault(_block(lock, pattern, entry), ([], entry))[0].append(pattern)
    return found


def _block(lock: Lock, pattern: str, entry: Entry) -> tuple[int, str]:
    """What tells blocks apart: the entry, and the name that it is asked for by, unless its own block has both."""
    key, *keys = (group(lock, other, entry)[0] for other in (pattern, *entry.patterns))
    return (id(entry), keys[0] if key in keys else key)


def _insert(chunks: list[_Chunk], chunk: _Chunk) -> None:
    place = next((at for at, other in enumerate(chunks) if other.key > chunk.key), len(chunks))
    chunks.insert(place, chunk)


def _key(lock: Lock, patterns: Collection[str]) -> str:
    return ", ".join(sorted(patterns)) if lock.berry else min(patterns)


def _header(lock: Lock, patterns: Collection[str], end: str) -> str:
    if not lock.berry:
        return ", ".join(_word(pattern) for pattern in sorted(patterns)) + ":" + end
    key = json.dumps(_key(lock, patterns), ensure_ascii=False)
    return f"? {key}{end}:{end}" if len(key) > _LONGEST_KEY else f"{key}:{end}"


def _word(pattern: str) -> str:
    """As classic writes it: in quotes where its parser would not read it otherwise."""
    bare = _BARE.fullmatch(pattern) and not pattern.startswith(_WORDS)
    return pattern if bare else json.dumps(pattern, ensure_ascii=False)


def _registries(lock: Lock) -> Sequence[str]:
    """The registries that the archives are named at, the most used first."""
    return [root for root, _ in Counter(filter(None, map(_root, lock.entries))).most_common()]


def _root(entry: Entry) -> str:
    """The registry in an archive's URL; "" when it does not tell."""
    resolved = entry.block.fields.get("resolved")
    root, name, _ = resolved.partition(f"/{entry.package}/-/") if isinstance(resolved, str) else ("", "", "")
    return root if name else ""


def _at(registries: Sequence[str], entry: Entry, body: str) -> str:
    """The fields with the archive at a known registry: Yarn names the one that it asked, which may be a mirror."""
    other = _root(entry)
    if not other or not registries or other in registries:
        return body
    return body.replace(f'resolved "{other}/', f'resolved "{registries[0]}/')
