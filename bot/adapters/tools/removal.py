"""Removes folders that tools wrote to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it; no link is followed."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        # Some tools write-protect what they unpack; a hostile one makes folders deeper than Python follows.
        for argv in (("chmod", "-R", "u+rwx", "--"), ("rm", "-rf", "--")):
            subprocess.run((*argv, folder), capture_output=True, check=False)
