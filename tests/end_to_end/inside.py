"""The pipeline in the test's own process: at any time of the clock, with things that happen between two calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.redaction import Redactor
from bot.app import App
from bot.config import PolicySettings, load
from bot.pipeline import fleet
from bot.pipeline.outcome import ProjectOutcome
from bot.pipeline.workplace import Run
from bot.ports import Adapters
from tests.end_to_end.world import Fleet


class Interrupted:
    """An adapter, where `happens` comes right before the next call of a method."""

    def __init__(self, adapter: Any, method: str, happens: Callable[[], None]) -> None:
        self._adapter = adapter
        self._pending = {method: happens}

    def __getattr__(self, name: str) -> Any:
        self._pending.pop(name, lambda: None)()
        return getattr(self._adapter, name)


@dataclass
class Inside:
    """What a sweep is made with."""

    adapters: Adapters
    policy: PolicySettings

    def sweep(self, later: timedelta = timedelta(0)) -> tuple[ProjectOutcome, ...]:
        """One look at the whole fleet."""
        return fleet.run_all(self._run(later), 2)

    def run(self, *paths: str) -> tuple[ProjectOutcome, ...]:
        """One look at these projects."""
        return fleet.run_named(paths, self._run(timedelta(0)), 2)

    def _run(self, later: timedelta) -> Run:
        return Run(self.adapters, self.policy, lambda: datetime.now(UTC) + later, lambda *_: None)

    def interrupt(self, method: str, happens: Callable[[], None]) -> None:
        """Have something happen before the next call of this method of the forge."""
        forge: Any = Interrupted(self.adapters.forge, method, happens)
        self.adapters = replace(self.adapters, forge=forge)

    def interrupt_work(self, method: str, happens: Callable[[], None]) -> None:
        """Have something happen before the next call of this method of the workshop."""
        workshop: Any = Interrupted(self.adapters.toolbox.workshop, method, happens)
        self.adapters = replace(self.adapters, toolbox=replace(self.adapters.toolbox, workshop=workshop))


@contextmanager
def inside(made: Fleet) -> Iterator[Inside]:
    """The pipeline over the fleet, with the configuration that its commands have."""
    config = load({}, made.environ, None)
    with App(config, made.environ, Redactor(config.secrets())) as app:
        forge = app.forge
        yield Inside(app.adapters(), config.policy)
        forge.close()
