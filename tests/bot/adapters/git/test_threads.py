"""Several projects are open at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.adapters.git.checkouts import TRANSFERS, GitCheckouts
from tests.bot.adapters.git.server import FILES, GitServer, Serve
from tests.bot.adapters.http_server import Asked, Reply

ROOT = Path(__file__).resolve().parents[4]
# GitPython is not imported yet: threads that begin one after the other meet the import at every stage of it.
RACE = """
import sys, threading
from bot.adapters.git import command
failed = []
def use():
    try:
        command.git_python()
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=use) for _ in range(500)]
[t.start() for t in threads]
[t.join() for t in threads]
sys.exit("; ".join(set(failed)) or 0)
"""


def test_the_first_use_is_safe_in_any_number_of_threads() -> None:
    ended = subprocess.run([sys.executable, "-c", RACE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_only_so_many_talk_to_gitlab_at_a_time(checkouts: GitCheckouts, server: GitServer) -> None:
    upstreams = [server.upstream(f"group/app-{number}", number) for number in range(4 * TRANSFERS)]
    projects = [upstream.project(upstream.commit(FILES)) for upstream in upstreams]
    inside: list[str] = []
    most = 0
    together = threading.Barrier(TRANSFERS, timeout=30)

    def counted(asked: Asked, serve: Serve) -> Reply:
        nonlocal most
        inside.append(asked.path)
        # Nobody goes before as many have come as may; with more of them at a time the turns get mixed up.
        together.wait()
        most = max(most, len(inside))
        together.wait()
        inside.remove(asked.path)
        return serve(asked)

    for _ in projects:
        server.once("info/refs", counted)

    def opened(number: int) -> bool:
        with checkouts.open(projects[number]) as checkout:
            return set(checkout.paths) <= set(FILES)

    with ThreadPoolExecutor(len(projects)) as threads:
        assert all(threads.map(opened, range(len(projects))))
    assert most == TRANSFERS
