"""Equal copies of a fleet on one embedded GitLab: each peer gets its own, with its own user."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from bot.sandbox.faults import Fault
from bot.sandbox.gate import Exchange
from bot.sandbox.server import Sandbox
from tests.end_to_end import advisories
from tests.end_to_end.index import Index, serve
from tests.sandbox.client import Api

DEVELOPER = 30
# 20 dependencies, of which 5 have a major release to move to: one merge request each, for every peer.
CURRENT, OUTDATED = 15, 5
NAMES = tuple(f"package-{number:02}" for number in range(CURRENT + OUTDATED))
MOVING = NAMES[CURRENT:]
MANIFEST = "".join(f"{name}==1.39\n" for name in NAMES)
_ADDED = re.compile(r"^\+([a-z0-9-]+)==([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asked of GitLab, and how long GitLab itself took for it."""

    reads: int
    writes: int
    graphql: int
    git: int
    kilobytes: float
    own_milliseconds: float

    @property
    def requests(self) -> int:
        """All of them."""
        return self.reads + self.writes + self.graphql + self.git


@dataclass(frozen=True, slots=True)
class Copy:
    """One peer's projects, and the token of its user, who sees nothing else."""

    name: str
    token: str
    projects: tuple[str, ...]


@dataclass(slots=True)
class Ground:
    """GitLab, the index and the folder of a benchmark."""

    sandbox: Sandbox
    index: Index
    api: Api
    folder: Path
    _copies: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    def copy(self, projects: int) -> Copy:
        """A fresh copy of the fleet."""
        name = f"fleet-{next(self._copies)}"
        token = self.sandbox.add_token(self.sandbox.add_user(name))
        paths = tuple(f"{name}/app-{number:02}" for number in range(projects))
        for path in paths:
            self.sandbox.add_project(path, {"requirements.txt": MANIFEST}, members={name: DEVELOPER})
        (self.folder / name).mkdir()
        return Copy(name, token, paths)

    def quiet_copy(self) -> Copy:
        """A copy of one project with nothing to do."""
        copy = self.copy(0)
        path = f"{copy.name}/quiet"
        newest = MANIFEST
        for name in MOVING:
            newest = newest.replace(f"{name}==1.39", f"{name}==2.0")
        self.sandbox.add_project(path, {"requirements.txt": newest}, members={copy.name: DEVELOPER})
        return replace(copy, projects=(path,))

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        """While this lasts, every request to GitLab waits that long before it is served."""
        if seconds:
            self.sandbox.faults.add(Fault(count=None, delay=seconds))
        try:
            yield
        finally:
            self.sandbox.faults.clear()

    def asked(self) -> Asked:
        """What was asked since the last call."""
        seen = list(self.sandbox.requests)
        self.sandbox.requests.clear()
        kinds = Counter(_kind(exchange) for exchange in seen)
        sent = sum(exchange.sent for exchange in seen) / 1000
        own = sum(exchange.milliseconds for exchange in seen)
        return Asked(kinds["read"], kinds["write"], kinds["graphql"], kinds["git"], sent, own)

    def updated(self, copy: Copy) -> dict[str, frozenset[tuple[str, str]]]:
        """What each project's open merge requests move, as (package, version): the same for every peer, or no race."""
        found: dict[str, frozenset[tuple[str, str]]] = {}
        for path in copy.projects:
            where = f"/projects/{quote(path, safe='')}/merge_requests"
            moved: set[tuple[str, str]] = set()
            for merge_request in self.api.get(where, state="opened", per_page=100):
                for change in self.api.get(f"{where}/{merge_request['iid']}/changes")["changes"]:
                    moved |= set(_ADDED.findall(change["diff"]))
            found[path.partition("/")[2]] = frozenset(moved)
        self.sandbox.requests.clear()
        return found


def _kind(exchange: Exchange) -> str:
    if exchange.path.endswith("/api/graphql"):
        return "graphql"
    if exchange.path.endswith(("/info/refs", "/git-upload-pack", "/git-receive-pack")):
        return "git"
    return "write" if exchange.write else "read"


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """An embedded GitLab and an index with every package of the fleet."""
    with Sandbox() as sandbox, serve() as index:
        for name in NAMES:
            index.add(name, *(f"1.{minor}" for minor in range(40)), *(("2.0",) if name in MOVING else ()))
        advisories.write(folder / "advisories", (advisories.record("CVE-2026-1", NAMES[0], "1.5"),))
        api = Api(sandbox.url, sandbox.token)
        try:
            yield Ground(sandbox, index, api, folder)
        finally:
            api.close()
