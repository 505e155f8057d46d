"""pnpm as a program: fetched by npm at the version of the project, with nothing of the project's own configuration."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Tools
from remediators.aside import unused
from remediators.credential_variables import npm_settings, unset
from remediators.errors import BlockedError, ToolError
from remediators.npm.config import NPMRC
from remediators.npm.lent import Lent
from remediators.pnpm.units import MANIFEST, Project
from remediators.pnpm.version import named

_RUN = ".pnpm-run"
# In the place of a user's own file: in a project's, pnpm replaces no variables.
_CREDENTIALS = "credentials.npmrc"
_INSTALL = ("install", "--lockfile-only", "--ignore-scripts", "--ignore-pnpmfile", "--reporter=append-only")
_ALWAYS = {
    # The version is chosen here; the project's own choice must not fetch another one, or refuse this one.
    "manage-package-manager-versions": "false",
    "package-manager-strict": "false",
    "pm-on-fail": "ignore",
    # Which release is old enough is decided before.
    "minimum-release-age": "0",
}
# What registries tell, apart by registry, and archives, by their hash: pnpm wants those of the whole lockfile.
_KEPT = '--config.cache-dir="$caches/_pnpm/cache" --config.store-dir="$caches/_pnpm/store"'
_ENVIRONMENT = {"npm_config_update_notifier": "false"}
_NO_SOLUTION = ("ERR_PNPM_PEER_DEP_ISSUES", "ERR_PNPM_NO_MATCHING_VERSION")
_SAID = re.compile(r"(?P<words>ERR_PNPM_\w+.*)")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Pnpm:
    """pnpm for one lockfile. `index` is the configured registry; the project's own goes before it.

    `aside` is the folder that npm runs in, right below that of the lockfile.
    """

    aside: Path
    project: Project
    index: str | None
    tools: Tools

    def install(self) -> None:
        """Write the lockfile anew. Raises ToolError, and BlockedError when nothing resolves."""
        try:
            self._run("--no-frozen-lockfile")
        except ToolError as error:
            found = _SAID.search(error.stderr) or _SAID.search(str(error))
            if found is None or not any(code in found["words"] for code in _NO_SOLUTION):
                raise
            said = found["words"].strip()
            raise BlockedError(f"{self.project.lock.name}: blocked, pnpm finds no tree: {said}") from error

    def check(self) -> None:
        """Have pnpm say whether the lockfile is what the manifests ask for. Raises ToolError."""
        self._run("--frozen-lockfile")

    def _run(self, frozen: str) -> None:
        config = self.project.config
        given = self.index is not None and not config.registry and self.index not in config.scoped.values()
        mirror = [f"--registry={self.index}"] if given else []
        own = [f"--registry={config.registry}"] if config.registry else mirror
        flags = (f"--config.{key}={value}" for key, value in self._settings().items())
        arguments = ("--dir", "..", *_INSTALL, frozen, *own, *flags)
        program = Lent(f"pnpm@{named(self.project)}", "pnpm", mirror, options=_KEPT)
        env = {**_ENVIRONMENT, **unset(self.urls), "npm_config_userconfig": _CREDENTIALS}
        program.run(arguments, self.aside, self.tools, env)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every registry that pnpm is told of."""
        config = self.project.config
        default = config.registry or self.index
        return tuple(dict.fromkeys((*((default,) if default else ()), *config.scoped.values())))

    def _settings(self) -> Mapping[str, str]:
        config, lock = self.project.config, self.project.lock
        # A machine's own configuration may say otherwise; the lockfile tells what it was made with.
        made_with = {_WORD.sub("-", key).lower(): value for key, value in lock.settings.items()}
        scoped = {f"{scope}:registry": url for scope, url in config.scoped.items()}
        return {**config.resolving, **made_with, **scoped, **_ALWAYS}


@contextmanager
def pnpm(folder: Path, project: Project, index: str | None, tools: Tools) -> Iterator[Pnpm]:
    """pnpm in the folder of a lockfile, whose .npmrc is empty meanwhile.

    npm would obey `devEngines` of the package.json that it stands in, run a pnpm that is installed there, and fetch
    pnpm from where .npmrc says.
    """
    npmrc, aside = folder / NPMRC, unused(folder, _RUN)
    written = npmrc.read_bytes() if npmrc.exists() else None
    aside.mkdir()
    (aside / MANIFEST).write_text("{}")
    if written is not None:
        npmrc.write_bytes(b"")
    made = Pnpm(aside, project, index, tools)
    (aside / _CREDENTIALS).write_text(npm_settings(made.urls))
    try:
        yield made
    finally:
        shutil.rmtree(aside)
        if written is not None:
            npmrc.write_bytes(written)
