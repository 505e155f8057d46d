"""A fleet of hostile repositories, planted; and what a bot that has been over it did, said and asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.bot.adapters.http_server import Asked, Reply, Server
from tests.end_to_end import hostile
from tests.end_to_end.advisories import record
from tests.end_to_end.hostile import Case, Ground
from tests.end_to_end.world import BOT, DEVELOPER, Ended, Fleet
from tests.sandbox.git_client import Git

CANARY = "canary-9f27c1"
ENVIRONMENT_CANARY = "environment-canary-1b77"
ASTRAY = "hostile/astray"
FIXES = {"acme": "1.5", "left": "1.1.0"}
"""The version that is to be had of each vulnerable package."""


@dataclass
class Attack:
    """A fleet after the bot has been over it."""

    fleet: Fleet
    ground: Ground
    ended: Ended
    listener: Server
    registry: Server
    before: Mapping[str, bytes]

    def project(self, case: Case) -> Any:
        """What is reported of a project."""
        return self.report[path_of(case)]

    @property
    def in_use(self) -> set[str]:
        """Every site that the bot has business with."""
        urls = (self.fleet.sandbox.url, self.fleet.index.url.removesuffix("/simple"), self.registry.url)
        return {url.removeprefix("http://") for url in urls}

    def asked_of(self, case: Case) -> list[str]:
        """What anybody asked for by an address that only this repository names."""
        return [asked.path for asked in self.listener.asked if f"/{case.slug}/" in asked.path]

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
    """The project of a case."""
    return f"hostile/{case.slug}"


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
    ground = replace(ground, listener=f"{ground.listener}/{case.slug}")
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


def untouched(fleet: Fleet) -> dict[str, bytes]:
    """What nobody may change: a home, a folder beside the bot's own."""
    places = (place for name in ("home", "outside") for place in (fleet.folder / name).rglob("*"))
    return {str(place): place.read_bytes() for place in places if place.is_file()}
