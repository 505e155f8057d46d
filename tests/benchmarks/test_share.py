"""The table of what a fix costs on top of the package manager."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measure import Figure, Sample
from benchmarks.share import report
from benchmarks.share.__main__ import main
from benchmarks.share.kinds import KINDS
from benchmarks.share.race import BARE, CONFINED, OURS, Row
from remediators.registered import ecosystems


def row(bare: tuple[float, ...], ours: tuple[float, ...]) -> Row:
    """A row of the first kind; each number is the seconds, and the tenth of the MiB, of a round."""
    taken = {BARE: bare, OURS: ours}
    figures = {way: Figure(way, tuple(Sample(n, n / 2, n * 10) for n in numbers)) for way, numbers in taken.items()}
    return Row(KINDS[0], figures, standing=60.0)


@pytest.mark.parametrize(
    ("bare", "ours", "share"),
    [
        pytest.param((4.0, 4.0, 4.0), (5.0, 5.0, 5.0), 0.25, id="a quarter on top"),
        pytest.param((4.0, 4.0, 4.0), (3.0, 3.0, 3.0), -0.25, id="less than bare"),
        pytest.param((4.0, 4.0, 90.0), (5.0, 80.0, 5.0), 0.25, id="one round of many does not count"),
    ],
)
def test_a_share_is_of_medians(bare: tuple[float, ...], ours: tuple[float, ...], share: float) -> None:
    measured = row(bare, ours)
    assert [report.share(measured, field) for field in ("wall", "cpu", "peak")] == [share] * 3
    assert f"{share:+.0%}" in report.table([measured])


def test_the_sandbox_has_its_own_time_and_memory() -> None:
    bare, ours = row((2.0,), (2.2,)).figures.values()
    confined = Figure(CONFINED, (Sample(2.5, 0.0, 21.0),))
    measured = Row(KINDS[0], {BARE: bare, OURS: ours, CONFINED: confined}, standing=60.0)
    assert report.table([measured]).splitlines()[-1].replace(" ", "").split("|")[1:-1] == [
        *("uv", "2.00", "2.20", "+10%", "+10%", "2.50", "+25%", "20", "22", "+10%", "21", "+5%")
    ]
    without = report.table([row((2.0,), (2.2,))]).splitlines()[-1].replace(" ", "")
    assert without.endswith("|+10%|+10%|-|-|20|22|+10%|-|-|")


def test_a_result_names_what_did_not_run() -> None:
    text = report.result("today", [row((1.0,), (1.0,))], {"pnpm 8": "npm is not installed"})
    assert "- pnpm 8 did not run: npm is not installed" in text


def test_a_result_takes_the_place_of_the_last(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{report.START}\nold\n{report.END}\nafter\n")
    report.store("new\n", document)
    assert document.read_text() == f"before\n{report.START}\nnew\n{report.END}\nafter\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("before\n")
    with pytest.raises(ValueError, match="has no lines"):
        report.store("new\n", document)
    assert document.read_text() == "before\n"


def test_where_nothing_ran_nothing_is_stored_and_nothing_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"{report.START}\nold\n{report.END}\n")
    monkeypatch.setattr(sys, "argv", ["share", "no such kind", "--store", str(document)])
    assert main() == 1
    assert document.read_text() == f"{report.START}\nold\n{report.END}\n"
    assert "| lockfile" in capsys.readouterr().out


def test_every_kind_has_a_name_and_a_unit_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        content = {kind.path: kind.now.encode(), kind.lockfile: b""} | ({kind.lockfile: b""} if kind.alone else {})
        found = [u for u in ecosystems().named(kind.remediator).units(tuple(content)) if kind.lockfile in u.files]
        assert found, kind.name
