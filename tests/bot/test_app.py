"""The composition root: what it builds from which settings, and when."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.advisories.dumps import Dumps
from bot.adapters.advisories.osv_api import OsvServer
from bot.adapters.redaction import Redactor
from bot.adapters.registries.release_notes import KeptReleaseNotes, NoReleaseNotes
from bot.app import App
from bot.config import OSV_SERVER, load
from bot.errors import CheckoutError, ConfigError
from remediators.errors import RemediationError
from state.errors import StoreError
from state.model import Proof, Snapshot

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {"url": NOWHERE, "database": f"sqlite:///{tmp_path / 'bot.db'}", "cache": tmp_path / "cache"}


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[App]:
    with made(settings) as it:
        yield it


def made(settings: Mapping[str, Any], environ: Mapping[str, str] | None = None, **more: Any) -> App:
    return App(load({**settings, **more}, {}, None), environ or {}, Redactor())


def test_nothing_is_opened_before_it_is_asked_for(app: App, tmp_path: Path) -> None:
    assert list(tmp_path.iterdir()) == []
    assert app.store.projects() == ()
    assert (tmp_path / "bot.db").is_file()


def test_each_adapter_is_made_once_and_shared(settings: dict[str, Any]) -> None:
    with made(settings, token="glpat-of-the-test") as app:
        one, other = app.adapters(), app.adapters()
        assert (one.forge, one.checkouts, one.store, one.toolbox) == (
            other.forge,
            other.checkouts,
            other.store,
            other.toolbox,
        )
        assert one.toolbox.advisories is app.advisories


def test_without_a_token_only_what_needs_gitlab_is_refused(app: App) -> None:
    assert "PyPI" in app.toolbox.ecosystems.names()
    for asked in (lambda: app.forge, lambda: app.checkouts, app.adapters):
        with pytest.raises(ConfigError, match="no GitLab token"):
            asked()


def test_a_database_that_cannot_be_opened_is_named(settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"no database" * 1000)
    with made(settings) as app, pytest.raises(StoreError, match=r"bot\.db is not a whole database"):
        _ = app.store


@pytest.mark.parametrize(
    ("advisories", "kinds", "locations"),
    [
        pytest.param({}, [OsvServer], [OSV_SERVER], id="the public server by default"),
        pytest.param({"dumps": ["/osv"]}, [Dumps], ["/osv"], id="a folder alone"),
        pytest.param(
            {"servers": [f"{NOWHERE}/osv"], "dumps": [f"{NOWHERE}/dumps/"]},
            [OsvServer, Dumps],
            [f"{NOWHERE}/osv", f"{NOWHERE}/dumps"],
            id="a server and a site",
        ),
    ],
)
def test_advisories_come_from_the_configured_sources(
    settings: dict[str, Any], advisories: dict[str, Any], kinds: list[type], locations: list[str]
) -> None:
    with made(settings, advisories=advisories) as app:
        sources = app.sources()
        assert [type(source) for source in sources] == kinds
        assert [source.location for source in sources] == locations


NOT_A_PIN = [("no name", "1.0")]
NOTHING = Proof("tree", "base", Snapshot("dump", datetime(2026, 11, 20, tzinfo=UTC), 0), (), (), (), ())


def test_a_second_opinion_is_asked_where_it_is_wanted(settings: dict[str, Any]) -> None:
    with made(settings) as app, pytest.raises(RemediationError, match="pip-audit cannot check 'no name'"):
        app.toolbox.crosschecks.check("PyPI", NOT_A_PIN, NOTHING)


def test_no_second_opinion_is_asked_where_none_is_wanted(settings: dict[str, Any]) -> None:
    with made(settings, policy={"second_opinion": False}) as app:
        assert app.toolbox.crosschecks.check("PyPI", NOT_A_PIN, NOTHING) is None


@pytest.mark.parametrize(("wanted", "kind"), [(True, KeptReleaseNotes), (False, NoReleaseNotes)])
def test_release_notes_are_told_where_they_are_wanted(settings: dict[str, Any], wanted: bool, kind: type) -> None:
    with made(settings, policy={"release_notes": wanted}) as app:
        assert type(app.toolbox.release_notes) is kind


NO_BUBBLEWRAP = """
import os, sys
from pathlib import Path
from bot.app import App
from bot.config import load
from remediators.errors import ToolError

settings = {"cache": Path(sys.argv[1]), "database": "sqlite://", "sandbox": sys.argv[2]}
with App.start(load(settings, {}, None), os.environ) as app, app.workshop.scratch() as work:
    try:
        print(app.workshop.run([sys.executable, "-c", "print('ran')"], work).stdout)
    except ToolError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("mode", "out", "err"),
    [
        ("auto", "ran", "package managers run without a sandbox: bubblewrap (bwrap) is not installed"),
        ("off", "ran", ""),
        ("require", "no package manager is run: bubblewrap (bwrap) is not installed, and the setting sandbox", ""),
    ],
)
def test_without_bubblewrap_the_setting_decides(tmp_path: Path, mode: str, out: str, err: str) -> None:
    argv = [sys.executable, "-c", NO_BUBBLEWRAP, str(tmp_path), mode]
    done = subprocess.run(argv, env={"PATH": str(tmp_path)}, cwd=ROOT, capture_output=True, text=True, check=True)
    assert out in done.stdout
    assert (err in done.stderr) if err else done.stderr == ""


def test_registries_are_the_configured_ones(settings: dict[str, Any]) -> None:
    registry = {"PyPI": {"url": "https://registry.example/simple/"}}
    with made(settings, registries=registry) as app:
        assert dict(app.toolbox.indexes) == {"PyPI": "https://registry.example/simple"}


def test_a_registry_of_no_ecosystem_is_refused_by_name(settings: dict[str, Any]) -> None:
    registry = {"PyPi": {"url": "https://registry.example/simple/"}}
    with made(settings, registries=registry) as app, pytest.raises(ConfigError, match=r"registries\.PyPi: there is no"):
        _ = app.toolbox


def test_a_cache_that_cannot_be_made_is_the_users_mistake(settings: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with made({**settings, "cache": tmp_path / "file" / "cache"}, token="glpat-of-the-test") as app:
        for asked in (lambda: app.workshop, lambda: app.checkouts):
            with pytest.raises(
                ConfigError, match=r"cache: .*file/cache cannot be made: Not a directory; set BOT_CACHE"
            ):
                asked()


@pytest.mark.parametrize(
    ("environ", "projects"),
    [({"CI_PROJECT_PATH": "group/app"}, ("group/app",)), ({"CI_PROJECT_PATH": ""}, ()), ({}, ())],
    ids=["in a job", "empty", "elsewhere"],
)
def test_the_default_project_is_that_of_the_ci_job(
    settings: dict[str, Any], environ: dict[str, str], projects: tuple[str, ...]
) -> None:
    assert made(settings, environ).default_projects() == projects


def test_a_run_starts_with_no_call_and_times_are_utc(settings: dict[str, Any]) -> None:
    with made(settings, token="glpat-of-the-test") as app:
        calls = app.calls()
        assert (calls.reads, calls.writes, calls.pushes) == (0, 0, 0)
        assert app.now().tzinfo is UTC


def test_a_folder_is_a_tree_and_a_file_is_none(app: App, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("acme==1.0\n")
    assert "requirements.txt" in app.folder(tmp_path).paths
    with pytest.raises(CheckoutError, match="not a folder"):
        app.folder(tmp_path / "requirements.txt")
