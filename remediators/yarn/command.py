"""Yarn as a program: which version, how it is called to resolve and to check, and with which configuration.

The version is the one that `packageManager` names, where it is of the lockfile's kind, else the last that writes that
lockfile version. It comes from the registry by npm: what a repository brings along (`yarnPath`, plugins, an installed
package called yarn) is not run. npm looks for programs in the project first, so it starts in a folder of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Tools
from remediators.credential_variables import npm_settings, unset
from remediators.errors import ToolError
from remediators.npm.config import NPMRC
from remediators.npm.lent import Lent
from remediators.yarn.config import YARNRC, YARNRC_YML
from remediators.yarn.credentials import berry_settings, classic_npmrc
from remediators.yarn.project import MANIFEST, Project

_CLASSIC = "1.22.22"
_NEWEST_OF = {4: "3.0.2", 5: "3.1.1", 6: "3.8.7", 7: "4.0.0-rc.35", 8: "4.13.0", 9: "4.14.1", 10: "4.18.1"}
"""The last Yarn that writes a lockfile version and that the registry has, as was tried with each."""
_YARN_2 = "2.4.2"
_YARN_2_CACHE = "7"
_MODES_SINCE = (3,)
_AGE_GATE_SINCE = (4, 10)
_KEY_DIGITS = 16
_PLACE = "REMEDIATION_PROJECT"
_ENVIRONMENT = {
    "npm_config_update_notifier": "false",
    "SKIP_YARN_COREPACK_CHECK": "1",
    "YARN_IGNORE_PATH": "1",
    # What comes from Git is built as soon as it is there, and classic fetches what is locked even to check it.
    "GIT_ALLOW_PROTOCOL": "none",
}
_BERRY = {
    "YARN_ENABLE_SCRIPTS": "0",
    "YARN_ENABLE_TELEMETRY": "0",
    "YARN_ENABLE_GLOBAL_CACHE": "1",
    "YARN_ENABLE_IMMUTABLE_INSTALLS": "0",
    "YARN_ENABLE_PROGRESS_BARS": "0",
    "YARN_ENABLE_COLORS": "0",
}
_CLASSIC_FLAGS = ("--non-interactive", "--no-progress", "--ignore-scripts", "--ignore-engines", "--ignore-platform")
# Each removes what another is just unpacking into the cache: of four that need the same package, none gets through.
_ALONE = '--mutex "file:$caches/_yarn/classic/alone"'
_IS_OFFLINE = ("in offline mode", "fatal: transport '")


def version_of(project: Project) -> str:
    """The version that relocks a project."""
    lock, named = project.lock, project.yarn
    if named and (named.partition(".")[0] != "1") == lock.berry:
        return named
    if not lock.berry:
        return _CLASSIC
    return _YARN_2 if lock.version == min(_NEWEST_OF) and lock.cache == _YARN_2_CACHE else _NEWEST_OF[lock.version]


@dataclass(frozen=True, slots=True)
class Yarn:
    """Yarn in the folder of one project. `aside` is a folder for what is not the project's.

    `index` is the configured registry; what the project's own configuration names goes before it.
    """

    folder: Path
    aside: Path
    project: Project
    index: str | None
    tools: Tools

    def resolve(self) -> None:
        """Write the lockfile so that it fits the manifests; locked descriptors stay. Raises ToolError."""
        if self.project.lock.berry:
            # Yarn 2 cannot leave the fetching out.
            mode = "--mode=update-lockfile" if self._numbers >= _MODES_SINCE else "--skip-builds"
            self._run(mode)
        else:
            self._run(*self._classic())

    def check(self) -> None:
        """Have classic confirm that nothing is missing in the lockfile. Raises ToolError when something is.

        With neither a network nor a cache it gets as far as the first download or clone, and resolves all before that.
        """
        try:
            self._run(*self._classic(), "--frozen-lockfile", "--offline", "--cache-folder", self._aside("empty"))
        except ToolError as error:
            if not any(words in error.stderr for words in _IS_OFFLINE):
                raise

    @property
    def urls(self) -> tuple[str, ...]:
        """Every registry that is asked. npm, which fetches Yarn, asks the configured one whatever the project names."""
        index = () if self.index is None else (self.index,)
        return tuple(dict.fromkeys((*self.project.config.urls(self.index), *index)))

    @property
    def settings(self) -> Mapping[str, int]:
        """Berry's settings that only newer versions know: a fix's age is judged by the bot's own policy."""
        return {"npmMinimalAgeGate": 0} if self._numbers >= _AGE_GATE_SINCE else {}

    def _classic(self) -> Sequence[str]:
        """The flags of every run: classic installs whenever it resolves, so that goes aside."""
        return (*_CLASSIC_FLAGS, "--no-bin-links", "--modules-folder", self._aside("modules"))

    @property
    def _numbers(self) -> tuple[int, ...]:
        return tuple(int(part) for part in version_of(self.project).partition("-")[0].split("."))

    def _aside(self, name: str) -> str:
        # A sandbox may know the folders by other absolute paths.
        return os.path.relpath(self.aside / name, self.folder)

    def _run(self, *arguments: str) -> None:
        berry = self.project.lock.berry
        package = "@yarnpkg/cli-dist" if berry else "yarn"
        registry = (f"--registry={self.index}",) if self.index else ()
        state = {"YARN_INSTALL_STATE_PATH": self._aside("state.gz")} if berry else {}
        there = f'cd "${_PLACE}" || exit\n{self._kept()}'
        program = Lent(f"{package}@{version_of(self.project)}", "yarn", registry, there, "" if berry else _ALONE)
        place = {_PLACE: os.path.relpath(self.folder, self.aside), **unset(self.urls)}
        own = _BERRY if berry else {}
        program.run(("install", *arguments), self.aside, self.tools, {**place, **_ENVIRONMENT, **own, **state})

    def _kept(self) -> str:
        """Where Yarn keeps what it fetched. Berry's files do not tell the registry: who has the same shares them."""
        if not self.project.lock.berry:
            return 'export YARN_CACHE_FOLDER="$caches/_yarn/classic"\nmkdir -p "$YARN_CACHE_FOLDER"\n'
        named = self.project.config.registries
        said = json.dumps((named.registry or self.index, sorted(named.scoped.items())))
        key = hashlib.sha256(said.encode()).hexdigest()[:_KEY_DIGITS]
        return f'export YARN_GLOBAL_FOLDER="$caches/_yarn/{key}"\n'


