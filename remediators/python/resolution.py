"""Whether requirements can be installed together, asked of uv: it resolves them from their metadata and builds nothing.

What cannot be judged so is left out of the question: a package that is published as source only, or that the index
does not have. So a conflict that is told is one; where none is told, what was left out may still hold one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from remediators.api import Tools, Upgrade
from remediators.aside import unused
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.python.specifiers import pinned
from remediators.versions.pypi import PypiVersions

_ROUNDS = 8
"""How often a package that cannot be judged is left out before the question is given up."""

_UNJUDGED = re.compile(
    r"Wheels are required for `([A-Za-z0-9._-]++)`"
    r"|([A-Za-z0-9._-]++) was not found in the package registry"
    r"|there is no version of ([A-Za-z0-9._-]++)"
)
_NO_SOLUTION = "No solution found when resolving dependencies"
_DEPENDS = re.compile(
    r"([A-Za-z0-9._-]++)(?:\[[^\]\s]*+\])?((?:[<>=!~]=?=?[^\s,]++,?)*+) depends on "
    r"([A-Za-z0-9._-]++)(?:\[[^\]\s]*+\])?(?:\{[^}]*+\})?((?:[<>=!~]=?=?[^\s,]++,?)*+)"
)
"""uv's `requests==2.25.1 depends on urllib3>=1.21.1,<1.27`, and the comma that may follow."""
_FOLDER = ".resolution"
_OUTPUT = "locked.txt"
_SHOWN = 600
_VERSIONS = PypiVersions()


@dataclass(frozen=True, slots=True)
class Question:
    """Requirements as a requirements file writes them, and where uv may look. `index` None is its own default.

    `lowest` asks for the lowest version that each range admits. `left_out` is what is not judged. `kept` are pins of a
    lock that stay where nothing speaks against them. `python` is the oldest one to resolve for, "" for the bot's.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    index: str | None = None
    more_indexes: tuple[str, ...] = ()
    prereleases: bool = False
    lowest: bool = False
    left_out: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True, slots=True)
class Depends:
    """What uv said of a release or a range of them: `package` (at `versions`) depends on `on` in `requirement`."""

    package: str
    versions: str
    on: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`judged` is False where uv could not tell. `conflict` is uv's explanation, "" where there is a solution;
    `chosen` is that solution, version by package, `lines` are its pins as uv writes them, and `via` is who required it.
    """

    question: Question
    judged: bool
    conflict: str = ""
    chosen: Mapping[str, str] | None = None
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    via: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def depends(self) -> tuple[Depends, ...]:
        """The requirements of releases that the explanation names."""
        found = (
            Depends(
                canonicalize_name(match[1]), match[2].rstrip(",."), canonicalize_name(match[3]), match[4].rstrip(",.")
            )
            for match in _DEPENDS.finditer(self.conflict)
        )
        return tuple(depends for depends in found if _readable(depends.requirement))


def resolved(question: Question, work: Path, tools: Tools) -> Answer:
    """uv's answer; `question` in it has what had to be left out. `work` is a scratch, and left as it was."""
    for _ in range(_ROUNDS):
        try:
            lines, via = _read(_asked(question, work, tools))
            chosen = {name: _version(pins[-1]) for name, pins in lines.items()}
            return Answer(question, judged=True, chosen=chosen, lines=lines, via=via)
        except ToolError as error:
            said = " ".join(error.stderr.split())
        unjudged = {canonicalize_name(next(filter(None, names))) for names in _UNJUDGED.findall(said)}
        _, no_solution, because = said.partition(_NO_SOLUTION)
        if not no_solution or "Python>" in said or "Python<" in said:
            break
        if not unjudged:
            return Answer(
                question, judged=True, conflict=because.partition(" hint: ")[0].replace("cause: ", "").strip()
            )
        if unjudged <= question.left_out:
            break
        question = replace(question, left_out=question.left_out | unjudged)
    return Answer(question, judged=False)


