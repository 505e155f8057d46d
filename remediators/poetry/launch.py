"""poetry, started so that it builds nothing, clones nothing, and believes the index that it is told, and no other.

Only the source of this module is used: poetry's own Python runs it as `python -c SOURCE KEPT INDEX COMMAND…`, INDEX
empty for poetry's own default, KEPT the name of a cache beside pip's. poetry has no setting for the first three. For
metadata it builds whatever is published as source only; its PyPI speaks an API that mirrors rarely have, and a source
that is added to pyproject.toml would be written into every entry of the lockfile. What a source says of a release it
keeps by the source's name, so only those with the same sources may share a cache. Tried with poetry 1.2 to 2.2.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

REFUSED = "the bot builds nothing and clones nothing"


def main() -> NoReturn:
    """Run the poetry command of this process's arguments."""
    _, kept, index, *arguments = sys.argv
    sys.argv = ["poetry", *arguments]
    if kept and "PIP_CACHE_DIR" in os.environ:
        os.environ["POETRY_CACHE_DIR"] = str(Path(os.environ["PIP_CACHE_DIR"], "_poetry", kept))
    _build_nothing()
    _make_no_environment()
    _believe_the_index_alone()
    if index:
        _take_from(index)
    raise SystemExit(importlib.import_module("poetry.console.application").main())


def _build_nothing() -> None:
    info: Any = importlib.import_module("poetry.inspection.info")
    git: Any = importlib.import_module("poetry.vcs.git")

    def metadata(path: Any) -> Any:
        """What poetry reads of an unpacked source without a build. Its own error means: it requires nothing."""
        read = getattr(info.PackageInfo, "from_setup_files", None)
        with contextlib.suppress(info.PackageInfoError):
            found = read(path) if read else None
            if found and found.name and found.version and found.requires_dist:
                return found
        # setuptools notes what an archive requires in there, and nothing where it requires nothing.
        if next(path.rglob("*.egg-info"), None):
            raise info.PackageInfoError(path, REFUSED)
        raise RuntimeError(f"{path.name}: {REFUSED}")

    def clone(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(REFUSED)

    info.get_pep517_metadata = metadata
    git.Git.clone = clone


def _make_no_environment() -> None:
    """What is locked depends on the Pythons that the project names, not on one of them being there."""
    manager: Any = importlib.import_module("poetry.utils.env").EnvManager
    manager.create_venv = lambda made, *_, **__: made.get_system_env(naive=True)


def _believe_the_index_alone() -> None:
    """Before 2.0, poetry takes what is locked for what the index says of a release that the index does not have."""
    provider: Any = importlib.import_module("poetry.puzzle.provider").Provider
    provider.search_for_installed_packages = lambda *_: []


def _take_from(index: str) -> None:
    pypi: Any = importlib.import_module("poetry.repositories.pypi_repository")
    legacy: Any = importlib.import_module("poetry.repositories.legacy_repository").LegacyRepository

    class Simple(legacy):  # type: ignore[misc]  # poetry is in its own environment, where nothing is checked
        """An index with the simple API whose packages are locked as PyPI's: without a source."""

        def __init__(self, *_: object, disable_cache: bool = False, **__: object) -> None:
            super().__init__("PyPI", index, disable_cache=disable_cache)

        def package(self, *given: Any, **named: Any) -> Any:
            return _without_source(super().package(*given, **named))

        def _find_packages(self, *given: Any, **named: Any) -> list[Any]:
            return [_without_source(package) for package in super()._find_packages(*given, **named)]

    pypi.PyPiRepository = Simple


def _without_source(package: Any) -> Any:
    package._source_type = package._source_url = package._source_reference = None
    return package


if __name__ == "__main__":
    main()
