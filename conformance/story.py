"""A story is what one foreign client does, told in steps; each step is reported as ok, failed or skipped."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Skip(Exception):  # noqa: N818 -- not an error: the reason why a step or a story cannot be told here
    """Raised where a story cannot go on through no fault of the sandbox: the client cannot be installed, …"""


class Unmet(Exception):  # noqa: N818 -- reads as the end of a step: what was expected and what was found
    """Raised where the sandbox, or the client, is not in the state that the step expects."""


class Abandoned(Exception):  # noqa: N818 -- ends a story whose step has been reported already
    """Raised by a step that did not end well: what follows in its story depends on it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One reported step. `detail` is the reason where it did not end well, else what it remarked."""

    story: str
    title: str
    outcome: Outcome
    seconds: float
    detail: str = ""


@dataclass(slots=True)
class Story:
    """The story of one client while it is told. `report` gets every step as soon as it ends."""

    name: str
    report: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step; raises Abandoned after it has been reported as failed or skipped."""
        started = time.perf_counter()
        self._remarks.clear()
        try:
            yield
            outcome, detail = Outcome.OK, "; ".join(self._remarks)
        except Skip as reason:
            outcome, detail = Outcome.SKIPPED, str(reason)
        except Unmet as unmet:
            outcome, detail = Outcome.FAILED, str(unmet)
        except Exception:  # noqa: BLE001 -- whatever a client does wrong is the failure of this step
            outcome, detail = Outcome.FAILED, traceback.format_exc()
        step = Step(self.name, title, outcome, time.perf_counter() - started, detail)
        self.steps.append(step)
        self.report(step)
        if outcome is not Outcome.OK:
            raise Abandoned(title)

    def remark(self, text: str) -> None:
        """Add to what is reported of the step that is being told."""
        self._remarks.append(text)

    def attempt(self, title: str, act: Callable[[], None]) -> None:
        """One step that no other depends on: the story goes on when it does not end well."""
        with suppress(Abandoned), self.step(title):
            act()

    def skip(self, title: str, reason: str) -> None:
        """A step that cannot be told here."""
        self.attempt(title, lambda: _skip(reason))


def expect(condition: object, otherwise: str) -> None:
    """Raises Unmet, saying `otherwise`, unless the condition holds."""
    if not condition:
        raise Unmet(otherwise)


def equal(found: object, wanted: object, what: str) -> None:
    """Raises Unmet unless `what` was found as it was wanted."""
    expect(found == wanted, f"{what}: expected {wanted!r}, found {found!r}")


def _skip(reason: str) -> None:
    raise Skip(reason)
