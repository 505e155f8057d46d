"""`bot check`: is everything there that a run needs, each with ok, warning or error and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.app import App
from bot.errors import BotError
from bot.pipeline import discover
from bot.ports import Token
from bot.reports.text import plural, table
from remediators.api import RemediationError
from remediators.uv_relock import executable as uv_executable
from state.errors import StoreError

EXPIRY_WARNING_DAYS = 60
GIT_MINIMUM = (2, 39)
GITLAB_MINIMUM = (15, 5)
SCOPE = "api"


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `remedy` says what to do unless it is ok."""

    name: str
    level: Level
    found: str
    remedy: str = ""


def run(app: App, as_json: bool) -> int:
    """Look at everything, whatever fails; exit status 1 when anything is an error."""
    checks = tuple(_all(app))
    if as_json:
        rows = [{"name": c.name, "level": c.level.value, "found": c.found, "remedy": c.remedy or None} for c in checks]
        print(json.dumps(rows, indent=2))
    else:
        print(table(("", "what", "found", "what to do"), [(c.level.value, c.name, c.found, c.remedy) for c in checks]))
    return 1 if any(c.level is Level.ERROR for c in checks) else 0


def _all(app: App) -> Iterator[Check]:
    # (name, what to look at, the level of its failure)
    looks: tuple[tuple[str, Callable[[App], Iterator[Check]], Level], ...] = (
        ("GitLab", _gitlab, Level.ERROR),
        ("token", _token, Level.ERROR),
        ("projects", _projects, Level.ERROR),
        ("git", _git, Level.ERROR),
        ("uv", _uv, Level.WARNING),
        ("npm", _npm, Level.WARNING),
        ("sandbox", _sandboxing, Level.WARNING),
        ("advisories", _advisories, Level.ERROR),
        ("database", _database, Level.ERROR),
    )
    for name, look, level in looks:
        try:
            yield from look(app)
        except (BotError, StoreError, RemediationError) as error:
            yield Check(name, level, str(error).replace("\n", "; "))


def _gitlab(app: App) -> Iterator[Check]:
    version = app.forge.version()
    known = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if known >= GITLAB_MINIMUM:
        yield Check("GitLab", Level.OK, f"{version} at {app.config.url}")
    else:
        yield Check("GitLab", Level.WARNING, version, "15.5 or newer is needed to tell the token's scopes and expiry")


def _token(app: App) -> Iterator[Check]:
    user = app.forge.user()
    yield Check("user", Level.OK, f"@{user.username}{' (bot)' if user.bot else ''}")
    token = app.forge.token()
    if token is None:
        yield Check("token", Level.WARNING, "GitLab does not tell its scopes and expiry", "use an access token")
        return
    scopes = ", ".join(token.scopes)
    if SCOPE in token.scopes:
        yield Check("token scopes", Level.OK, scopes)
    else:
        yield Check("token scopes", Level.ERROR, scopes or "none", f"create a token with the scope {SCOPE}")
    yield _expiry(token, app.now())


def _expiry(token: Token, now: datetime) -> Check:
    if token.expires_at is None:
        return Check("token expiry", Level.OK, "never")
    days = (token.expires_at - now).days
    found = f"in {plural(days, 'day')} ({token.expires_at:%Y-%m-%d})"
    if days > EXPIRY_WARNING_DAYS:
        return Check("token expiry", Level.OK, found)
    return Check("token expiry", Level.WARNING if days > 0 else Level.ERROR, found, "renew it in GitLab")


def _projects(app: App) -> Iterator[Check]:
    seen = list(app.forge.projects())
    skipped = [found for project in seen if (found := discover.skip_reason(project)) is not None]
    usable = len(seen) - len(skipped)
    level = Level.OK if usable else Level.WARNING
    remedy = "" if usable else "give the token's user the Developer role on a project"
    yield Check("projects", level, f"{plural(len(seen), 'project')}, {usable} that the bot can work on", remedy)
    for found in skipped[:10]:
        yield Check("project", Level.WARNING, f"{found.project.path}: {found.reason}", "see bot projects")


def _git(app: App) -> Iterator[Check]:
    version = _tool(app, ("git", "--version"))
    known = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if known >= GIT_MINIMUM:
        yield Check("git", Level.OK, version)
    else:
        yield Check("git", Level.ERROR, version, "install git 2.39 or newer")


def _tool(app: App, argv: tuple[str, ...]) -> str:
    with app.workshop.scratch() as work:
        return app.workshop.run(argv, work).stdout.strip()


def _uv(app: App) -> Iterator[Check]:
    yield Check("uv", Level.OK, _tool(app, (uv_executable(), "--version")))


def _npm(app: App) -> Iterator[Check]:
    yield Check("npm", Level.OK, _tool(app, ("npm", "--version")))


def _sandboxing(app: App) -> Iterator[Check]:
    reason = app.sandboxing()
    if reason is None:
        yield Check("sandbox", Level.OK, "bubblewrap can make namespaces here")
    else:
        yield Check("sandbox", Level.WARNING, reason, "install bubblewrap and allow user namespaces")


def _advisories(app: App) -> Iterator[Check]:
    data = app.advisories.snapshot() or app.advisories.refresh()
    days = (app.now() - data.as_of).days
    found = f"{plural(data.records, 'record')} from {data.source}, {plural(days, 'day')} old"
    limit = app.config.advisories.max_age_days
    if limit is not None and days > limit:
        yield Check("advisories", Level.ERROR, found, f"refresh them, or raise advisories.max_age_days ({limit:g})")
    else:
        yield Check("advisories", Level.OK, found)


def _database(app: App) -> Iterator[Check]:
    rows = app.store.counts()
    yield Check("database", Level.OK, f"{app.store.describe()}, {plural(rows.get('projects', 0), 'project')}")
