"""What is left to do in a yarn.lock of berry once the new blocks are in, where that is certain without Yarn.

Yarn would start once more (0.3 s, which is half of what a small fix takes) to find that nothing is missing, to drop
what nobody needs, and to say in the repository's own blocks what their package.json says now. The lockfile tells all
of it, but for these, which are left to Yarn:

| left to Yarn                                       | why                                                        |
|----------------------------------------------------|------------------------------------------------------------|
| the version of the lockfile or of the cache moves  | every block may be written anew                            |
| something else goes than what a package.json pins  | `packageExtensions`, and Yarn's own, may still ask for it  |
| a package moves that Yarn or the project patches   | the patched archive has a hash of its own                  |
| something new is named as one of the repository is | that one may be taken for it                               |
| a package.json says more than ranges anew          | the block has other fields                                 |

Source: Yarn's `Project.ts` (`resolveEverything`, `generateLockfile`), `plugin-compat`, `parsers/syml` and
`@yarnpkg/extensions`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from remediators.api import Upgrade
from remediators.documents.text_edits import Edit
from remediators.npm.manifest import SECTIONS, Manifest, asked, is_range
from remediators.yarn.config import EXTENSIONS
from remediators.yarn.graph import Graph
from remediators.yarn.lock import Entry, Lock, lock
from remediators.yarn.merge import merged
from remediators.yarn.project import Project, field
from state.model import Scope

_WORKSPACE = "@workspace:"
_NEEDED, _PEERS = "dependencies", "peerDependencies"
_PATCHED_BY_YARN = frozenset(("fsevents", "resolve", "typescript"))
_ASKED_FOR_BY_YARN = frozenset(("@babel/core", "@babel/template", "got"))
"""What Yarn's own extensions add to other packages at an exact version; the others are ranges."""
_BARE = re.compile(r"(?![-?:,\][{}#&*!|>'\"%@` \t\r\n]).(?:[ \t]*(?![,\][{}:# \t\r\n]).)*+")
_SECTION = re.compile(r"  (?P<name>\w++):\r?\n")
_ITEM = re.compile(r"    (?P<key>\"[^\"\\]++\"|[^\s\":][^\":]*+): (?P<value>.*?)\r?\n")


def completed(found: Project, fetched: Lock, content: bytes, upgrades: Sequence[Upgrade]) -> bytes | None:
    """The lockfile as Yarn would leave it; None where only Yarn can tell.

    `found` is the project as it asks now, with the lockfile before; `content` is that with the blocks of `fetched`
    in it.
    """
    before = found.lock
    if (fetched.version, fetched.cache) != (before.version, before.cache):
        return None
    spliced = lock(content, before.name)
    own = _own(spliced)
    edits = {folder: _own_edits(spliced, entry, found.manifests.get(folder)) for folder, entry in own.items()}
    if own.keys() != found.manifests.keys() or None in edits.values():
        return None
    after = lock(spliced.text.spliced(edit for some in edits.values() for edit in some or ()), before.name)
    needed = Graph(found, after).patterns()
    kept = {*needed, *(pattern for entry in _own(after).values() for pattern in entry.patterns)}
    leads = {p: entry for p, entry in after.by_pattern.items() if not kept.isdisjoint(after.spellings(p))}
    if not after.by_pattern.keys() - leads.keys() <= _pins(found, upgrades) or _is_special(found, after, needed):
        return None
    return merged(after, after, leads, ())


def _pins(found: Project, upgrades: Sequence[Upgrade]) -> frozenset[str]:
    """Descriptors that nobody but a package.json asks by: the exact versions that move."""
    if EXTENSIONS in found.config.deciding:
        return frozenset()
    moving = (upgrade for upgrade in upgrades if upgrade.package not in _ASKED_FOR_BY_YARN)
    return frozenset(found.lock.pattern(upgrade.package, upgrade.before) for upgrade in moving)


def _is_special(found: Project, after: Lock, needed: Collection[str]) -> bool:
    """Whether something is missing, or Yarn may make something else of it: a patch, a package of the repository."""
    resolutions = [entry.block.fields.get("resolution") for entry in after.entries]
    if len(set(map(str, resolutions))) < len(resolutions):
        return True
    for pattern in needed:
        entry, name = after.find(pattern), pattern[:1] + pattern[1:].partition("@")[0]
        if entry is None:
            return True
        if entry.version and name in _PATCHED_BY_YARN and pattern not in after.built_in:
            return True
        if entry.version and name in found.members and found.lock.find(pattern) is None:
            return True
    return False


def _own(found: Lock) -> Mapping[str, Entry]:
    """The repository's own packages in a lockfile, by folder; "" is the unit's own."""
    entries = (
        (str(entry.block.fields.get("resolution", "")).partition(_WORKSPACE)[2], entry) for entry in found.entries
    )
    return {"" if folder == "." else folder: entry for folder, entry in entries if folder}


def _own_edits(found: Lock, entry: Entry, manifest: Manifest | None) -> Sequence[Edit] | None:
    """What makes the block of a package say what its package.json says; None where more differs than ranges."""
    edits: list[Edit] = []
    for section, wanted in (_said_by(manifest) if manifest else {}).items():
        locked = _lines(entry, section)
        if wanted is None or wanted.keys() != locked.keys():
            return None
        spelt = {key: _spelt(found, key, to) if section == _NEEDED else to for key, to in wanted.items()}
        differing = {key: to for key, to in spelt.items() if locked[key] not in (to, wanted[key])}
        places = _places(found, entry, section)
        if not all(_is_movable(key, to) and key in places for key, to in differing.items()):
            return None
        edits += (Edit(*places[key], _scalar(to)) for key, to in differing.items())
    return edits


def _said_by(manifest: Manifest) -> Mapping[str, Mapping[str, str] | None]:
    """What a package.json asks for, as Yarn puts it together in a block; None where a key says two things."""
    said: dict[str, dict[str, str] | None] = {_NEEDED: {}, _PEERS: {}}
    for section, scope in SECTIONS.items():
        place = _PEERS if scope is Scope.PEER else _NEEDED
        lines = field(manifest, section)
        for key, written in lines.items() if isinstance(lines, dict) else ():
            together = said[place]
            if together is None or not isinstance(written, str) or together.get(key, written) != written:
                said[place] = None
            else:
                together[key] = written
    return said


def _lines(entry: Entry, section: str) -> Mapping[str, str]:
    lines = entry.block.fields.get(section)
    return {key: to for key, to in lines.items() if isinstance(to, str)} if isinstance(lines, dict) else {}


def _places(found: Lock, entry: Entry, section: str) -> Mapping[str, tuple[int, int]]:
    """Where the values of a section of a block stand in the file."""
    text, at, inside = found.text.content, entry.block.body, ""
    places: dict[str, tuple[int, int]] = {}
    while at < entry.block.end:
        end = text.find("\n", at) + 1 or len(text)
        line = text[at:end]
        if header := _SECTION.fullmatch(line):
            inside = header["name"]
        elif inside == section and (item := _ITEM.fullmatch(line)):
            places[item["key"].strip('"')] = (at + item.start("value"), at + item.end("value"))
        at = end
    return places


def _spelt(found: Lock, key: str, written: str) -> str:
    """What a package.json says, as the lockfile repeats it."""
    return found.pattern(key, written).removeprefix(f"{key}@") if found.has_protocols else written


def _is_movable(key: str, written: str) -> bool:
    return is_range(asked(key, written, berry=True)[2])


def _scalar(value: str) -> str:
    """As Yarn writes it: in quotes where it would not be read back otherwise."""
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
