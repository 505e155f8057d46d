"""Why a compiled requirements file cannot move: uv is asked the same question, as it says who requires what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from remediators.api import Tools, Upgrade
from remediators.compiled.inventory import asked_for
from remediators.compiled.output import versions
from remediators.compiled.unit import Compiled
from remediators.errors import RemediationError, ToolError
from remediators.python.resolution import Question, blocked, requirement_line, resolved
from remediators.requirements.file import Entry
from remediators.requirements.tree import items_of

_SHOWN = 600


def explained(
    found: Compiled, work: Path, upgrades: Sequence[Upgrade], index: str | None, tools: Tools, error: RemediationError
) -> RemediationError:
    """`error` in words: BlockedError with the blockers when the requirements contradict each other."""

    def read(path: str) -> bytes | None:
        return (work / path).read_bytes() if (work / path).is_file() else None

    moves = ", ".join(f"{upgrade.package} {upgrade.after}" for upgrade in upgrades)
    asked = asked_for(found, read)
    limits = [item for path in found.constraints for item in items_of(path, read) if isinstance(item, Entry)]
    question = Question(
        requirements=tuple(requirement_line(one.name, one.specifier, one.rest) for one in asked),
        constraints=(
            *(requirement_line(one.name, one.specifier, one.rest) for one in limits if one.rest.startswith("[]")),
            *(f"{upgrade.package}=={upgrade.after}" for upgrade in upgrades),
        ),
        index=index,
    )
    answer = resolved(question, work, tools)
    if answer.judged and answer.conflict:
        held = versions(found.lockfile, (work / found.lockfile).read_bytes())
        pins = {name: next(iter(held[name])) for name in held if len(held[name]) == 1}
        named = {one.name for one in asked}
        return blocked(f"{found.lockfile} cannot be compiled", answer, upgrades, pins, named)
    if isinstance(error, ToolError):
        words = " ".join(error.stderr.split())[-_SHOWN:] or str(error)
        tool = found.command.tool
        return ToolError(f"{found.lockfile}: {tool} cannot compile it with {moves}: {words}", error.stderr)
    return error
