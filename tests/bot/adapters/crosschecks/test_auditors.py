"""An auditor is made for the ecosystem that it is first asked about, once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pytest

from bot.adapters.crosschecks.auditors import Auditors
from state.model import Proof, Snapshot

PINS = [("demo", "1.0")]
PROOF = Proof("tree", "base", Snapshot("dump", datetime(2026, 11, 20, tzinfo=UTC), 0), (), (), (), ())


class Agreeing:
    """`Crosschecks` that counts what it is asked."""

    def __init__(self) -> None:
        self.prepared: list[Collection[tuple[str, str]]] = []

    def prepare(self, ecosystem: str, pinned: Collection[tuple[str, str]]) -> None:
        self.prepared.append(pinned)

    def check(self, ecosystem: str, pinned: Sequence[tuple[str, str]], proof: Proof) -> str | None:
        return f"{ecosystem}: {len(pinned)} pins"


@pytest.fixture
def made() -> list[Agreeing]:
    return []


@pytest.fixture
def auditors(made: list[Agreeing]) -> Auditors:
    def maker() -> Agreeing:
        made.append(Agreeing())
        return made[-1]

    return Auditors({"PyPI": maker})


def test_it_is_made_once(auditors: Auditors, made: list[Agreeing]) -> None:
    auditors.prepare("PyPI", PINS)
    assert auditors.check("PyPI", PINS, PROOF) == "PyPI: 1 pins"
    assert [one.prepared for one in made] == [[PINS]]


@pytest.mark.parametrize(("ecosystem", "pins"), [("npm", PINS), ("PyPI", [])], ids=["no auditor", "no pins"])
def test_none_is_made_for_nothing(
    auditors: Auditors, made: list[Agreeing], ecosystem: str, pins: list[tuple[str, str]]
) -> None:
    auditors.prepare(ecosystem, pins)
    assert auditors.check(ecosystem, pins, PROOF) is None
    assert made == []
