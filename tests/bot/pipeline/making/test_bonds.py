"""Which fixes cannot stand apart, told from what making each alone showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.pipeline.making import bonds
from bot.pipeline.making.bonds import Attempt
from bot.pipeline.making.prove import NotProvenError
from remediators.errors import BlockedError, Requirer, ToolError
from remediators.versions.pypi import PypiVersions
from state.model import Audited, Change
from tests.bot.pipeline.builders import change, remediation

Needs = Mapping[tuple[str, str, str], Mapping[str, str]]


def fix(package: str, after: str, *along: Change, error: Exception | None = None, manifest: str = "") -> Attempt:
    """The try of a fix that brings `package` to `after`, and more `along` with it."""
    own = change(package, after=after)
    own = replace(own, manifest=manifest) if manifest else own
    planned = remediation(key=f"vulnerable/PyPI/{package}", changes=(own,))
    moved = () if error else (own, *along)
    return Attempt(planned, moved, moved, error)  # type: ignore[arg-type]  # a table holds its errors in one list


ALPHA, BETA, OMEGA = (f"vulnerable/PyPI/{name}" for name in ("alpha", "beta", "omega"))
PIN = Requirer("requirements.txt", "", "beta==1.0", direct=True)
RANGE = Requirer("beta", "1.0", "<2", direct=True)
ADDED = (Audited("PyPI", "beta", "1.2", "CVE-2026-9"),)
CASES: dict[str, tuple[list[Attempt], Needs, list[tuple[str, ...]]]] = {
    "independent": ([fix("alpha", "2.0"), fix("beta", "1.5")], {}, []),
    "one moves the other's package": ([fix("alpha", "2.0", change("beta")), fix("beta", "1.5")], {}, [(ALPHA, BETA)]),
    "one moves the other's package in another file": (
        [fix("alpha", "2.0", change("beta")), fix("beta", "1.5", manifest="other/requirements.txt")],
        {},
        [],
    ),
    "both move a package that neither is for": (
        [fix("alpha", "2.0", change("common")), fix("beta", "1.5", change("common"))],
        {},
        [],
    ),
    "refused by the range of the other's package": (
        [fix("alpha", "2.0", error=BlockedError("no", [RANGE])), fix("beta", "1.5")],
        {},
        [(ALPHA, BETA)],
    ),
    "refused by the pin of the other's package": (
        [fix("alpha", "2.0", error=BlockedError("no", [PIN])), fix("beta", "1.5")],
        {},
        [(ALPHA, BETA)],
    ),
    "refused by a package whose name begins alike": (
        [
            fix("alpha", "2.0", error=BlockedError("no", [replace(PIN, requirement="beta-tools==1.0")])),
            fix("beta", "2"),
        ],
        {},
        [],
    ),
    "would bring in what the other removes": (
        [fix("alpha", "2.0", error=NotProvenError("no", ADDED)), fix("beta", "1.5")],
        {},
        [(ALPHA, BETA)],
    ),
    "a tool that failed tells nothing": ([fix("alpha", "2.0", error=ToolError("beta")), fix("beta", "1.5")], {}, []),
    "one requires less than the other brings": (
        [fix("alpha", "2.0"), fix("beta", "1.5")],
        {("PyPI", "alpha", "2.0"): {"beta": "<1.5"}},
        [(ALPHA, BETA)],
    ),
    "one requires what the other brings": (
        [fix("alpha", "2.0"), fix("beta", "1.5")],
        {("PyPI", "alpha", "2.0"): {"beta": ">=1.5"}},
        [],
    ),
    "three in a row": (
        [fix("alpha", "2.0", change("beta")), fix("beta", "1.5", change("omega")), fix("omega", "1.5")],
        {},
        [(ALPHA, BETA, OMEGA)],
    ),
}


@pytest.mark.parametrize(("attempts", "needs", "expected"), CASES.values(), ids=CASES.keys())
def test_bonds(attempts: list[Attempt], needs: Needs, expected: list[tuple[str, ...]]) -> None:
    found = bonds.groups(attempts, needs, lambda _, version, wanted: PypiVersions().satisfies(version, wanted))
    assert list(found) == expected


def test_nothing_is_asked_about_a_fix_that_is_alone_in_its_file() -> None:
    assert bonds.asked([fix("alpha", "2.0"), fix("beta", "1.5", manifest="other/requirements.txt")]) == frozenset()
    assert bonds.asked([fix("alpha", "2.0"), fix("beta", "1.5")]) == {
        ("PyPI", "alpha", "2.0"),
        ("PyPI", "beta", "1.5"),
    }
