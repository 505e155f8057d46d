"""What was not looked at is not gone; what was is, whatever failed for others."""

from __future__ import annotations

import pytest

from bot.pipeline.coverage import coverage
from state.model import Failure
from tests.bot.pipeline.builders import dependency

ACME, ZETA = "PyPI:acme:CVE-2026-1", "PyPI:zeta:outdated"


@pytest.mark.parametrize(
    ("failed", "judged", "whole"),
    [
        pytest.param((), {ACME, ZETA}, True, id="nothing failed"),
        pytest.param((Failure("PyPI:zeta", "no such package"),), {ACME}, False, id="one package"),
        pytest.param((Failure("PyPI:acm", "x"),), set(), False, id="a package that is no dependency"),
        pytest.param((Failure("requirements.txt", "x"),), set(), False, id="a file"),
        pytest.param((Failure("advisories", "x"),), set(), False, id="the advisory data"),
        pytest.param((Failure("requirements.txt", "x", fault=False),), {ACME, ZETA}, True, id="left out by design"),
    ],
)
def test_what_is_judged(failed: tuple[Failure, ...], judged: set[str], whole: bool) -> None:
    found = coverage((dependency(), dependency("zeta")), failed)
    assert {key for key in (ACME, ZETA) if found.judges([key])} == judged
    assert found.judges([ACME, ZETA]) is whole
    assert found.whole is whole
