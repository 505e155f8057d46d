"""A workspace of uv on an index of our own: one lock, several members, one merge request."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import uv

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

ROOT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = ["one", "two"]

[tool.uv.sources]
one = { workspace = true }
two = { workspace = true }

[tool.uv.workspace]
members = ["libs/*"]
"""
ONE = '[project]\nname = "one"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["web==1.0"]  # exact\n'
TWO = '[project]\nname = "two"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["deep", \'web<1.1\']\n'
MANIFESTS = {"pyproject.toml": ROOT, "libs/one/pyproject.toml": ONE, "libs/two/pyproject.toml": TWO}


@pytest.fixture
def app(fleet: Fleet, tmp_path: Path) -> Fleet:
    """Both members ask for web, each in its way; deep is in the lock for one of them and for web."""
    fleet.index.add("web", "1.0")
    fleet.index.needs["web", "1.0"] = ["deep<3"]
    fleet.index.add("deep", "1.0")
    fleet.project("group/app", {**MANIFESTS, "uv.lock": lock(fleet, tmp_path / "made")})
    return fleet


def lock(fleet: Fleet, folder: Path) -> str:
    for path, text in MANIFESTS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    environ = {**os.environ, "UV_DEFAULT_INDEX": fleet.index.url, "UV_CACHE_DIR": str(folder / "cache")}
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=folder, env=environ, check=True)
    return (folder / "uv.lock").read_text()


def test_members_and_lock_move_in_one_merge_request(app: Fleet) -> None:
    app.index.add("web", "1.2")
    app.advise(record("CVE-2026-1", "web", "1.2"))
    (project,) = app.run("group/app")["projects"]
    (made,) = project["remediations"]
    assert made["outcome"] == "opened"
    assert {c["manifest"] for c in made["changes"]} == {"libs/one/pyproject.toml", "libs/two/pyproject.toml"}
    branch = made["branch"]
    assert app.file("group/app", "libs/one/pyproject.toml", branch) == ONE.replace("1.0", "1.2")
    assert app.file("group/app", "libs/two/pyproject.toml", branch) == TWO.replace("<1.1", "<1.3,>=1.2")
    assert app.file("group/app", "pyproject.toml", branch) == ROOT
    assert 'name = "web"\nversion = "1.2"' in app.file("group/app", "uv.lock", branch)


def test_what_no_member_limits_moves_in_the_lock_alone(app: Fleet) -> None:
    app.index.add("deep", "1.5", "2.0")
    app.advise(record("CVE-2026-2", "deep", "1.5"))
    (project,) = app.run("group/app")["projects"]
    (made,) = project["remediations"]
    assert [(c["from"], c["to"]) for c in made["changes"]] == [("1.0", "1.5")]
    assert {path: app.file("group/app", path, made["branch"]) for path in MANIFESTS} == MANIFESTS
    assert 'name = "deep"\nversion = "1.5"' in app.file("group/app", "uv.lock", made["branch"])
