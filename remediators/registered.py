"""The ecosystems in use. A new one is its own module, and its name here."""

from __future__ import annotations

from remediators.ecosystems import Ecosystems
from remediators.npm import Npm
from remediators.pdm import Pdm
from remediators.pipenv import Pipenv
from remediators.pnpm import Pnpm
from remediators.poetry import Poetry
from remediators.pylock import Pylock
from remediators.pyproject import Uv
from remediators.requirements import Requirements
from remediators.scripts import Scripts
from remediators.setuptools_manifest import Setuptools
from remediators.yarn import Yarn


def ecosystems() -> Ecosystems:
    """Every remediator, in the order in which files are offered to them."""
    return Ecosystems(
        (Uv(), Requirements(), Pylock(), Poetry(), Pdm(), Pipenv(), Setuptools(), Scripts(), Yarn(), Pnpm(), Npm())
    )
