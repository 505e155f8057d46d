"""A fleet of repositories that mean harm, and one that does not: canaries tell what ran, was read, written or asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bot.adapters.http_server import Reply, running
from tests.end_to_end import hostile, world
from tests.end_to_end.hostile import Case
from tests.end_to_end.hostile_cases import CASES
from tests.end_to_end.hostile_files import BOMBS, INCLUDES, LINKS
from tests.end_to_end.hostile_fleet import (
    ASTRAY,
    CANARY,
    ENVIRONMENT_CANARY,
    FIXES,
    Attack,
    npm_registry,
    path_of,
    plant,
    plant_astray,
    prepared,
    reasons,
    untouched,
)
from tests.end_to_end.world import Ended, quote

# What only shows when a package manager is run, or which `bot scan` reads as its own settings of the whole folder.
BY_RELOCKING = (
    "uv workspace above",
    "npm workspace above",
    "npm folder above",
    "policy linked outside",
    "YAML that unfolds",
    "YAML that calls",
)


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory, runner: world.Runner) -> Iterator[Attack]:
    with ExitStack() as stack:
        listener = stack.enter_context(running(lambda asked: Reply(200, CANARY.encode())))
        registry = stack.enter_context(running(npm_registry))
        folder = tmp_path_factory.mktemp("hostile")
        fleet = stack.enter_context(world.fleet(folder, runner))
        ground = prepared(fleet, listener, registry)
        for case in CASES:
            plant(fleet, case, ground)
        plant_astray(fleet)
        fleet.project("friendly/app", {"requirements.txt": hostile.PIN})
        before = untouched(fleet)
        yield Attack(fleet, ground, fleet.bot("run", "--all", "--json"), listener, registry, before)


class TestNobody:
    def test_ran_anything(self, attack: Attack) -> None:
        assert not Path(attack.ground.marker).exists()

    def test_asked_a_host_off_the_list(self, attack: Attack) -> None:
        assert attack.listener.asked == []
        # Every connection and every look-up of a name that the bot made, for itself and for its sandboxes.
        assert attack.ended.connected == attack.in_use

    def test_wrote_outside(self, attack: Attack) -> None:
        folder = attack.fleet.folder
        kept = {"advisories", "cache", "clones", "home", "outside"}
        assert {place.name for place in folder.iterdir() if place.is_dir()} == kept
        assert all(place.name.startswith(("bot.db", "out-")) for place in folder.iterdir() if place.is_file())
        assert list((folder / "cache" / "scratch").iterdir()) == []
        assert not list(folder.glob("cache/**/requirements.txt"))
        assert untouched(attack.fleet) == attack.before

    def test_told_what_is_outside_or_secret(self, attack: Attack) -> None:
        written = "".join(text for case in CASES for text in attack.texts(path_of(case)))
        for secret in (CANARY, ENVIRONMENT_CANARY, attack.fleet.token, "root:x:0:0"):
            assert secret not in written + attack.ended.out + attack.ended.err

    def test_changed_a_file_that_no_fix_is_about(self, attack: Attack) -> None:
        for case in CASES:
            for made in attack.project(case)["remediations"]:
                if made["merge_request"] is None:
                    continue
                iid = made["merge_request"].rpartition("/")[2]
                where = f"/projects/{quote(path_of(case))}/merge_requests/{iid}/changes"
                changed = {change["new_path"] for change in attack.fleet.api.get(where)["changes"]}
                assert changed <= {each for c in made["changes"] for each in (c["manifest"], c["lockfile"])}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
class TestEach:
    def test_has_its_reason_or_its_fix(self, attack: Attack, case: Case) -> None:
        project = attack.project(case)
        if case.said:
            assert re.search(case.said, reasons(project)), reasons(project)
            return
        assert (project["status"], reasons(project)) == ("ok", "")
        made = [(each["outcome"], c["package"], c["to"]) for each in project["remediations"] for c in each["changes"]]
        assert made == [("opened", package, FIXES[package]) for package in case.fixed]
        assert len(attack.fleet.merge_requests(path_of(case))) == len(case.fixed)

    def test_has_nobody_asked_for_what_it_names(self, attack: Attack, case: Case) -> None:
        assert attack.asked_of(case) == []

    def test_is_told_in_so_many_words_as_can_be_read(self, attack: Attack, case: Case) -> None:
        assert all(len(line) < 3_000 for line in reasons(attack.project(case)).splitlines())

    def test_puts_nothing_into_gitlab_that_acts(self, attack: Attack, case: Case) -> None:
        for text in attack.texts(path_of(case)):
            plain = re.sub(r"(?s)(`+).*?\1", "", text)
            assert not re.search(r"(?m)^\s*/[a-z]", text), text
            # What a backslash stands before is text to GitLab.
            assert not re.search(r"(?<!\\)<(script|img)|javascript:|(?<![\\\w])@root", plain), text
            assert not set(text) & {"\x1b", "\x07", "\r", "\u202e", "\u2028", "\0"}, text
        assert all(issue["state"] == "opened" for issue in attack.fleet.issues(path_of(case)))


def test_a_tree_that_leads_out_of_the_repository(attack: Attack) -> None:
    astray = attack.report[ASTRAY]
    assert (astray["status"], astray["dependencies"], astray["remediations"]) == ("ok", 0, [])
    assert "../../requirements.txt: leads out of the repository, and is not read: remove it" in reasons(astray)


def test_the_other_projects_go_on(attack: Attack) -> None:
    (made,) = attack.report["friendly/app"]["remediations"]
    assert made["outcome"] == "opened"
    assert len(attack.report) == len(CASES) + 2
    assert len(CASES) >= 80


@pytest.fixture(scope="module")
def scanned(attack: Attack) -> Ended:
    """`bot scan` over one folder that holds all of them, and a repository of git's that runs what it can."""
    root = attack.fleet.folder.parent / f"{attack.fleet.folder.name}-scanned"
    for case in CASES:
        for name, content in case.files(attack.ground).items():
            place = root / path_of(case) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
        for name, target in case.links(attack.ground).items():
            (root / path_of(case)).mkdir(parents=True, exist_ok=True)
            (root / path_of(case) / name).symlink_to(target)
    hooks, command = root / ".git" / "hooks", hostile.shell(attack.ground)
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\n{command}\n")
        (hooks / name).chmod(0o755)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    settings = "".join(f'\t{name} = "{command}"\n' for name in ("fsmonitor", "sshCommand", "pager", "editor"))
    (root / ".git" / "config").write_text(f"[core]\n\trepositoryformatversion = 0\n{settings}")
    return attack.fleet.bot("scan", str(root), "--json")


class TestScan:
    def test_nothing_ran_and_nobody_was_asked(self, attack: Attack, scanned: Ended) -> None:
        assert not Path(attack.ground.marker).exists()
        assert attack.listener.asked == []

    def test_each_has_its_reason(self, attack: Attack, scanned: Ended) -> None:
        said = [f"{e['subject']}: {e['reason']}" for kind in ("errors", "not_handled") for e in scanned.report[kind]]
        expected = [case for case in (*LINKS, *INCLUDES, *BOMBS) if case.said and case.name not in BY_RELOCKING]
        assert [case.name for case in expected if not any(path_of(case) in line for line in said)] == []
        assert CANARY not in scanned.out + scanned.err
        assert "Traceback" not in scanned.err


def test_nothing_is_a_bug(attack: Attack) -> None:
    assert attack.ended.status == 1
    assert "Traceback" not in attack.ended.err
