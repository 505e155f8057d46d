"""The results as Markdown, on a terminal and in docs/fixing.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.fix.score import Outcome
from benchmarks.fix.universe import KINDS
from benchmarks.report import markdown

HEADING = "## Results"
_HEADS = ("kind", "contestant", "universes", "could be fixed", "fixed", "score", "do not install", "flaws added",
          "foreign changes", "went down", "median s")  # fmt: skip


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each kind and contestant: universes, flaws, and in how many universes something was broken."""
    names = list(dict.fromkeys(outcome.contestant for outcome in outcomes))
    groups = [
        (kind, name, [o for o in outcomes if (o.puzzle.universe.kind, o.contestant) == (kind, name)])
        for kind in KINDS
        for name in names
    ]
    every = [("all", name, [o for o in outcomes if o.contestant == name]) for name in names[:1]]
    return markdown(_HEADS, [_line(kind, name, group) for kind, name, group in (*groups, *every) if group])


def score(outcomes: Iterable[Outcome]) -> float:
    """Flaws fixed ÷ flaws that can be fixed together; 1.0 where there is nothing to fix."""
    found = list(outcomes)
    possible = sum(outcome.puzzle.optimum for outcome in found)
    return sum(outcome.fixed for outcome in found) / possible if possible else 1.0


def _line(kind: str, name: str, group: Sequence[Outcome]) -> tuple[str, ...]:
    counts = (
        sum(bool(outcome.refused) for outcome in group),
        sum(bool(outcome.introduced) for outcome in group),
        sum(bool(outcome.foreign) for outcome in group),
        sum(outcome.down for outcome in group),
    )
    flaws = (len(group), sum(o.puzzle.optimum for o in group), sum(o.fixed for o in group))
    seconds = statistics.median(outcome.seconds for outcome in group)
    return (kind, name, *map(str, flaws), f"{score(group):.3f}", *map(str, counts), f"{seconds:.1f}")


def shortfalls(outcomes: Iterable[Outcome]) -> str:
    """Every outcome that is not flawless, in a line."""
    return "\n".join(f"- {_shortfall(outcome)}" for outcome in outcomes if not outcome.flawless)


def _shortfall(outcome: Outcome) -> str:
    universe = outcome.puzzle.universe
    faults = {
        f"fixed {outcome.fixed} of {outcome.puzzle.optimum}": outcome.short,
        f"does not install: {outcome.refused}": outcome.refused,
        f"adds {', '.join(outcome.introduced)}": outcome.introduced,
        f"foreign: {'; '.join(outcome.foreign)}": outcome.foreign,
        "a version went down": outcome.down,
    }
    said = "; ".join(words for words, true in faults.items() if true)
    return f"{universe.name} ({universe.kind}, {universe.shape}), {outcome.contestant}: {said}"


def result(title: str, outcomes: Sequence[Outcome], absent: Mapping[str, str], first: str) -> str:
    """The whole section: when and where, the table, what `first` fell short of, who could not run."""
    missed = shortfalls(outcome for outcome in outcomes if outcome.contestant == first)
    told = f"Where {first} fell short:\n\n{missed}\n" if missed else f"{first} fell short nowhere.\n"
    reasons = "".join(f"\n{name} did not run: {reason}\n" for name, reason in absent.items())
    return f"{title}\n\n{table(outcomes)}\n\n{told}{reasons}"


def store(text: str, file: Path) -> None:
    """Put the results in place of those in a document, which stand at its end."""
    before, heading, _ = file.read_text().partition(f"{HEADING}\n")
    if not heading:
        raise ValueError(f"{file}: no line says {HEADING!r}")
    file.write_text(f"{before}{HEADING}\n\n{text}")
