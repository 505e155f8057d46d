"""A fleet of repositories that mean harm, and one that does not: canaries tell what ran, was read, written or asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bot.adapters.http_server import Asked, Reply, Server, running
from tests.end_to_end import hostile, world
from tests.end_to_end.advisories import record
from tests.end_to_end.hostile import Case, Ground
from tests.end_to_end.hostile_cases import BOMBS, CASES, INCLUDES, LINKS
from tests.end_to_end.world import BOT, DEVELOPER, Ended, Fleet, quote
from tests.sandbox.git_client import Git

CANARY = "canary-9f27c1"
ASTRAY = "hostile/astray"
# What only shows when a package manager is run, or which `bot scan` reads as its own settings of the whole folder.
BY_RELOCKING = (
    "uv workspace above",
    "npm folder above",
    "policy linked outside",
    "YAML that unfolds",
    "YAML that calls",
)
ENVIRONMENT_CANARY = "environment-canary-1b77"


@dataclass
class Attack:
    """A fleet after the bot has been over it."""

    fleet: Fleet
    ground: Ground
    ended: Ended
    listener: Server

    def project(self, case: Case) -> Any:
        """What is reported of a project."""
        return self.report[path_of(case)]

    @property
    def report(self) -> dict[str, Any]:
        return {each["path"]: each for each in self.ended.report["projects"]}

    def texts(self, path: str) -> list[str]:
        """Everything that was written into GitLab about a project."""
        found = []
        for kind, each in (
            *(("issues", issue) for issue in self.fleet.issues(path)),
            *(("merge_requests", merge_request) for merge_request in self.fleet.merge_requests(path)),
        ):
            found += [each["title"], each["description"] or "", *self.fleet.notes(path, kind, each["iid"])]
        return found


def path_of(case: Case) -> str:
    return f"hostile/{re.sub('[^a-z]+', '-', case.name.lower()).strip('-')}"


def npm_registry(asked: Asked) -> Reply:
    """left 1.0.0 and 1.1.0, and nothing else."""
    if asked.path != "/left":
        return Reply(404, b"{}", {"Content-Type": "application/json"})
    dist = {"integrity": f"sha512-{'A' * 86}=="}
    releases = {
        v: {"name": "left", "version": v, "dist": {**dist, "tarball": f"http://{asked.headers['host']}/left-{v}.tgz"}}
        for v in ("1.0.0", "1.1.0")
    }
    times = dict.fromkeys(releases, "2025-01-01T00:00:00Z")
    document = {"name": "left", "dist-tags": {"latest": "1.1.0"}, "versions": releases, "time": times}
    return Reply(200, json.dumps(document).encode(), {"Content-Type": "application/json"})


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
        yield Attack(fleet, ground, fleet.bot("run", "--all", "--json"), listener)


def prepared(fleet: Fleet, listener: Server, registry: Server) -> Ground:
    """Packages, advisories, a home that leads astray, and a folder that nobody may read."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("other", "1.0")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "left", "1.1.0", ecosystem="npm"))
    home, outside = fleet.folder / "home", fleet.folder / "outside"
    for place in (home / ".config/uv", home / ".config/pip", outside):
        place.mkdir(parents=True)
    (home / ".npmrc").write_text(f"registry={listener.url}/\n")
    (home / ".netrc").write_text(f"machine 127.0.0.1 login bot password {CANARY}\n")
    (home / ".config/uv/uv.toml").write_text(f'index-url = "{listener.url}/simple"\n')
    (home / ".config/pip/pip.conf").write_text(f"[global]\nindex-url = {listener.url}/simple\n")
    for name in ("requirements.txt", "package.json", "pyproject.toml", "uv.lock", "x", "npmrc", "setup.py"):
        (outside / name).write_text(f"{CANARY}==1.0\n")
    fleet.environ["CANARY"] = ENVIRONMENT_CANARY
    registries = {"PyPI": {"url": fleet.index.url}, "npm": {"url": registry.url}}
    fleet.environ["BOT_REGISTRIES"] = json.dumps(registries)
    return Ground(listener.url, str(fleet.folder / "ran"), str(outside), registry.url, fleet.index.url)


def plant(fleet: Fleet, case: Case, ground: Ground) -> None:
    """Make a project of a case; links have to be pushed, as no API makes them."""
    links, path = case.links(ground), path_of(case)
    if not links:
        fleet.project(path, case.files(ground))
        return
    fleet.sandbox.add_project(path, {"README.md": "x\n"}, members={BOT: DEVELOPER})
    clone = fleet.folder / "clones" / path
    clone.mkdir(parents=True)
    git = Git(clone, fleet.sandbox.token)
    git("clone", "--quiet", f"{fleet.sandbox.url}/{path}.git", ".")
    for name, content in case.files(ground).items():
        (clone / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name, target in links.items():
        (clone / name).symlink_to(target)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Links")
    git("push", "--quiet", "origin", "HEAD")


def plant_astray(fleet: Fleet) -> None:
    """A tree with a folder named `..`, which no client makes and git hands on as it is."""
    fleet.sandbox.add_project(ASTRAY, {"README.md": "x\n"}, members={BOT: DEVELOPER})
    git = Git(fleet.folder / "clones", fleet.sandbox.token)
    git("clone", "--quiet", "--bare", f"{fleet.sandbox.url}/{ASTRAY}.git", "astray")
    bare = git.at("astray")
    (bare.folder / "pin").write_text(hostile.PIN)
    made = bare("hash-object", "-w", "pin").strip()
    for mode, name in (("100644", "requirements.txt"), ("40000", ".."), ("40000", "..")):
        (bare.folder / "tree").write_bytes(f"{mode} {name}\0".encode() + bytes.fromhex(made))
        made = bare("hash-object", "-t", "tree", "--literally", "-w", "tree").strip()
    commit = bare("commit-tree", made, "-p", "HEAD", "-m", "Up").strip()
    bare("push", "--quiet", "origin", f"{commit}:refs/heads/main")


def reasons(project: Any) -> str:
    """Every reason that a project's report gives, on lines of their own."""
    told = [project["reason"], *(f"{each['subject']}: {each['reason']}" for each in project["errors"])]
    told += [f"{each['subject']}: {each['reason']}" for each in project["not_handled"]]
    told += [each["reason"] for each in (*project["rejected"], *project["remediations"])]
    return "\n".join(each for each in told if each)


class TestNobody:
    def test_ran_anything(self, attack: Attack) -> None:
        assert not Path(attack.ground.marker).exists()

    def test_asked_a_host_off_the_list(self, attack: Attack) -> None:
        assert attack.listener.asked == []

    def test_wrote_outside(self, attack: Attack) -> None:
        folder = attack.fleet.folder
        kept = {"advisories", "cache", "clones", "home", "outside"}
        assert {place.name for place in folder.iterdir() if place.is_dir()} == kept
        assert all(place.name.startswith(("bot.db", "out-")) for place in folder.iterdir() if place.is_file())
        assert list((folder / "cache" / "scratch").iterdir()) == []
        assert not list(folder.glob("cache/**/requirements.txt"))
        assert all(CANARY in place.read_text() for place in (folder / "outside").iterdir())

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
        else:
            assert {each["outcome"] for each in project["remediations"]} <= {"opened"}, reasons(project)

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
