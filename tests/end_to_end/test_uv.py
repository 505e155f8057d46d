"""A uv project on an index of our own: direct and transitive packages, a private index, a fix that is blocked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import uv

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Fleet

PYPROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["web>=1"]\n'
PASSWORD = "only-for-the-index"


@pytest.fixture
def app(fleet: Fleet, tmp_path: Path) -> Fleet:
    """`app` needs web, web needs deep; deep 1.0 is vulnerable and locked."""
    fleet.index.add("web", "1.0")
    fleet.index.needs["web", "1.0"] = ["deep<3"]
    fleet.index.add("deep", "1.0")
    fleet.project("group/app", {"pyproject.toml": PYPROJECT, "uv.lock": lock(fleet, tmp_path / "made")})
    fleet.index.add("deep", "1.5", "2.0")
    fleet.advise(record("CVE-2026-1", "deep", "1.5"))
    return fleet


def lock(fleet: Fleet, folder: Path) -> str:
    """The lock that uv makes of PYPROJECT on the index as it is now."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    environ = {**os.environ, "UV_DEFAULT_INDEX": fleet.index.url, "UV_CACHE_DIR": str(folder / "cache")}
    subprocess.run([uv.find_uv_bin(), "lock", "--quiet"], cwd=folder, env=environ, check=True)
    return (folder / "uv.lock").read_text()


def test_a_transitive_package_is_fixed_in_the_lock_alone(app: Fleet) -> None:
    (project,) = app.run("group/app")["projects"]
    (made,) = project["remediations"]
    assert [(c["package"], c["from"], c["to"], c["direct"]) for c in made["changes"]] == [("deep", "1.0", "1.5", False)]
    assert [a["advisory"] for a in made["proof"]["fixed"]] == ["CVE-2026-1"]
    assert made["proof"]["tools"].keys() == {"uv"}
    branch = made["branch"]
    assert app.file("group/app", "pyproject.toml", branch) == PYPROJECT
    assert 'name = "deep"\nversion = "1.5"' in app.file("group/app", "uv.lock", branch)


def test_a_parent_that_refuses_the_fix_is_raised_along(app: Fleet) -> None:
    app.index.add("deep", "3.1")
    app.index.add("web", "1.1")
    app.index.needs["web", "1.1"] = ["deep>=3"]
    app.advise(record("CVE-2026-1", "deep", "3.1"))
    (project,) = app.run("group/app")["projects"]
    waiting, opened = project["remediations"]
    assert (opened["outcome"], waiting["outcome"]) == ("opened", "waiting")
    assert waiting["reason"] == "waits for the fix of deep, which moves web as well"
    assert app.file("group/app", "pyproject.toml", opened["branch"]) == PYPROJECT
    lock = app.file("group/app", "uv.lock", opened["branch"])
    assert 'name = "deep"\nversion = "3.1"' in lock
    assert 'name = "web"\nversion = "1.1"' in lock
    (merge_request,) = app.merge_requests("group/app")
    assert merge_request["title"] == "Update deep to 3.1 against CVE-2026-1"
    assert "| `web` | `1.0` | `1.1` |" in merge_request["description"]
    assert app.run("group/app")["calls"]["writes"] == 0


def test_what_has_no_fix_goes_where_a_newer_parent_does_without(app: Fleet) -> None:
    app.index.add("web", "1.1")
    app.advise(record("CVE-2026-1", "deep", "9.0"))
    (project,) = app.run("group/app")["projects"]
    waiting, opened = project["remediations"]
    assert (opened["outcome"], waiting["outcome"]) == ("opened", "waiting")
    assert waiting["reason"] == "waits for the fix of deep, which moves web as well"
    assert 'name = "deep"' not in app.file("group/app", "uv.lock", opened["branch"])
    (merge_request,) = app.merge_requests("group/app")
    assert merge_request["title"] == "Update web to 1.1 to go without deep, against CVE-2026-1"


def test_what_goes_with_the_fix_of_its_parent_has_an_issue_that_says_so(app: Fleet) -> None:
    app.index.add("web", "1.1")
    app.advise(record("CVE-2026-1", "deep", "9.0"), record("CVE-2026-2", "web", "1.1"))
    app.run("group/app")
    (merge_request,) = app.merge_requests("group/app")
    assert 'name = "deep"' not in app.file("group/app", "uv.lock", merge_request["source_branch"])
    assert {issue["title"] for issue in app.issues("group/app")} == {
        "Update web to 1.1 against CVE-2026-2",
        "Update web to 1.1 to go without deep, against CVE-2026-1",
    }


def test_what_a_parent_refuses_is_overridden_and_the_merge_request_says_so(app: Fleet) -> None:
    app.index.add("deep", "3.1")
    app.advise(record("CVE-2026-1", "deep", "3.1"))
    (project,) = app.run("group/app")["projects"]
    (opened,) = project["remediations"]
    assert opened["outcome"] == "opened"
    assert "deep>=3.1" in app.file("group/app", "pyproject.toml", opened["branch"])
    (merge_request,) = app.merge_requests("group/app")
    assert "`3.1` (override)" in merge_request["description"]


def test_a_fix_that_brings_another_vulnerability_is_blocked_and_the_issue_says_which(app: Fleet) -> None:
    app.index.add("deep", "3.1")
    app.index.add("bad", "1.0")
    app.index.needs["deep", "3.1"] = ["bad"]
    app.advise(record("CVE-2026-1", "deep", "3.1"), record("CVE-2026-2", "bad", "9.0"))
    (project,) = app.run("group/app")["projects"]
    (blocked,) = project["remediations"]
    assert (blocked["outcome"], blocked["merge_request"]) == ("blocked", None)
    (issue,) = app.issues("group/app")
    assert "What stands in the way" in issue["description"]
    assert "CVE-2026-2" in issue["description"] or "web" in issue["description"]


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="credentials for uv need files in memory, which Linux has")
def test_a_private_index_is_read_with_its_credentials_and_they_stay_out_of_everything(app: Fleet) -> None:
    app.index.password = PASSWORD
    refused = app.bot("run", "group/app")
    assert refused.status == 1
    assert "credentials" in refused.out
    credential = {"username": "bot", "password": PASSWORD}
    app.environ["BOT_CREDENTIALS"] = json.dumps({app.index.url.split("/")[2]: credential})
    (project,) = app.run("group/app")["projects"]
    assert [r["outcome"] for r in project["remediations"]] == ["opened"]
    assert PASSWORD not in app.file("group/app", "uv.lock", project["remediations"][0]["branch"])
    kept = [f for f in app.folder.rglob("*") if f.is_file() and not f.is_symlink() and PASSWORD in _text(f)]
    assert kept == []


def _text(file: Path) -> str:
    return file.read_bytes().decode("latin-1")
