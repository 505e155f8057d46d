"""The benchmark's table, as Markdown that a terminal shows as well."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.measure import Figure
from benchmarks.workloads import Row

_HEADS = (
    "workload",
    "latency ms",
    "peer",
    "wall s",
    "min-max",
    "CPU s",
    "peak MiB",
    "REST reads",
    "REST writes",
    "GraphQL",
    "git HTTP",
    "git processes",
    "kB received",
    "GitLab's own ms per request",
)


def table(rows: Iterable[Row]) -> str:
    """One line for each row; medians, and the counts of the last sample."""
    return markdown(_HEADS, [_cells(row) for row in rows])


def commands(figures: Iterable[Figure]) -> str:
    """What single commands cost."""
    heads = ("command", "wall s", "min-max", "CPU s", "peak MiB")
    return markdown(heads, [(figure.name, *_cost(figure)) for figure in figures])


def _cost(figure: Figure) -> tuple[str, ...]:
    wall, cpu, peak = (figure.median(field) for field in ("wall", "cpu", "peak"))
    return (f"{wall:.2f}", figure.spread("wall"), f"{cpu:.2f}", f"{peak:.0f}")


def _cells(row: Row) -> tuple[str, ...]:
    asked = row.asked
    counts = (asked.reads, asked.writes, asked.graphql, asked.git)
    own = asked.own_milliseconds / max(asked.requests, 1)
    measured = (*map(str, counts), "-" if row.git is None else str(row.git), f"{asked.kilobytes:.0f}", f"{own:.1f}")
    return (row.workload, str(row.latency_ms), row.figure.name, *_cost(row.figure), *measured)


def markdown(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """The lines as a table, padded so that a terminal shows it as well."""
    widths = [max(len(line[i]) for line in (heads, *rows)) for i in range(len(heads))]
    rule = tuple("-" * width for width in widths)
    lines = (heads, rule, *rows)
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
