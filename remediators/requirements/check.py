"""Requirements files that still install after an edit: pins that contradict each other are found before the merge.

A pin that a moved package needs higher (flask 2.3.2 needs werkzeug 2.3.3, and a file pins werkzeug 2.0.1) follows
it, to the lowest version that fits. A pin that needs a moved package lower (requests 2.25.1 needs urllib3 below
1.27) holds it back. A file that could not be installed before is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from remediators.api import Reader, Tools, Upgrade
from remediators.errors import BlockedError, Requirer
from remediators.python.resolution import Answer, Question, blocked, requirement_line, resolved
from remediators.python.specifiers import pinned
from remediators.registries.pypi import REGISTRY
from remediators.requirements.closed_pins import closed
from remediators.requirements.file import Entry, Item
from remediators.requirements.lines import Index, Problem, Setting
from remediators.requirements.tree import in_order
from remediators.versions.pypi import PypiVersions

_FOLLOWED = 6
"""How many pins in a row may follow a moved package."""

_VERSIONS = PypiVersions()


@dataclass(frozen=True, slots=True)
class Said:
    """What a file and its includes say together, in order."""

    manifest: str
    items: tuple[tuple[Item, bool], ...]

    def entries(self) -> Iterator[Entry]:
        """Every requirement and constraint."""
        return (item for item, _ in self.items if isinstance(item, Entry))

    def pins(self) -> Mapping[str, str]:
        """The pinned version of each package; of one that is pinned more than once, none."""
        found: dict[str, set[str]] = {}
        for entry in self.entries():
            found.setdefault(entry.name, set()).add(pinned(entry.specifier) or "")
        return {
            name: next(iter(pins))
            for name, pins in found.items()
            if len(pins) == 1 and _VERSIONS.valid(next(iter(pins)))
        }

    def is_closed(self, question: Question, tools: Tools) -> bool:
        """Whether it pins, without contradiction, all that its pins require; False where that cannot be told."""
        pins, named = self.pins(), {entry.name for entry in self.entries()}
        # An extra requires more than its release does, and another index may have another release.
        plain = not any(isinstance(item, Problem) for item, _ in self.items) and not question.more_indexes
        plain = plain and all(entry.rest.startswith("[]") for entry in self.entries())
        # Pages are large, and uv keeps them from run to run: where one would have to be asked for, it knows sooner.
        plain = plain and all(REGISTRY.near(package, version, question.index) for package, version in pins.items())

        def requirements(package: str, version: str) -> Mapping[str, str]:
            return REGISTRY.requirements_apart(package, version, question.index, tools)

        return plain and pins.keys() == named and closed(pins, requirements, _VERSIONS)

    def with_specifiers(self, specifiers: Mapping[str, str], only: str | None = None) -> Said:
        """The same with the specifiers of these packages replaced; only those pinned to `only`, where it is given."""
        items = tuple(
            (replace(item, specifier=specifiers[item.name]), constrains)
            if isinstance(item, Entry) and item.name in specifiers and only in {None, pinned(item.specifier)}
            else (item, constrains)
            for item, constrains in self.items
        )
        return replace(self, items=items)

    def question(self, index: str | None) -> Question | None:
        """The question to uv; None where another place than an index has a say. `index` goes before the named one."""
        settings = [item for item, _ in self.items if isinstance(item, Setting)]
        urls = [item.url for item, _ in self.items if isinstance(item, Index)]
        more = [item.value for item in settings if item.option == "--extra-index-url"]
        where = index or (urls[-1] if urls else None)
        foreign = any(item.option in {"--find-links", "--no-index"} for item in settings)
        if foreign or not all(url.startswith(("https://", "http://")) for url in (*([where] if where else []), *more)):
            return None
        entries = [(item, constrains) for item, constrains in self.items if isinstance(item, Entry)]
        return Question(
            requirements=tuple(_line(entry) for entry, constrains in entries if not constrains),
            constraints=tuple(_line(entry) for entry, constrains in entries if constrains and entry.rest[:2] == "[]"),
            index=where,
            more_indexes=tuple(more),
            prereleases=any(item.option == "--pre" for item in settings),
            left_out=frozenset(item.package for item, _ in self.items if isinstance(item, Problem) and item.package),
        )


@dataclass(frozen=True, slots=True)
class Consequences:
    """What upgrades entail: pins that follow, and new ones, as lines, where the files pin all that is installed."""

    followers: tuple[Upgrade, ...] = ()
    joining: tuple[str, ...] = ()


def consequences(
    manifest: str, read: Reader, upgrades: Sequence[Upgrade], index: str | None, work: Path, tools: Tools
) -> Consequences:
    """What these upgrades, which the file that `read` reads has already, entail; mostly nothing.

    Raises BlockedError where the requirements could be installed together before the upgrades, and cannot be now.
    """
    said = Said(manifest, tuple(in_order(manifest, read)))
    question = said.question(index)
    if question is None or not any(upgrade.before for upgrade in upgrades) or said.is_closed(question, tools):
        return Consequences()
    answer = resolved(question, work, tools)
    if not answer.judged or not (answer.conflict or _unnamed(said, answer)):
        return Consequences()
    if not answer.conflict and not _new(said, upgrades, answer):
        return Consequences()
    before = _before(said, upgrades).question(index)
    base = None if before is None else resolved(replace(before, left_out=answer.question.left_out), work, tools)
    if base is None or base.chosen is None:
        return Consequences()
    moves: tuple[Upgrade, ...] = ()
    if answer.conflict:
        moves, answer = _followed(said, upgrades, (answer, base.chosen), work, tools)
    return Consequences(moves, _unnamed(said, answer) if _is_complete(said, base) else ())


def _is_complete(said: Said, base: Answer) -> bool:
    """Whether the files pinned all that was installed: no version is left to the day of the installation."""
    readable = not any(isinstance(item, Problem) for item, _ in said.items)
    named = {entry.name for entry in said.entries()}
    return readable and not base.question.left_out and said.pins().keys() == named and not _unnamed(said, base)


def _unnamed(said: Said, answer: Answer) -> tuple[str, ...]:
    """The lines of what would be installed without the files naming it."""
    named = {entry.name for entry in said.entries()}
    return tuple(line for name, lines in sorted(answer.lines.items()) if name not in named for line in lines)


def _new(said: Said, upgrades: Sequence[Upgrade], answer: Answer) -> bool:
    """Whether all that comes in unnamed may be new with the upgrades: what a pin that stays needs, it did before."""
    stay = {entry.name for entry in said.entries()} - {canonicalize_name(upgrade.package) for upgrade in upgrades}
    unnamed = answer.lines.keys() - {entry.name for entry in said.entries()}
    return not any(answer.via.get(name, frozenset()) & stay for name in unnamed)


def _followed(
    said: Said, upgrades: Sequence[Upgrade], found: tuple[Answer, Mapping[str, str]], work: Path, tools: Tools
) -> tuple[tuple[Upgrade, ...], Answer]:
    """The moves, and what is installed with them; `found` is the conflict, and what was installed before."""
    answer, before = found
    pins = said.pins()
    moving = {canonicalize_name(upgrade.package) for upgrade in upgrades}
    loosened: dict[str, str] = {}
    for _ in range(_FOLLOWED):
        needed = {on for on in _needed_higher(answer, pins, moving | loosened.keys()) if on not in moving}
        if not needed - loosened.keys():
            break
        loosened |= {name: pins[name] for name in needed}
        floors = said.with_specifiers({name: f">={pin}" for name, pin in loosened.items()})
        question = floors.question(answer.question.index)
        if question is None:
            break
        answer = resolved(replace(question, lowest=True, left_out=answer.question.left_out), work, tools)
        if answer.chosen is not None:
            chosen = answer.chosen
            moves = tuple(
                Upgrade(name, pin, chosen[name], direct=True)
                for name, pin in loosened.items()
                if _VERSIONS.compare(chosen.get(name, pin), pin) > 0
            )
            return moves, answer
    raise _blocked(said, upgrades, found[0], before)


def _needed_higher(answer: Answer, pins: Mapping[str, str], moving: set[str]) -> Iterator[str]:
    """The pinned packages of which a moving one needs a later version."""
    for depends in answer.depends:
        pin = pins.get(depends.on)
        if depends.package in moving and pin is not None and not _VERSIONS.satisfies(pin, depends.requirement):
            yield depends.on


def _blocked(said: Said, upgrades: Sequence[Upgrade], answer: Answer, before: Mapping[str, str]) -> BlockedError:
    """Named are the releases whose range refuses an upgrade, and the pins that an upgrade refuses."""
    pins: Mapping[str, str] = said.pins()
    named = {entry.name for entry in said.entries()}
    error = blocked(f"{said.manifest} cannot be installed", answer, upgrades, before, named)
    moving = {str(canonicalize_name(upgrade.package)) for upgrade in upgrades}
    refused = (name for name in _needed_higher(answer, pins, moving) if name not in moving)
    own = (Requirer(said.manifest, "", f"{name}=={pins[name]}", direct=True) for name in refused)
    return BlockedError(str(error), tuple(dict.fromkeys((*error.blockers, *own))))


def _before(said: Said, upgrades: Sequence[Upgrade]) -> Said:
    """What the file said before: a pin is told exactly, a range that was raised by the version it stood for."""
    for upgrade in upgrades:
        name = canonicalize_name(upgrade.package)
        pins = {pinned(entry.specifier) for entry in said.entries() if entry.name == name}
        only = upgrade.after if upgrade.after in pins else None
        if upgrade.before:
            said = said.with_specifiers({name: f"=={upgrade.before}"}, only)
    return said


def _line(entry: Entry) -> str:
    return requirement_line(entry.name, entry.specifier, entry.rest)
