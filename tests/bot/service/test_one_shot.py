"""`bot run` and `bot scan` from the outside: what is asked for, where words go, and the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import Ended, Fleet

MANIFEST = "requirements.txt"
LOCK = {
    "name": "x",
    "lockfileVersion": 3,
    "packages": {"": {"name": "x", "dependencies": {"left": "^1.0.0"}}, "node_modules/left": {"version": "1.0.0"}},
}


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """One project with one vulnerable package, and a bot that logs no more than it has to."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project("group/app", {MANIFEST: "acme==1.0\n"})
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


@pytest.fixture
def folder(app: Fleet) -> Path:
    made = app.folder / "project"
    made.mkdir()
    (made / MANIFEST).write_text("acme==1.0\n")
    return made


def paths(ended: Ended) -> list[str]:
    return [project["path"] for project in ended.report["projects"]]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(("run",), "which project? Name one by its full path, or pass --all", id="no project"),
        pytest.param(("run", "a/b", "--all"), "name projects or pass --all, not both", id="names and --all"),
        pytest.param(("run", "  "), "a project's name is empty; name it by its full path or id", id="empty name"),
        pytest.param(
            ("scan", "--outdated"), "--outdated says what --fix should do as well; pass both", id="--outdated alone"
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_one_line(fleet: Fleet, argv: tuple[str, ...], said: str) -> None:
    ended = fleet.bot(*argv)
    assert (ended.status, ended.out, ended.err) == (2, "", f"bot: {said}\n")


def test_in_gitlab_ci_the_server_and_the_project_are_the_jobs_own(app: Fleet) -> None:
    app.project("group/other", {"README.md": "nothing\n"})
    app.environ |= {"CI_SERVER_URL": app.environ.pop("BOT_URL"), "CI_PROJECT_PATH": "group/app"}
    assert paths(app.bot("run", "--json")) == ["group/app"]
    assert paths(app.bot("run", "--json", "group/other")) == ["group/other"]
    assert sorted(paths(app.bot("run", "--json", "--all"))) == ["group/app", "group/other"]


def test_a_project_is_named_by_its_id_as_well_and_looked_at_once(app: Fleet) -> None:
    (project,) = app.api.get("/projects")
    assert paths(app.bot("run", "--json", str(project["id"]), "group/app")) == ["group/app"]


def test_results_go_to_standard_output_and_progress_to_standard_error(app: Fleet) -> None:
    ended = app.bot("run", "group/app")
    assert [line.split()[0] for line in ended.out.splitlines()] == ["project", "group/app", "1"]
    assert ended.err.splitlines() == [
        "group/app: reading dependencies",
        "group/app: looking up advisories and releases",
        "group/app: Update acme to 1.5 against CVE-2026-1",
    ]


def test_a_token_that_reaches_no_project_is_told_what_to_do(fleet: Fleet) -> None:
    ended = fleet.bot("run", "--all")
    assert (ended.status, ended.out.startswith("no project: the token's user is a member of none")) == (0, True)


def test_a_folder_without_dependencies_is_fine_without_any_advisory_data(app: Fleet, folder: Path) -> None:
    (folder / MANIFEST).unlink()
    ended = app.bot("scan", str(folder))
    assert (ended.status, ended.out) == (0, "no dependencies were found: there is nothing to audit\n")


def test_a_fix_whose_tool_fails_is_explained_and_the_exit_status_is_1(app: Fleet, folder: Path) -> None:
    (folder / "package.json").write_text(json.dumps({"name": "x", "dependencies": {"left": "^1.0.0"}}))
    (folder / "package-lock.json").write_text(json.dumps(LOCK))
    app.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "left", "1.1.0", ecosystem="npm"))
    app.environ["PATH"] = only_git(app.folder)
    ended = app.bot("scan", str(folder), "--fix")
    assert ended.status == 1
    assert "npm is not installed" in ended.out
    assert (folder / MANIFEST).read_text() == "acme==1.5\n"


def test_a_name_that_is_no_text_is_shown_and_counted_like_any_other(app: Fleet, folder: Path) -> None:
    odd = Path(str(folder) + "/bad\udcff")
    odd.mkdir()
    (odd / MANIFEST).write_text("acme==1.0\n")
    ended = app.bot("scan", str(folder))
    assert (ended.status, "bad /requirements.txt:1" in ended.out) == (0, True)
    report = app.bot("scan", str(folder), "--json").report
    assert "bad\udcff/requirements.txt" in {d["manifest"] for d in report["dependencies"]}


def only_git(folder: Path) -> str:
    """A PATH without any package manager."""
    place = folder / "only-git"
    place.mkdir()
    for name in ("git", "env"):
        found = shutil.which(name)
        assert found is not None
        (place / name).symlink_to(found)
    return str(place)
