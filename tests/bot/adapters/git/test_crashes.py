import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters.git.checkouts import GitCheckouts
from tests.bot.adapters.git.server import FILES, GitServer, Serve, Upstream, cached, gits_below
from tests.bot.adapters.http_server import Asked, Reply

Damage = Callable[[Path], object]


@pytest.mark.parametrize(
    "leftover", ["shallow.lock", "HEAD.lock", "config.lock", "refs/bot/head.lock", "objects/pack/tmp_pack_x"]
)
def test_what_a_killed_git_left_behind_is_cleared(
    checkouts: GitCheckouts, upstream: Upstream, head: str, tmp_path: Path, leftover: str
) -> None:
    with checkouts.open(upstream.project(head)):
        pass
    (cached(tmp_path) / leftover).write_text("")
    moved = upstream.commit({"new": b"1"}, parent=head)
    with checkouts.open(upstream.project(moved)) as checkout:
        assert set(checkout.paths) == {"new"}
    assert not (cached(tmp_path) / leftover).exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda folder: (folder / "HEAD").unlink(), id="half made"),
        pytest.param(lambda folder: [p.unlink() for p in folder.glob("objects/pack/*")], id="objects lost"),
        pytest.param(lambda folder: cut_short(folder, "*.pack"), id="pack cut short"),
        pytest.param(lambda folder: cut_short(folder, "*.idx"), id="index cut short"),
        pytest.param(lambda folder: (folder / "refs/bot/head").write_text(""), id="ref emptied"),
        pytest.param(lambda folder: (folder / "config").write_text("[core"), id="config broken"),
        pytest.param(lambda folder: (folder / "shallow").write_text("x"), id="shallow broken"),
    ],
)
@pytest.mark.parametrize("moved", [False, True], ids=["same head", "new head"])
def test_a_damaged_copy_is_made_anew(
    checkouts: GitCheckouts, upstream: Upstream, head: str, tmp_path: Path, damage: Damage, moved: bool
) -> None:
    with checkouts.open(upstream.project(head)):
        pass
    damage(cached(tmp_path))
    head = upstream.commit({**FILES, "new": b"1"}, parent=head) if moved else head
    with checkouts.open(upstream.project(head)) as checkout:
        assert checkout.reader(head)("requirements.txt") == b"requests==1.0\n"


def test_a_git_that_outlives_the_bot_still_keeps_others_out(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer, tmp_path: Path
) -> None:
    fetching = threading.Event()
    finish = threading.Event()

    def slow(asked: Asked, serve: Serve) -> Reply:
        fetching.set()
        finish.wait(30)
        return Reply(500)

    server.once("info/refs", slow)

    def look() -> None:
        with checkouts.open(upstream.project(head)):
            pass

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(look)
        assert fetching.wait(30)
        lock = cached(tmp_path).with_suffix(".lock")
        holders = holding(lock)
        finish.set()
        done.result()
    assert {"git", "git-remote-http"} <= holders


def test_a_worn_copy_is_made_anew(checkouts: GitCheckouts, upstream: Upstream, head: str, tmp_path: Path) -> None:
    with checkouts.open(upstream.project(head)):
        pass
    pack = next(cached(tmp_path).glob("objects/pack/*.pack"))
    for number in range(60):
        pack.with_name(f"pack-{number:040}.pack").write_bytes(b"")
    with checkouts.open(upstream.project(head)):
        assert len(list(cached(tmp_path).glob("objects/pack/*.pack"))) == 1


def cut_short(folder: Path, pattern: str) -> None:
    for path in folder.glob(f"objects/pack/{pattern}"):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-30])


def holding(lock: Path) -> set[str]:
    """The names of the gits below this process that have `lock` open."""
    return {
        Path(f"/proc/{pid}/comm").read_text().strip()
        for pid in gits_below(os.getpid())
        if any(Path(fd).resolve() == lock for fd in Path(f"/proc/{pid}/fd").iterdir())
    }
