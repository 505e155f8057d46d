"""`bot projects` and `bot status`: what they ask, and what they know."""

from __future__ import annotations

import pytest

from state.store import Store
from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

PATH = "group/app"


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {"requirements.txt": "acme==1.0\n"})
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


def test_projects_shows_the_role_and_why_one_is_left_out(app: Fleet) -> None:
    app.project("group/ro", {"README.md": "x\n"}, level=20)
    ended = app.bot("projects")
    assert (ended.status, ended.out.splitlines()) == (
        0,
        [
            "project    role",
            "group/app  Developer",
            "group/ro   Reporter   skipped: the token's role is Reporter (20); Developer (30) is needed to push",
            "2 projects, 1 that the bot can work on",
        ],
    )


def test_status_asks_gitlab_nothing_and_needs_no_token(app: Fleet) -> None:
    app.bot("run", PATH)
    del app.environ["BOT_TOKEN"]
    app.sandbox.requests.clear()
    ended = app.bot("status")
    assert ended.out.splitlines()[-1] == "1 project: 1 vulnerable, 1 outdated, 1 in review"
    assert "merge request open" in app.bot("status", PATH).out
    assert list(app.sandbox.requests) == []


def test_a_scan_without_all_data_is_shown_as_incomplete(app: Fleet) -> None:
    (app.folder / "advisories" / "PyPI.zip").unlink()
    app.bot("run", PATH)
    assert "(incomplete)" in app.bot("status").out
    assert "`bot run group/app` says why" in app.bot("status", PATH).out


@pytest.mark.parametrize("command", ["status", "health"])
def test_what_only_reads_makes_no_database(app: Fleet, command: str) -> None:
    meant = app.folder / "typo" / "bot.db"
    ended = app.bot(command, "--database", f"sqlite:///{meant}")
    assert (ended.status, ended.out) == (1, "")
    assert f"There is no database of the bot at {meant}, and none was made" in ended.err
    assert "(--database, BOT_DATABASE or `database` in bot.toml), or run `bot run` first" in ended.err
    assert not meant.parent.exists()


def test_a_fresh_database_says_what_fills_it(app: Fleet) -> None:
    Store.open(app.environ["BOT_DATABASE"]).close()
    ended = app.bot("status")
    assert (ended.status, ended.out.startswith("no project is known yet: `bot run PROJECT`")) == (0, True)


def test_a_project_that_is_not_known_says_what_makes_it_known(app: Fleet) -> None:
    Store.open(app.environ["BOT_DATABASE"]).close()
    ended = app.bot("status", "group/other")
    assert (ended.status, ended.err) == (
        1,
        "bot: group/other: not in the database; run `bot run group/other` first\n",
    )
