"""npm as a program: how it is called to relock, with which configuration, and what its refusals mean."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Tools
from remediators.errors import BlockedError, ToolError
from remediators.npm.config import NPMRC, NpmConfig
from remediators.npm.lock import Lock

_LOCK = ("--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
_ENVIRONMENT = {"npm_config_update_notifier": "false"}
_NO_SOLUTION = ("ERESOLVE", "EOVERRIDE")
_DEV_ENGINES = "EBADDEVENGINES"
_DEV_ENGINE = re.compile(r'Invalid (name|semver version) "([^"\n]*)" does not match "([^"\n]*)" for "([^"\n]*)"')
_SAID = re.compile(r"^npm (?:error|ERR!)(?P<words>.*)$", re.MULTILINE)
_ADVICE = "Fix the upstream dependency conflict"


@dataclass(frozen=True, slots=True)
class Npm:
    """npm in the folder of one package.json. `lock` is the lockfile as it was, whose habits are kept.

    `index` is the configured registry; what the project's own .npmrc names goes before it.
    """

    folder: Path
    lock: Lock
    config: NpmConfig
    index: str | None
    tools: Tools

    def install(self, lockfile_version: int, update: Iterable[str] = ()) -> None:
        """Write the lockfile anew, in that version; what is to `update` is looked at wherever it stands.

        Raises ToolError, and BlockedError when nothing resolves.
        """
        named = sorted(set(update))
        # A name out of a repository is no option.
        command, names = ("update", ("--", *named)) if named else ("install", ())
        try:
            argv = ("npm", command, *_LOCK, *self._flags(lockfile_version), *names)
            self.tools.run(argv, self.folder, _ENVIRONMENT)
        except ToolError as error:
            if _DEV_ENGINES in error.stderr:
                raise ToolError(_refused_by_dev_engines(self.lock.name, error.stderr)) from error
            if not any(code in error.stderr for code in _NO_SOLUTION):
                raise
            raise BlockedError(f"{self.lock.name}: blocked, npm finds no tree: {_reason(error.stderr)}") from error

    @contextmanager
    def configured(self) -> Iterator[None]:
        """While this lasts, the project's .npmrc holds only what npm may see of it."""
        file = self.folder / NPMRC
        if not file.exists():
            yield
            return
        written = file.read_bytes()
        file.write_text(self.config.visible())
        try:
            yield
        finally:
            file.write_bytes(written)

    def _flags(self, lockfile_version: int) -> Iterator[str]:
        yield f"--lockfile-version={lockfile_version}"
        # A machine's own configuration may say otherwise.
        unnamed = not any(copy.resolved for copy in self.lock.copies.values())
        yield f"--omit-lockfile-registry-resolved={str(unnamed).lower()}"
        if not self.lock.flat:
            # npm before 7, which wrote such lockfiles, did not install peers.
            yield "--legacy-peer-deps"
        if self.index and not self.config.registry and self.index not in self.config.scoped.values():
            yield f"--registry={self.index}"


def _reason(stderr: str) -> str:
    """What npm says of a conflict, on one line, without its advice."""
    said = (match["words"].strip() for match in _SAID.finditer(stderr))
    words = [line for line in said if line and not line.startswith("code ")]
    return "; ".join(itertools.takewhile(lambda line: not line.startswith(_ADVICE), words))


def _refused_by_dev_engines(lockfile: str, stderr: str) -> str:
    """What `devEngines` ask for and what runs, in a sentence. Source: npm-install-checks 8, dev-engines.js."""
    found = [match.groups() for match in _DEV_ENGINE.finditer(stderr)]
    asked = "; ".join(
        f"`{engine}` has to be {'version ' if kind == 'semver version' else ''}{wanted} and is {runs}"
        for kind, wanted, runs, engine in dict.fromkeys(found)
    )
    manifest = posixpath.join(posixpath.dirname(lockfile), "package.json")
    which = asked or "npm does not say which"
    return (
        f"{manifest}: npm does not run, as its `devEngines` refuse what the bot runs ({which}): "
        'widen them, or set their `onFail` to "warn"'
    )


def versions(tools: Tools) -> Mapping[str, str]:
    """The versions of npm and of the Node.js that it runs on. Raises ToolError."""
    programs = ("npm", "node")
    return {name: tools.run((name, "--version"), None).stdout.strip().removeprefix("v") for name in programs}
