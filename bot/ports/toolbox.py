"""What the pipeline is handed: the tools, what finding and fixing need, and all of it together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.ports.checkout import Checkouts
from bot.ports.crosschecks import Crosschecks
from bot.ports.forge import Forge
from bot.ports.knowledge import Advisories, ReleaseNotes, Releases, Threats
from remediators.api import Completed, Tools
from remediators.ecosystems import Ecosystems

if TYPE_CHECKING:
    from state.store import Store


class Workshop(Protocol):
    """Scratch directories, and the tools that run in them."""

    def scratch(self) -> AbstractContextManager[Path]:
        """An empty directory that is removed afterwards."""

    def run(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str] | None = None,
        reach: Collection[tuple[str, int]] = (),
    ) -> Completed:
        """As `Tools.run`. `reach` are (host, port) that this run may ask besides registries."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What finding, fixing and proving need; nothing of it knows GitLab.

    `indexes` are the configured registry URLs by ecosystem. `prepare` loads what looking anything up takes, where that
    was not done yet; it may be called from any thread.
    """

    ecosystems: Ecosystems
    advisories: Advisories
    threats: Threats
    releases: Releases
    crosschecks: Crosschecks
    release_notes: ReleaseNotes
    workshop: Workshop
    tools: Tools
    indexes: Mapping[str, str]
    prepare: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything that the pipeline works with."""

    forge: Forge
    checkouts: Checkouts
    store: Store
    toolbox: Toolbox
