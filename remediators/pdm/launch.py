"""pdm, started so that it builds nothing, clones nothing, and moves only the packages that it is told, to just there.

Options that the project has for its commands are not added: `--lockfile` alone would have it write anywhere.

Only the source of this module is used: pdm's own Python runs it as `python -c SOURCE KEPT PINS COMMAND…`, PINS being
JSON of names and versions, KEPT the name of a cache beside pip's. pdm has no setting for the first two. For the third
it has `--update-reuse` and `--override`, but not in all versions that wrote a lockfile, and a pin in pyproject.toml
would end up in the hash of its content. What a release requires pdm keeps by name and version, whatever index told it,
so only those who ask the same indexes may share a cache; without one, pdm 2.12 takes 28 s where it takes 3 s with it.
Tried with pdm 2.7 to 2.29.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

REFUSED = "the bot builds nothing and clones nothing"


def main() -> None:
    """Run the pdm command of this process's arguments."""
    _, kept, pins, *arguments = sys.argv
    sys.argv = ["pdm", *arguments]
    if "PIP_CACHE_DIR" in os.environ:
        os.environ["PDM_CACHE_DIR"] = str(Path(os.environ["PIP_CACHE_DIR"], "_pdm", kept))
    _build_nothing()
    _add_no_options()
    _keep_all_but(json.loads(pins))
    importlib.import_module("pdm.core").main(arguments)


def _build_nothing() -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(REFUSED)

    builders: Any = importlib.import_module("pdm.builders.base")
    versioned: Any = importlib.import_module("unearth.vcs.base")
    builders.EnvBuilder.__init__ = refuse
    versioned.VersionControl.fetch = refuse


def _add_no_options() -> None:
    """What they decide of a lockfile is in the lockfile already."""
    core: Any = importlib.import_module("pdm.core").Core
    # Of older versions, and of newer ones.
    core._get_cli_args = lambda _, arguments, __: arguments
    core._inject_cli_args = lambda *_: False


def _keep_all_but(pins: dict[str, str]) -> None:
    core: Any = importlib.import_module("pdm.project.core")
    python: Any = importlib.import_module("pdm.models.python")
    provider_of = core.Project.get_provider

    # pdm looks at which parameters it takes.
    @functools.wraps(provider_of)
    def provider(project: Any, strategy: str = "all", *given: Any, **named: Any) -> Any:
        made = provider_of(project, "reuse" if pins else strategy, *given, **named)
        if pins:
            made.tracked_names = {name.partition("[")[0] for name in pins}
            made.overrides.update(_overrides(made, pins))
        return made

    def interpreter(project: Any) -> Any:
        # What is locked depends on the Pythons that the project names, not on the one that it is locked with.
        return python.PythonInfo.from_path(Path(sys.executable))

    core.Project.get_provider = provider
    core.Project.resolve_interpreter = interpreter


def _overrides(provider: Any, pins: dict[str, str]) -> dict[str, Any]:
    """The pins as this version of pdm keeps its overrides: from 2.17 on as requirements."""
    if not hasattr(type(provider), "overrides"):
        return dict(pins)
    requirements: Any = importlib.import_module("pdm.models.requirements")
    parse = getattr(requirements, "parse_line", None) or requirements.parse_requirement
    return {name: parse(f"{name}=={version}") for name, version in pins.items()}


if __name__ == "__main__":
    main()
