"""The table, as Markdown, on a terminal and in a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report import markdown
from benchmarks.share.race import BARE, CONFINED, OURS, Row

START, END = "<!-- bench-share -->", "<!-- end of bench-share -->"
_HEADS = ("lockfile", "bare s", "ours s", "share", "CPU share", "in the sandbox s", "share",
          "bare MiB", "ours MiB", "share", "in the sandbox MiB", "share")  # fmt: skip

_SHOWN = (("wall", ".2f"), ("peak", ".0f"))


def table(rows: Sequence[Row]) -> str:
    """A line for each kind: medians, and what ours has on top of the bare command's."""
    return markdown(_HEADS, [_line(row) for row in rows])


def share(row: Row, field: str, way: str = OURS) -> float:
    """(ours - bare) ÷ bare."""
    return row.figures[way].median(field) / row.figures[BARE].median(field) - 1


def _line(row: Row) -> tuple[str, ...]:
    seconds, peaks = (
        {way: f"{row.figures[way].median(field):{form}}" for way in row.figures} for field, form in _SHOWN
    )
    wall, peak = ({way: f"{share(row, field, way):+.0%}" for way in row.figures} for field, _ in _SHOWN)
    confined = (seconds.get(CONFINED, "-"), wall.get(CONFINED, "-"))
    return (
        *(row.kind.name, seconds[BARE], seconds[OURS], wall[OURS], f"{share(row, 'cpu'):+.0%}", *confined),
        *(peaks[BARE], peaks[OURS], peak[OURS], peaks.get(CONFINED, "-"), peak.get(CONFINED, "-")),
    )


def result(title: str, rows: Sequence[Row], absent: Mapping[str, str]) -> str:
    """When and where, the table, what the ways do not share, and which kinds could not be played."""
    notes = "".join(f"\n- {row.kind.name}: {row.kind.note}" for row in rows if row.kind.note)
    reasons = "".join(f"\n- {name} did not run: {reason}" for name, reason in absent.items())
    standing = max((row.standing for row in rows), default=0.0)
    own = f"The bot's own process has {standing:.0f} MiB before it begins, which is in no line."
    return f"{title}\n\n{table(rows)}\n\n{own}\n{notes}{reasons}\n"


def store(text: str, file: Path) -> None:
    """Put the result between the marks in a document."""
    before, start, rest = file.read_text().partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{file}: has no lines {START!r} and {END!r} to put the result between")
    file.write_text(f"{before}{START}\n{text}{END}{after}")
