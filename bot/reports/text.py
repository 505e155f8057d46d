"""Plain text for a terminal or a log: columns, counts, and nothing that could command the terminal."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.policy.accept import ACCEPTED_BY
from bot.terminal import safe
from state.model import Failure, Rejected


def document(value: object) -> str:
    """JSON in ASCII: every encoding of standard output takes it, and foreign text in it commands nothing."""
    return json.dumps(value, indent=2)


def told_once(failed: Iterable[Failure]) -> tuple[tuple[str, str], ...]:
    """("error" or "not handled", reason), each once: a missing dump is the reason for every package it would hold."""
    return tuple(dict.fromkeys(("error" if f.fault else "not handled", f.reason) for f in failed))


def refusals(rejected: Iterable[Rejected], tried: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """What became of findings ("accepted", "not done", "no fix"), and which with why: once for those of a package.

    `tried` are the keys of findings whose change was tried in vain.
    """
    alike: dict[tuple[str, str, str], list[str]] = {}
    for no in rejected:
        package, _, cluster = no.key.rpartition(":")
        became = "accepted" if no.reason.startswith(ACCEPTED_BY) else "not done" if no.key in tried else "no fix"
        alike.setdefault((became, package, no.reason), []).append(cluster)
    for (became, package, reason), clusters in alike.items():
        yield became, f"{package}:{', '.join(clusters)}: {reason}"


def plural(count: int, noun: str, several: str = "") -> str:
    """ "1 project", "2 projects"; `several` is for nouns that do not just take an s."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart; links stay whole, so that they can be clicked."""
    lines = [[safe(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
