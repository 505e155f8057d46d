"""Waiting for what happens in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], seconds: float = 10.0) -> T:
    """What `look` returns as soon as it is true; an AssertionError with its last answer when it does not become so."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"still {seen!r} after {seconds:.0f} s"
        threading.Event().wait(0.01)
    return seen
