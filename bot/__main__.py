"""The program: `bot` and `python -m bot`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from bot.cli import INTERRUPTED, main

# Almost all that a run makes, it keeps: looking for garbage every 700 objects finds none, and takes a tenth of the run.
# A daemon looks when some 30 MB may have gathered.
OBJECTS_BETWEEN_LOOKS = 300_000


def run() -> None:
    """Run one command and exit with its status."""
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    status = main()
    if status == INTERRUPTED:
        # CPython ends itself by the signal, whatever the status, when it came amid an exec of source (of a dataclass).
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
    # The interpreter looks through every object before it ends, and the memory goes with the process: 0.2 s.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    run()
