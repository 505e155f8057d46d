"""Other auditors as the pipeline asks them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from remediators.errors import RemediationError
from state.model import Proof


class DisagreementError(RemediationError):
    """Another auditor reports a vulnerability that the proof says is not there."""


class Crosschecks(Protocol):
    """Independent auditors of a fix (pip-audit)."""

    def prepare(self, ecosystem: str, pinned: Collection[tuple[str, str]]) -> None:
        """Say which (package, version) `check` will be asked of, so that one question, begun now, does for all."""

    def check(self, ecosystem: str, pinned: Sequence[tuple[str, str]], proof: Proof) -> str | None:
        """One line on what another auditor says of these (package, version); None where the ecosystem has none.

        Raises DisagreementError when it reports something that `proof.remaining` lacks, RemediationError when it
        cannot say.
        """
