"""What is loaded or listed ahead of its use, and only where it will be used."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.pipeline.workplace import Run, Workplace
from tests.end_to_end.advisories import record
from tests.end_to_end.inside import inside
from tests.end_to_end.world import FIXES_ONLY, ROOT, Fleet

PATH = "group/app"
MANIFEST = "requirements.txt"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """acme is vulnerable; beta needs it to stay so, where a project has that as well."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("beta", "1.0")
    fleet.index.needs["beta", "1.0"] = ["acme<1.5"]
    fleet.environ |= {"BOT_POLICY__SECOND_OPINION": "false", "BOT_POLICY__UPDATES": FIXES_ONLY}
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    return fleet


def listings(site: Fleet, path: str, outcome: str) -> int:
    """How often git asks for branches to read them, in the first run of a project that ends like this."""
    site.sandbox.requests.clear()
    (made,) = site.run(path)["projects"]
    assert [r["outcome"] for r in made["remediations"]] == [outcome]
    asked = [r for r in site.sandbox.requests if r.path.endswith("info/refs") and "upload-pack" in r.query]
    return len(asked)


def test_where_nothing_can_be_made_branches_are_not_listed(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\nbeta==1.0\n"})
    site.project("group/other", {MANIFEST: "acme==1.0\n"})
    assert listings(site, PATH, "blocked") == listings(site, "group/other", "opened") - 1


@dataclass
class Closing:
    """Checkouts that tell when theirs is given back."""

    closed: threading.Event

    @contextmanager
    def open(self, project: Any) -> Iterator[Any]:
        yield object()
        self.closed.set()


def test_what_is_loaded_ahead_is_loaded_before_the_project_ends(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n"})
    closed, loaded = threading.Event(), list[bool]()
    with inside(site) as pipeline:
        toolbox = replace(pipeline.adapters.toolbox, prepare=lambda: loaded.append(closed.wait(30)))
        adapters = replace(pipeline.adapters, toolbox=toolbox, checkouts=Closing(closed))
        run = Run(adapters, pipeline.policy, lambda: NOW, lambda *_: None)
        with Workplace.alone(pipeline.adapters.forge.project(PATH), run) as place:
            place.checkout()
        assert loaded == [True]


def test_a_dry_run_loads_no_templates(site: Fleet) -> None:
    site.project(PATH, {MANIFEST: "acme==1.0\n"})
    argv = [sys.executable, "-X", "importtime", "-m", "bot", "run", "--dry-run", PATH]
    ended = subprocess.run(argv, env=site.environ, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "httpx2" in ended.stderr
    assert "jinja2" not in ended.stderr
