"""The composition root: builds each adapter once, from the configuration, and hands them down."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bot import logs
from bot.adapters.redaction import Redactor
from bot.config import Config
from bot.ports import Adapters, Calls
from bot.supplies import Supplies

if TYPE_CHECKING:
    from bot.adapters.folder import Folder
    from bot.adapters.git.checkouts import GitCheckouts
    from bot.adapters.gitlab.forge import GitLab


class App(Supplies):
    """Lends GitLab and its repositories as well; each adapter is closed with the app."""

    @classmethod
    def start(cls, config: Config, environ: Mapping[str, str], log_level: str = "warning") -> Self:
        """An app whose log goes to standard error, without secrets; `log_level` is for a configuration without one."""
        redact = Redactor(config.secrets())
        logs.to_stderr(config.log_level or log_level, redact)
        return cls(config, environ, redact)

    def default_projects(self) -> tuple[str, ...]:
        """Inside GitLab CI: the job's own project."""
        path = self._environ.get("CI_PROJECT_PATH", "")
        return (path,) if path else ()

    @functools.cached_property
    def forge(self) -> GitLab:
        """GitLab. Raises ConfigError without a token."""
        from bot.adapters.gitlab.forge import GitLab

        made = GitLab(self.config.url, self.config.secret(), ca_bundle=self.config.ca_bundle, redact=self._redact)
        return self._stack.enter_context(contextlib.closing(made))

    def own_changelog(self, source: str) -> str:
        """The releases of a project of our GitLab, "" for a source that lies elsewhere."""
        from bot.adapters.gitlab.releases import path_of

        path = path_of(source, self.config.url)
        return self.forge.published_changelog(path) if path else ""

    @functools.cached_property
    def checkouts(self) -> GitCheckouts:
        """Repositories."""
        from bot.adapters.git.checkouts import GitCheckouts
        from bot.adapters.git.commit_objects import Identity

        config = self.config
        identity = Identity(config.identity.name, config.identity.email)
        return GitCheckouts(self.cache_folder(), config.url, config.secret(), identity, ca_bundle=config.ca_bundle)

    def adapters(self) -> Adapters:
        """Everything that the pipeline works with."""
        return Adapters(self.forge, self.checkouts, self.store, self.toolbox)

    def folder(self, root: Path) -> Folder:
        """A folder on this machine as a tree. Raises CheckoutError when it is none."""
        from bot.adapters.folder import Folder

        return Folder(root)

    def calls(self) -> Calls:
        """What was asked of GitLab so far."""
        usage = self.forge.usage
        return Calls(usage.reads, usage.writes, self.checkouts.pushes)
