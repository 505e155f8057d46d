"""yarn.lock: which package at which version every descriptor (`name@range`) leads to, and what that one needs.

Classic is version 1; berry's `__metadata` says 4 to 10 (Yarn 2 to 4). Both are read into the same entries, whose
patterns are the descriptors: `ms@^2.0.0` in classic, `ms@npm:^2.0.0` in berry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from remediators.bounds import YARN_LOCKFILE, check_packages
from remediators.documents.text_edits import Text, decoded
from remediators.errors import ManifestError
from remediators.npm.manifest import asked, is_package_name
from remediators.versions.npm import NpmVersions
from remediators.yarn.syntax import Block, blocks, is_berry
from state.model import Failure

CLASSIC = 1
OLDEST_BERRY = 4
_PROTOCOLS_SINCE = 7
NEWEST = 10
OPTIONAL = "optionalDependencies"
_METADATA = "__metadata"
NPM = "npm:"
_OWN = ("workspace:", "link:", "portal:")
_PATCH = "patch:"
_BOUND = "::locator="
_BUILT_IN = "builtin<"
_VERSIONS = NpmVersions()


@dataclass(frozen=True, slots=True)
class Entry:
    """One locked package. `needs` maps (section, name) to the range as written.

    `package` and `version` are those of a registry; `version` is "" where there is none: `problem` says why,
    and is None for the repository's own and for patches. `patched` is what a patch is of, "" for none.
    """

    patterns: tuple[str, ...]
    package: str
    version: str
    needs: Mapping[tuple[str, str], str]
    block: Block
    problem: Failure | None = None
    patched: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Package and version."""
        return (self.package, self.version)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lockfile, read. `version` is 1 for classic; `by_pattern` is every entry by each of its patterns.

    `bound` are those that berry tells apart by who asks, without that. `cache` is the version of berry's cache
    that its checksums are of, "" in classic. `built_in` are Yarn's own patches, by the descriptor of what they are of.
    """

    name: str
    text: Text
    version: int
    cache: str
    entries: tuple[Entry, ...]
    by_pattern: Mapping[str, Entry]
    bound: Mapping[str, Entry]
    built_in: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found: dict[str, tuple[str, ...]] = {}
        for pattern in self.by_pattern:
            if _BUILT_IN in pattern:
                of = self.patched(pattern)
                found[of] = (*found.get(of, ()), pattern)
        object.__setattr__(self, "built_in", found)

    @property
    def berry(self) -> bool:
        """Whether Yarn 2 or newer wrote it."""
        return self.version != CLASSIC

    @property
    def has_protocols(self) -> bool:
        """Whether every range in it has its protocol, as Yarn 4 has it."""
        return self.version >= _PROTOCOLS_SINCE

    def pattern(self, key: str, written: str) -> str:
        """The descriptor of what somebody asks for, as this lockfile spells it."""
        protocol = NPM if self.berry and ":" not in written else ""
        return f"{key}@{protocol}{written}"

    def find(self, pattern: str) -> Entry | None:
        """The entry that a descriptor leads to; None when there is none. Berry notes whose patch it is behind one."""
        return self.by_pattern.get(pattern) or self.bound.get(pattern)

    def spellings(self, pattern: str) -> tuple[str, ...]:
        """A descriptor of the lockfile, with and without who asks for it."""
        return (pattern, pattern.partition(_BOUND)[0])

    def patched(self, pattern: str) -> str:
        """The descriptor that a patch's own says it is of; "" for no patch."""
        source = unquote(pattern.partition(f"@{_PATCH}")[2].partition("#")[0])
        name, _, written = source[1:].partition("@")
        return self.pattern(source[:1] + name, written) if written else ""

    def at(self, package: str, version: str) -> tuple[Entry, ...]:
        """The entries of a package at a version."""
        return tuple(entry for entry in self.entries if entry.identity == (package, version))


