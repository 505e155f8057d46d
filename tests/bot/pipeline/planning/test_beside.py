"""What routine updates leave to the fixes that are offered beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.pipeline.planning.beside import Fixes
from bot.pipeline.planning.updates import without
from state.model import Kind, Remediation
from tests.bot.pipeline.builders import change, remediation

FIX = remediation(key="vulnerable/PyPI/deep", changes=(change("deep"),))
OFFERED = Fixes.offered([(FIX, [change("deep"), change("web", after="1.1")])])


def update(key: str, *packages: str) -> Remediation:
    findings = tuple(f"PyPI:{package}:outdated" for package in packages)
    changes = tuple(change(package, after="1.2") for package in packages)
    return remediation(key=key, kind=Kind.OUTDATED, title="whole", findings=findings, changes=changes)


@pytest.mark.parametrize(
    ("planned", "title", "left"),
    [
        (update("outdated/requirements.txt", "beta", "zeta"), "whole", ["beta", "zeta"]),
        (update("outdated/requirements.txt", "beta", "web"), "Update beta to 1.2 in requirements.txt", ["beta"]),
        (
            update("outdated/requirements.txt", "alpha", "beta", "web"),
            "Update 2 dependencies in requirements.txt",
            ["alpha", "beta"],
        ),
        (update("group/lint", "beta", "web"), "Update beta to 1.2 of the group lint", ["beta"]),
        (update("group/lint/major", "beta", "web"), "Update beta to 1.2 of the group lint (major)", ["beta"]),
    ],
    ids=lambda value: value.key if isinstance(value, Remediation) else "",
)
def test_an_update_without_what_a_fix_moves(planned: Remediation, title: str, left: list[str]) -> None:
    rest = without(planned, OFFERED.moves.keys())
    assert rest is not None
    assert (rest.key, rest.branch, rest.title) == (planned.key, planned.branch, title)
    assert [c.package for c in rest.changes] == left
    assert rest.findings == tuple(f"PyPI:{package}:outdated" for package in left)


def test_an_update_of_which_nothing_is_left_says_what_it_waits_for() -> None:
    planned = update("major/PyPI/web", "web")
    assert without(planned, OFFERED.moves.keys()) is None
    crossed = OFFERED.crossed(planned)
    assert crossed is not None
    assert crossed.reason == "waits for the fix of deep, which moves web as well"


@pytest.mark.parametrize(
    ("planned", "along", "reason"),
    [
        pytest.param(["beta"], ["beta"], None, id="nothing that a fix moves"),
        pytest.param(["deep"], [], "waits for the fix of deep", id="the package that a fix is about"),
        pytest.param(["beta"], ["deep"], "waits for the fix of deep", id="that comes along with it"),
        pytest.param(["beta"], ["web"], None, id="what comes along with both"),
    ],
)
def test_an_open_update_that_is_in_the_way_of_a_fix(planned: list[str], along: list[str], reason: str | None) -> None:
    crossed = OFFERED.crossed(update("group/lint", *planned), [change(package) for package in along])
    assert (None if crossed is None else crossed.reason) == reason


def test_a_package_in_another_file_is_not_left_out() -> None:
    elsewhere = update("outdated/other/requirements.txt", "web")
    elsewhere = replace(
        elsewhere, changes=tuple(replace(c, manifest="other/requirements.txt") for c in elsewhere.changes)
    )
    assert without(elsewhere, OFFERED.moves.keys()) == elsewhere


def test_an_update_that_carries_along_what_a_fix_is_about_is_refused() -> None:
    refusal = OFFERED.refusal([change("beta"), change("deep")])
    assert refusal is not None
    assert str(refusal) == "moves deep as well, whose fix comes first"
    assert [blocker.package for blocker in refusal.blockers] == ["deep"]
    assert OFFERED.refusal([change("beta"), change("web")]) is None
