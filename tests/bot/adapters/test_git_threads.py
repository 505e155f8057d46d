"""Several projects open their repositories at once, in an interpreter that has not imported GitPython yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Threads that begin one after the other meet the import at every stage of it.
RACE = """
import sys, threading
from bot.adapters import git_command
failed = []
def use():
    try:
        git_command.git_python()
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
