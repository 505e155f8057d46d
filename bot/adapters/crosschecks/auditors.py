"""The auditors that second opinions come from, one for an ecosystem, each made when it is first asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.ports import Advisories, Crosschecks, Workshop
from remediators.ecosystems import Ecosystems
from state.model import Proof

Pin = tuple[str, str]
Makers = Mapping[str, Callable[[], Crosschecks]]
"""By ecosystem, what makes its auditor."""


def makers(advisories: Advisories, ecosystems: Ecosystems, workshop: Workshop) -> Makers:
    """Those that there are; each is loaded when it is called."""

    def pip_audit() -> Crosschecks:
        from bot.adapters.crosschecks.pip_audit import PipAudit

        return PipAudit(advisories, ecosystems.versions("PyPI"), workshop)

    def npm_audit() -> Crosschecks:
        from bot.adapters.crosschecks.npm_audit import NpmAudit

        return NpmAudit(advisories, ecosystems.versions("npm"), workshop)

    return {"PyPI": pip_audit, "npm": npm_audit}


class Auditors:
    """`Crosschecks` of whichever ecosystem has an auditor among `known`; there is none for another."""

    def __init__(self, known: Makers) -> None:
        self._makers = known
        self._made: dict[str, Crosschecks] = {}
        self._making = threading.Lock()

    def prepare(self, ecosystem: str, pinned: Collection[Pin]) -> None:
        """As `Crosschecks.prepare`."""
        if ecosystem in self._makers and pinned:
            self._auditor(ecosystem).prepare(ecosystem, pinned)

    def check(self, ecosystem: str, pinned: Sequence[Pin], proof: Proof) -> str | None:
        """As `Crosschecks.check`."""
        if ecosystem not in self._makers or not pinned:
            return None
        return self._auditor(ecosystem).check(ecosystem, pinned, proof)

    def _auditor(self, ecosystem: str) -> Crosschecks:
        # Projects run side by side, and an auditor remembers what it said.
        with self._making:
            if ecosystem not in self._made:
                self._made[ecosystem] = self._makers[ecosystem]()
            return self._made[ecosystem]
