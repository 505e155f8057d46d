"""The programs that are compared, each started as its users start it, on its own copy of the fleet."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.fleet import Copy, Ground
from conformance.renovate import client as renovate_client

BOT = Path(sys.executable).with_name("bot")
FLOOR = Path(__file__).with_name("floor.py")


@dataclass(frozen=True, slots=True)
class Command:
    """How a program is started."""

    argv: tuple[str | Path, ...]
    environ: Mapping[str, str]


class Peer(Protocol):
    """A program that opens merge requests."""

    @property
    def name(self) -> str:
        """As in the table."""

    def command(self, copy: Copy, ground: Ground) -> Command:
        """What runs it once over every project of the copy."""


@dataclass(frozen=True, slots=True)
class Bot:
    """This bot: `bot run` of the one project, or of all."""

    name: str = "bot"

    def command(self, copy: Copy, ground: Ground) -> Command:
        """As Peer.command."""
        home = ground.folder / copy.name
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "BOT_URL": ground.sandbox.url,
            "BOT_TOKEN": copy.token,
            "BOT_DATABASE": f"sqlite:///{home / 'bot.db'}",
            "BOT_CACHE": str(home / "cache"),
            "BOT_ADVISORIES": json.dumps({"dumps": [str(ground.folder / "advisories")], "max_age_days": None}),
            "BOT_REGISTRIES": json.dumps({"PyPI": {"url": ground.index.url}}),
        }
        scope = copy.projects if len(copy.projects) == 1 else ("--all",)
        return Command((BOT, "run", *scope), environ)


@dataclass(frozen=True, slots=True)
class Renovate:
    """Renovate 44 over the one project or all that it discovers, with or without its cache of repositories."""

    installed: renovate_client.RenovateCommand
    cached: bool

    @property
    def name(self) -> str:
        """As in the table."""
        return "Renovate, cached" if self.cached else "Renovate"

    def command(self, copy: Copy, ground: Ground) -> Command:
        """As Peer.command."""
        config = {
            "onboarding": False,
            "requireConfig": "optional",
            "repositoryCache": "enabled" if self.cached else "disabled",
            "prHourlyLimit": 0,
            "prConcurrentLimit": 0,
            "packageRules": [{"matchDatasources": ["pypi"], "registryUrls": [f"{ground.index.url}/"]}],
        }
        scope = copy.projects if len(copy.projects) == 1 else ()
        started = renovate_client.start(
            self.installed, ground.sandbox.url, copy.token, scope, ground.folder / copy.name, config
        )
        return Command(started.argv, started.environ)


@dataclass(frozen=True, slots=True)
class Floor:
    """The same calls to GitLab, git and the index by a bare script that decides nothing; a first run only."""

    name: str = "floor"

    def command(self, copy: Copy, ground: Ground) -> Command:
        """As Peer.command."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(ground.folder / copy.name), "TOKEN": copy.token}
        return Command((sys.executable, FLOOR, ground.sandbox.url, ground.index.url, copy.projects[0]), environ)