def _readable(specifier: str) -> bool:
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        return False
    return True


def _version(pin: str) -> str:
    return pin.partition(";")[0].strip().partition("==")[2]


def _asked(question: Question, work: Path, tools: Tools) -> str:
    # Loaded for a question that is asked: most files need none.
    from remediators.uv.run import ENVIRONMENT, executable

    folder = unused(work, _FOLDER)
    folder.mkdir()
    try:
        for file, written in _files(question).items():
            (folder / file).write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
        done = tools.run((executable(), *_options(question)), folder, ENVIRONMENT)
        return (folder / _OUTPUT).read_text(encoding="utf-8") if question.kept else done.stdout
    finally:
        shutil.rmtree(folder)


def _read(answer: str) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, frozenset[str]]]:
    """The pins of each package, and who required it: packages, or files with their option."""
    lines: dict[str, tuple[str, ...]] = {}
    via: dict[str, frozenset[str]] = {}
    for line in answer.splitlines():
        pin, _, who = line.partition("# via ")
        name, equals, _ = pin.partition(";")[0].partition("==")
        if equals:
            package = canonicalize_name(name.partition("[")[0].strip())
            lines[package] = (*lines.get(package, ()), pin.strip())
            via[package] = via.get(package, frozenset()) | {each.strip() for each in who.split(",")}
    return lines, via


def _files(question: Question) -> Mapping[str, Sequence[str]]:
    return {
        "requirements.in": question.requirements,
        "constraints.txt": question.constraints,
        "excludes.txt": sorted(question.left_out),
        _OUTPUT: question.kept,
    }


def _options(question: Question) -> list[str]:
    return [
        *("--no-config", "pip", "compile", "--quiet", "--no-build", "--universal"),
        *("--no-header", "--annotation-style", "line", "--index-strategy", "unsafe-best-match"),
        *(("--constraints", "constraints.txt") if question.constraints else ()),
        *(("--excludes", "excludes.txt") if question.left_out else ()),
        *((f"--default-index={question.index}",) if question.index else ()),
        *(f"--index={url}" for url in question.more_indexes),
        *(("--prerelease", "allow") if question.prereleases else ()),
        *(("--resolution", "lowest-direct") if question.lowest else ()),
        *(("--output-file", _OUTPUT) if question.kept else ()),
        *(("--python-version", question.python) if question.python else ()),
        "requirements.in",
    ]


def requirement_line(name: str, specifier: str, rest: str) -> str:
    """A requirement on one line; `rest` is `[extras];marker`, as `PythonRequirement` has it."""
    extras, _, marker = rest.partition("];")
    written = name + (f"{extras}]" if extras != "[" else "") + specifier.replace("\\", " ")
    return f"{written} ; {marker}" if marker else written


def blocked(
    what: str, answer: Answer, upgrades: Sequence[Upgrade], pins: Mapping[str, str], named: Collection[str]
) -> BlockedError:
    """A conflict in words that begin with `what`; the blockers are the locked packages whose range refuses an upgrade.

    `pins` is what is locked; `named` are the packages that the manifest itself names.
    """
    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    because = answer.conflict if len(answer.conflict) <= _SHOWN else answer.conflict[: _SHOWN - 1] + "…"
    blockers = dict.fromkeys(_blockers(answer, upgrades, pins, named))
    return BlockedError(f"{what} with {moves}: {because.lstrip('(:) ')}", tuple(blockers))


def _blockers(
    answer: Answer, upgrades: Sequence[Upgrade], pins: Mapping[str, str], named: Collection[str]
) -> Iterator[Requirer]:
    after = {str(canonicalize_name(upgrade.package)): upgrade.after for upgrade in upgrades}
    for depends in answer.depends:
        wanted = after.get(depends.on)
        version = pinned(depends.versions) or pins.get(depends.package)
        if wanted is not None and version and not _VERSIONS.satisfies(wanted, depends.requirement):
            yield Requirer(depends.package, version, depends.requirement, depends.package in named)