@contextmanager
def yarn(folder: Path, work: Path, project: Project, index: str | None, tools: Tools) -> Iterator[Yarn]:
    """Yarn, while it sees of the configuration only what `config` lets through."""
    with ExitStack() as stack:
        aside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=work, prefix=".yarn-")))
        (aside / MANIFEST).write_text("{}")
        made = Yarn(folder, aside, project, index, tools)
        # The shell that starts npm drops the variables that are named after the registry.
        (aside / NPMRC).write_text(project.config.registries.visible() + npm_settings(made.urls))
        visible = _visible(made)
        for name in (NPMRC, YARNRC, YARNRC_YML):
            stack.enter_context(_replaced(folder / name, visible.get(name)))
        yield made


def _visible(made: Yarn) -> Mapping[str, str]:
    """The files that Yarn reads, by name."""
    config, urls = made.project.config, made.project.config.urls(made.index)
    if made.project.lock.berry:
        more = {**made.settings, **berry_settings(urls)}
        return {YARNRC_YML: config.visible(made.index, berry=True, more=more)}
    npmrc = classic_npmrc(urls)
    return {YARNRC: config.visible(made.index, berry=False, more={}), **({NPMRC: npmrc} if npmrc else {})}


@contextmanager
def standing_in(folder: Path, manifest: Mapping[str, object]) -> Iterator[None]:
    """While this lasts, `manifest` is the project's package.json."""
    with _replaced(folder / MANIFEST, json.dumps(manifest)):
        yield


@contextmanager
def _replaced(file: Path, content: str | None) -> Iterator[None]:
    """While this lasts, the file has this content, or is not there."""
    written = file.read_bytes() if file.exists() else None
    if content is not None:
        file.write_text(content)
    elif written is not None:
        file.unlink()
    try:
        yield
    finally:
        if written is not None:
            file.write_bytes(written)
        else:
            file.unlink(missing_ok=True)
