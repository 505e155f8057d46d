"""What is broken is said in one line with project and file, the rest goes on, and the exit status is 1."""

from __future__ import annotations

import json
import shutil

import pytest

from bot.sandbox.faults import Fault
from tests.end_to_end.advisories import record
from tests.end_to_end.world import Ended, Fleet

GOOD = {"requirements.txt": "acme==1.0\n"}
PACKAGE = json.dumps({"name": "x", "dependencies": {"left": "^1.0.0"}})
FUTURE_LOCK = json.dumps({"name": "x", "lockfileVersion": 9, "packages": {}})
PYPROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["acme>=1"]\n'


@pytest.fixture
def fleet_with_trouble(fleet: Fleet) -> Fleet:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project("group/good", GOOD)
    return fleet


def lines_about(ended: Ended, path: str) -> list[str]:
    return [line for line in ended.out.splitlines() if path in line and "merge_requests" not in line]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({**GOOD, "dev/requirements.txt": b"\xff\xfe\x00broken"}, "dev/requirements.txt", id="bytes"),
        pytest.param({**GOOD, "web/package.json": "{broken"}, "web/package.json", id="broken JSON"),
        pytest.param(
            {**GOOD, "web/package.json": PACKAGE, "web/package-lock.json": FUTURE_LOCK},
            "web/package-lock.json",
            id="npm lock from the future",
        ),
        pytest.param(
            {**GOOD, "py/pyproject.toml": PYPROJECT, "py/uv.lock": "version = 9\n"},
            "py/uv.lock",
            id="uv lock from the future",
        ),
        pytest.param({**GOOD, "py/pyproject.toml": "[project\n"}, "py/pyproject.toml", id="broken TOML"),
    ],
)
def test_a_file_that_cannot_be_read(fleet_with_trouble: Fleet, files: dict[str, str], said: str) -> None:
    fleet_with_trouble.project("group/bad", files)
    ended = fleet_with_trouble.bot("run", "--all")
    assert ended.status == 1
    (line,) = [line for line in lines_about(ended, "group/bad") if line.startswith("error")]
    assert said in line
    # The rest goes on: the other project, and the other manifest of this one.
    assert len(fleet_with_trouble.merge_requests("group/good")) == 1
    assert len(fleet_with_trouble.merge_requests("group/bad")) == 1


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_project_that_gitlab_refuses(fleet_with_trouble: Fleet, status: int) -> None:
    fleet_with_trouble.project("group/bad", GOOD)
    fleet_with_trouble.sandbox.faults.add(
        Fault(method="GET", path="*group%2Fbad*", status=status, count=None, body={"message": "no"})
    )
    ended = fleet_with_trouble.bot("run", "group/bad", "group/good")
    assert ended.status == 1
    (line,) = lines_about(ended, "group/bad")
    assert str(status) in line
    assert len(fleet_with_trouble.merge_requests("group/good")) == 1


@pytest.mark.parametrize("everything", [True, False], ids=["--all", "by name"])
def test_an_empty_repository(fleet_with_trouble: Fleet, everything: bool) -> None:
    fleet_with_trouble.project("group/bad", None)
    ended = fleet_with_trouble.bot("run", *(("--all",) if everything else ("group/bad", "group/good")))
    assert ended.status == 1
    (line,) = lines_about(ended, "group/bad")
    assert "empty" in line
    assert len(fleet_with_trouble.merge_requests("group/good")) == 1


def test_a_project_with_the_repository_switched_off(fleet_with_trouble: Fleet) -> None:
    fleet_with_trouble.project("group/bad", GOOD)
    fleet_with_trouble.api.put("/projects/group%2Fbad", repository_access_level="disabled")
    ended = fleet_with_trouble.bot("run", "--all")
    assert ended.status == 1
    assert len(lines_about(ended, "group/bad")) == 1
    assert len(fleet_with_trouble.merge_requests("group/good")) == 1


def test_a_role_that_does_not_allow_a_push_is_said(fleet_with_trouble: Fleet) -> None:
    fleet_with_trouble.project("group/readonly", GOOD, level=20)
    ended = fleet_with_trouble.bot("run", "--all")
    assert ended.status == 0
    assert "Reporter (20); Developer (30) is needed" in ended.out


def test_a_missing_tool(fleet_with_trouble: Fleet) -> None:
    lock = {
        "name": "x",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "x", "dependencies": {"left": "^1.0.0"}},
            "node_modules/left": {"version": "1.0.0"},
        },
    }
    fleet_with_trouble.project("group/bad", {"package.json": PACKAGE, "package-lock.json": json.dumps(lock)})
    fleet_with_trouble.advise(
        record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "left", "1.1.0", ecosystem="npm")
    )
    only_git = fleet_with_trouble.folder / "only-git"
    only_git.mkdir()
    for name in ("git", "env"):
        found = shutil.which(name)
        assert found is not None
        (only_git / name).symlink_to(found)
    fleet_with_trouble.environ["PATH"] = str(only_git)
    ended = fleet_with_trouble.bot("run", "group/bad", "group/good")
    assert ended.status == 1
    assert "npm is not installed" in ended.out
    assert len(fleet_with_trouble.merge_requests("group/good")) == 1


def test_an_unknown_token_says_what_to_do(fleet_with_trouble: Fleet) -> None:
    fleet_with_trouble.environ["BOT_TOKEN"] = "glpat-of-nobody"
    ended = fleet_with_trouble.bot("run", "--all")
    assert ended.status == 1
    assert "token" in ended.err
    assert "glpat-of-nobody" not in ended.out + ended.err