# Finding, reading and editing a unit come one after the other, each from the same bytes.
@lru_cache(maxsize=1)
def lock(content: bytes, name: str) -> Lock:
    """The lock in `content`; `name` is its path. Raises ManifestError for a newer format or what is no lock."""
    YARN_LOCKFILE.check(name, content)
    text = decoded(name, content)
    berry = is_berry(text.content)
    found = blocks(text.content, name)
    check_packages(name, len(found))
    metadata = next((block for block in found if block.keys == (_METADATA,)), None)
    version, cache = (_version(metadata, name), _text(metadata, "cacheKey")) if berry and metadata else (CLASSIC, "")
    read = _berry_entry if berry else _classic_entry
    entries = tuple(read(block, name) for block in found if block.keys != (_METADATA,))
    by_pattern: dict[str, Entry] = {}
    for entry in entries:
        for pattern in entry.patterns:
            if by_pattern.setdefault(pattern, entry) is not entry:
                raise ManifestError(f"{name}:{entry.block.line}: {pattern!r} stands there twice: run yarn install")
    bound = {pattern.partition(_BOUND)[0]: entry for pattern, entry in by_pattern.items() if _BOUND in pattern}
    return Lock(name, text, version, cache, entries, by_pattern, bound)


def _version(metadata: Block, name: str) -> int:
    written = _text(metadata, "version")
    if not written.isascii() or not written.isdigit() or len(written) > len("0000"):
        raise ManifestError(f"{name}: __metadata has no version: run yarn install")
    version = int(written)
    if version > NEWEST:
        raise ManifestError(
            f"{name}: lockfile version {version} is newer than this program understands ({NEWEST}): update the bot"
        )
    if version < OLDEST_BERRY:
        raise ManifestError(f"{name}: lockfile version {version} is of an unfinished Yarn 2: run yarn install")
    return version


def _classic_entry(block: Block, name: str) -> Entry:
    key, _, written = block.keys[0][1:].partition("@")
    _, aliased, spec = asked("", written, berry=True)
    package = aliased or _text(block, "name") or block.keys[0][:1] + key
    return _entry(block, name, package, _text(block, "version"), elsewhere=":" in spec or "/" in spec)


def _berry_entry(block: Block, name: str) -> Entry:
    resolution = _text(block, "resolution")
    ident, _, reference = resolution[1:].partition("@")
    package = resolution[:1] + ident
    if reference.startswith(_OWN):
        return Entry(block.keys, package, "", {}, block)
    if reference.startswith(_PATCH):
        patched = unquote(reference.removeprefix(_PATCH).partition("#")[0])
        return Entry(block.keys, package, "", dict(_needs(block)), block, patched=patched)
    version = reference.removeprefix(NPM).partition("::")[0]
    return _entry(block, name, package, version, elsewhere=not reference.startswith(NPM))


def _entry(block: Block, name: str, package: str, version: str, *, elsewhere: bool) -> Entry:
    needs = dict(_needs(block))
    place = f"{name}:{block.line}: {block.keys[0]!r}"
    if elsewhere:
        reason = f"{place} does not come from a registry and is not handled: check it yourself"
        return Entry(block.keys, package, "", needs, block, Failure(name, reason, fault=False))
    if not is_package_name(package) or not _VERSIONS.valid(version):
        reason = f"{place} is not a package at a version: run yarn install"
        return Entry(block.keys, package, "", needs, block, Failure(name, reason))
    return Entry(block.keys, package, version, needs, block)


def _needs(block: Block) -> Iterator[tuple[tuple[str, str], str]]:
    for section in ("dependencies", OPTIONAL):
        needed = block.fields.get(section)
        for key, wanted in needed.items() if isinstance(needed, dict) else ():
            if isinstance(wanted, str):
                yield (OPTIONAL if _is_optional(block, key) else section, key), wanted


def _is_optional(block: Block, key: str) -> bool:
    """Berry notes what is optional apart."""
    notes = block.fields.get("dependenciesMeta")
    note = notes.get(key) if isinstance(notes, dict) else None
    return isinstance(note, dict) and note.get("optional") == "true"


def _text(block: Block, key: str) -> str:
    value = block.fields.get(key)
    return value if isinstance(value, str) else ""
