"""`bot check`, in good and in bad set-ups: what is wrong is one row, with what to do, and hides nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.adapters.gitlab.forge import GitLab
from bot.adapters.redaction import Redactor
from bot.app import App
from bot.config import load
from bot.service import check
from bot.service.check import Check, Level
from tests.end_to_end.world import Fleet, quote

FORGE = {"token scopes", "token expiry", "user", "GitLab", "projects"}
MACHINE = {"cache", "git", "uv", "npm", "sandbox"}
Row = tuple[str, str]
LACKING = {("sandbox", "warning")} | (set() if shutil.which("npm") else {("npm", "warning")})


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """A set-up in which nothing is wrong."""
    fleet.project("group/app", {"README.md": "nothing\n"})
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


def rows(site: Fleet, status: int) -> dict[str, Any]:
    """The rows by name, the last of each."""
    ended = site.bot("check", "--json")
    assert (ended.status, ended.err) == (status, "")
    return {row["name"]: row for row in ended.report}


def wrong(found: dict[str, Any]) -> set[Row]:
    """What is not ok, without what this machine lacks."""
    return {(row["name"], row["level"]) for row in found.values() if row["level"] != "ok"} - LACKING


def with_token(site: Fleet, scopes: tuple[str, ...] = ("api",), days: int | None = None) -> None:
    expires = None if days is None else (datetime.now(UTC) + timedelta(days=days)).date()
    user = site.sandbox.world.users.one(username="remediation-bot")
    assert user is not None
    site.environ["BOT_TOKEN"] = site.sandbox.add_token(user, scopes, expires)


def with_advisories(site: Fleet, **settings: Any) -> None:
    site.environ["BOT_ADVISORIES"] = json.dumps(settings)


def with_programs(site: Fleet, *kept: str) -> None:
    """Nothing on PATH but these, where this machine has them."""
    place = site.folder / "programs"
    place.mkdir()
    for name in kept:
        if (found := shutil.which(name)) is not None:
            (place / name).symlink_to(found)
    site.environ["PATH"] = str(place)


def test_where_nothing_is_wrong_every_row_is_ok(site: Fleet) -> None:
    found = rows(site, 0)
    assert wrong(found) == set()
    assert set(found) == FORGE | MACHINE | {"database", "advisories"}
    assert (found["user"]["found"], found["projects"]["found"]) == (
        "@remediation-bot",
        "1 project, 1 that the bot can work on",
    )
    assert found["advisories"]["found"].startswith(f"2 records from {site.folder}/advisories, ")


def _no_token(site: Fleet) -> None:
    del site.environ["BOT_TOKEN"]


def _unknown_token(site: Fleet) -> None:
    site.environ["BOT_TOKEN"] = "glpat-of-nobody"


def _reporter(site: Fleet) -> None:
    site.project("group/ro", {"README.md": "x\n"}, level=20)


def _archived(site: Fleet) -> None:
    site.project("group/old", {"README.md": "x\n"})
    site.api.post(f"/projects/{quote('group/old')}/archive")


def _many_reporters(site: Fleet) -> None:
    for number in range(12):
        site.project(f"group/ro{number}", None, level=20)


def _half_of_the_advisories(site: Fleet) -> None:
    (site.folder / "advisories" / "npm.zip").unlink()


def _broken_dump(site: Fleet) -> None:
    (site.folder / "advisories" / "npm.zip").write_bytes(b"no zip")


def _no_advisories(site: Fleet) -> None:
    with_advisories(site, dumps=[str(site.folder / "nowhere")])


def _old_advisories(site: Fleet) -> None:
    with_advisories(site, dumps=[str(site.folder / "advisories")], max_age_days=7)


def _no_advisory_server(site: Fleet) -> None:
    with_advisories(site, servers=[site.index.url])


def _no_cache(site: Fleet) -> None:
    site.environ["BOT_CACHE"] = str(site.folder / "advisories" / "npm.zip" / "cache")


def _broken_database(site: Fleet) -> None:
    (site.folder / "bot.db").write_bytes(b"no database" * 1000)


Setup = Callable[[Fleet], None]


def _sandbox(mode: str) -> Setup:
    def prepare(site: Fleet) -> None:
        with_programs(site, "git", "env", "node", "npm")
        site.environ["BOT_SANDBOX"] = mode

    return prepare


SETUPS: tuple[tuple[str, Setup, str, str, str], ...] = (
    # id, what is done, the row, its level, what it says
    ("no token", _no_token, "token", "error", "set GITLAB_TOKEN or BOT_TOKEN"),
    ("unknown token", _unknown_token, "token", "error", "invalid, expired or revoked; create a new one"),
    ("expired", lambda s: with_token(s, days=-1), "token", "error", "invalid, expired or revoked; create a new one"),
    ("expiring", lambda s: with_token(s, days=10), "token expiry", "warning", "in 9 days ("),
    ("last day", lambda s: with_token(s, days=1), "token expiry", "warning", "within a day ("),
    ("read only", lambda s: with_token(s, ("read_api",)), "token scopes", "error", "read_api; api is missing"),
    ("repository only", lambda s: with_token(s, ("read_repository",)), "token scopes", "error", "api is missing"),
    ("role", _reporter, "project", "warning", "group/ro: the token's role is Reporter (20); Developer (30) is needed"),
    ("many roles", _many_reporters, "project", "warning", "2 more are left out"),
    ("no npm", lambda s: with_programs(s, "git"), "npm", "warning", "npm is not installed or not on PATH"),
    ("no git", lambda s: with_programs(s, "env", "node", "npm"), "git", "error", "git is not installed or not on PATH"),
    ("sandbox off", _sandbox("off"), "sandbox", "warning", "off: package managers run unconfined"),
    (
        "no sandbox",
        lambda s: with_programs(s, "git", "env", "node", "npm"),
        "sandbox",
        "warning",
        "(bwrap) is not inst",
    ),
    ("sandbox required", _sandbox("require"), "sandbox", "error", "no package manager is run: bubblewrap (bwrap) is"),
    ("one dump missing", _half_of_the_advisories, "advisories", "warning", "npm: there is no npm.zip in"),
    ("one dump broken", _broken_dump, "advisories", "warning", "npm.zip"),
    ("no advisories", _no_advisories, "advisories", "error", "there is no npm.zip in"),
    ("old advisories", _old_advisories, "advisories", "error", "days old (as of 2026-01-01); the limit is 7 days"),
    ("no advisory server", _no_advisory_server, "advisories", "error", "/v1/querybatch"),
    ("no cache", _no_cache, "cache", "error", "npm.zip/cache cannot be made: Not a directory"),
    ("broken database", _broken_database, "database", "error", "is not a whole database"),
)


@pytest.mark.parametrize(
    ("prepare", "name", "level", "said"), [pytest.param(*setup[1:], id=setup[0]) for setup in SETUPS]
)
def test_what_is_wrong_is_said_once_and_the_exit_status_tells_an_error(
    site: Fleet, prepare: Setup, name: str, level: str, said: str
) -> None:
    prepare(site)
    found = rows(site, 1 if level == "error" else 0)
    assert (found[name]["level"], said in found[name]["found"]) == (level, True)
    assert {each for each, _ in wrong(found)} <= {name, "token"}
    # The rest is looked at all the same, as far as it can be.
    tools = set() if name == "cache" or (name, level) == ("sandbox", "error") else {"git", "uv", "npm"}
    assert {"sandbox", "database"} | tools <= set(found)
    assert "glpat-" not in json.dumps(found)


def test_an_archived_project_is_counted_and_no_reason_to_worry(site: Fleet) -> None:
    _archived(site)
    found = rows(site, 0)
    assert (wrong(found), found["projects"]["found"]) == (set(), "2 projects, 1 that the bot can work on")


def test_a_token_without_any_project_is_told_what_it_needs(fleet: Fleet) -> None:
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    found = rows(fleet, 0)["projects"]
    assert (found["level"], "role Developer" in found["remedy"]) == ("warning", True)


def test_a_gitlab_out_of_reach_is_one_row(site: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "http://127.0.0.1:1"
    with App(load({}, site.environ, None), site.environ, Redactor()) as app:
        # Without the waits between its tries.
        app.forge = GitLab(nowhere, "glpat-x", sleep=lambda _: None)
        assert check.run(app, as_json=True) == 1
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert wrong(found) == {("GitLab", "error")}
    assert f"GitLab at {nowhere} cannot be reached" in found["GitLab"]["found"]
    assert not FORGE - {"GitLab"} & set(found)


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ((Level.OK,), "everything is there"),
        ((Level.OK, Level.WARNING, Level.WARNING), "2 warnings: the bot can do its work"),
        (
            (Level.WARNING, Level.ERROR),
            "1 error, 1 warning: the bot cannot do its work until the errors are mended",
        ),
    ],
    ids=["ok", "warnings", "errors"],
)
def test_people_read_rows_with_remedies_below_and_a_sum(levels: tuple[Level, ...], said: str) -> None:
    rows = tuple(Check("thing", level, "what it is", "" if level is Level.OK else "do this") for level in levels)
    *lines, last = check.as_text(rows).splitlines()
    assert last == said
    assert sum(line.strip() == "-> do this" for line in lines) == sum(level is not Level.OK for level in levels)
