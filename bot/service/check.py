"""`bot check`: is everything there that a run needs, each with ok, warning or error and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.app import App
from bot.errors import BotError, ForgeError
from bot.pipeline import discover
from bot.ports import Token
from bot.reports.text import document, plural, table
from remediators.errors import RemediationError
from remediators.uv.run import executable as uv_executable
from state.errors import StoreError
from state.model import Failure

EXPIRY_WARNING_DAYS = 60
GITLAB_MINIMUM = (15, 5)
SCOPE = "api"
PROJECTS_SHOWN = 10

# Advisories are looked up for it in every ecosystem: whether there are any is of no interest, whether one may ask is.
PROBE = "remediation-bot"


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `remedy` says what to do, where `found` does not."""

    name: str
    level: Level
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Something to look at; `level` is how bad it is that looking fails."""

    name: str
    look: Callable[[App], Iterator[Check]]
    level: Level = Level.ERROR


def run(app: App, as_json: bool) -> int:
    """Look at everything, whatever fails; exit status 1 when anything is an error."""
    app.warns_of_no_sandbox = False
    checks = tuple(_all(app))
    if as_json:
        rows = [{"name": c.name, "level": c.level.value, "found": c.found, "remedy": c.remedy or None} for c in checks]
        print(document(rows))
    else:
        print(as_text(checks))
    return 1 if any(c.level is Level.ERROR for c in checks) else 0


def as_text(checks: Sequence[Check]) -> str:
    """A line for each check, what to do below it, and a line that sums up."""
    rows: list[tuple[str, str, str]] = []
    for check in checks:
        rows.append((check.level.value, check.name, check.found))
        if check.remedy:
            rows.append(("", "", f"-> {check.remedy}"))
    return f"{table(('', 'what', 'found, and what to do'), rows)}\n{_summary(Counter(c.level for c in checks))}"


def _summary(count: Counter[Level]) -> str:
    counted = ", ".join(plural(count[level], level.value) for level in (Level.ERROR, Level.WARNING) if count[level])
    if count[Level.ERROR]:
        return f"{counted}: the bot cannot do its work until the errors are mended"
    return f"{counted}: the bot can do its work" if counted else "everything is there"


def _all(app: App) -> Iterator[Check]:
    said: set[str] = set()
    for group in GROUPS:
        for each in group:
            try:
                yield from each.look(app)
            except (BotError, StoreError, RemediationError) as error:
                found = str(error).replace("\n", "; ")
                # What is wrong with the cache stops every tool.
                if found not in said:
                    yield Check(_culprit(error, each.name), each.level, found)
                said.add(found)
                break


def _culprit(error: Exception, name: str) -> str:
    """What a failure is about: GitLab is asked with the token, and either may be the trouble."""
    if isinstance(error, ForgeError):
        return {401: "token", 403: "token", None: "GitLab"}.get(error.status, name)
    return name


def _token(app: App) -> Iterator[Check]:
    token = app.forge.token()
    if token is None:
        yield Check("token", Level.WARNING, "GitLab does not tell its scopes and expiry", "use an access token")
    else:
        yield _scopes(token)
        yield _expiry(token, app.now())
    user = app.forge.user()
    yield Check("user", Level.OK, f"@{user.username}{' (bot)' if user.bot else ''}")


def _scopes(token: Token) -> Check:
    scopes = ", ".join(token.scopes) or "none"
    if SCOPE in token.scopes:
        return Check("token scopes", Level.OK, scopes)
    return Check("token scopes", Level.ERROR, f"{scopes}; {SCOPE} is missing", f"create a token with the scope {SCOPE}")


def _expiry(token: Token, now: datetime) -> Check:
    if token.expires_at is None:
        return Check("token expiry", Level.OK, "never")
    days = (token.expires_at - now).days
    when = f"in {plural(days, 'day')}" if days > 0 else "within a day"
    found = f"{when} ({token.expires_at:%Y-%m-%d})"
    if days > EXPIRY_WARNING_DAYS:
        return Check("token expiry", Level.OK, found)
    return Check("token expiry", Level.WARNING, found, "have GitLab renew it (rotate) before that day")


def _gitlab(app: App) -> Iterator[Check]:
    version = app.forge.version()
    if _numbers(version) >= GITLAB_MINIMUM:
        yield Check("GitLab", Level.OK, f"{version} at {app.config.url}")
    else:
        found = f"{version} at {app.config.url}"
        yield Check("GitLab", Level.WARNING, found, "15.5 or newer is needed to tell the token's scopes and expiry")


def _projects(app: App) -> Iterator[Check]:
    seen = list(app.forge.projects())
    skipped = [reason for project in seen if (reason := discover.skip_reason(project)) is not None]
    usable = len(seen) - len(skipped)
    found = f"{plural(len(seen), 'project')}, {usable} that the bot can work on"
    if usable:
        yield Check("projects", Level.OK, found)
    else:
        yield Check("projects", Level.WARNING, found, "give the token's user the role Developer on a project")
    # An archived project is left out on purpose.
    concerning = [each for each in skipped if not each.project.archived]
    for each in concerning[:PROJECTS_SHOWN]:
        yield Check("project", Level.WARNING, f"{each.project.path}: {each.reason}")
    more = len(concerning) - PROJECTS_SHOWN
    if more > 0:
        yield Check("project", Level.WARNING, f"{more} more are left out", "see bot projects")


def _cache(app: App) -> Iterator[Check]:
    _ = app.workshop
    yield Check("cache", Level.OK, str(app.config.cache))


def _git(app: App) -> Iterator[Check]:
    from bot.adapters.git.command import OLDEST_GIT

    version = _tool(app, ("git", "--version"))
    if _numbers(version) >= OLDEST_GIT:
        yield Check("git", Level.OK, version)
    else:
        yield Check("git", Level.ERROR, version, f"install git {'.'.join(map(str, OLDEST_GIT))} or newer")


def _uv(app: App) -> Iterator[Check]:
    yield Check("uv", Level.OK, _tool(app, (uv_executable(), "--version")))


def _npm(app: App) -> Iterator[Check]:
    yield Check("npm", Level.OK, f"npm {_tool(app, ('npm', '--version'))}")


def _tool(app: App, argv: tuple[str, ...]) -> str:
    with app.workshop.scratch() as work:
        return app.workshop.run(argv, work).stdout.strip()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _sandboxing(app: App) -> Iterator[Check]:
    reason, wanted = app.sandboxing(), app.config.sandbox
    remedy = "install bubblewrap, and allow user namespaces"
    if wanted == "off":
        could = "possible here" if reason is None else reason
        found = f"off: package managers run unconfined ({could})"
        yield Check("sandbox", Level.WARNING, found, "set sandbox to auto or require")
    elif reason is None:
        yield Check("sandbox", Level.OK, f"{wanted}: every package manager runs confined by bubblewrap")
    else:
        yield Check("sandbox", Level.WARNING, f"auto: package managers run unconfined, as {reason}", remedy)


def _database(app: App) -> Iterator[Check]:
    rows = app.store.counts()
    yield Check("database", Level.OK, f"{app.store.describe()}, {plural(rows.get('projects', 0), 'project')} known")


def _advisories(app: App) -> Iterator[Check]:
    probes = {(ecosystem, PROBE) for ecosystem in app.ecosystems.names()}
    answer = app.advisories.lookup(probes)
    if answer.advisories and answer.snapshot is not None:
        data = answer.snapshot
        age = plural((app.now() - data.as_of).days, "day")
        found = f"{plural(data.records, 'record')} from {data.source}, {age} old"
        yield Check("advisories", Level.OK, found)
    # Without one ecosystem's data the bot still does its work for the others.
    level = Level.WARNING if answer.advisories else Level.ERROR
    for reason, failures in _by_reason(answer.failed).items():
        lacking = ", ".join(sorted({f.subject.split(":")[0] for f in failures if f.fault}))
        found = f"{lacking}: {reason}" if lacking else reason
        remedy = f"until then, nothing of {lacking} counts as clean" if lacking else ""
        yield Check("advisories", level, found, remedy)


def _by_reason(failed: Sequence[Failure]) -> dict[str, list[Failure]]:
    grouped: dict[str, list[Failure]] = {}
    for failure in failed:
        grouped.setdefault(failure.reason, []).append(failure)
    return grouped


# Each look of a group needs the ones before it.
GROUPS: tuple[tuple[Look, ...], ...] = (
    (Look("token", _token), Look("GitLab", _gitlab), Look("projects", _projects)),
    (Look("cache", _cache),),
    (Look("sandbox", _sandboxing),),
    (Look("git", _git),),
    (Look("uv", _uv, Level.WARNING),),
    (Look("npm", _npm, Level.WARNING),),
    (Look("database", _database), Look("advisories", _advisories)),
)
