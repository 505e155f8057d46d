"""Ctrl-C at a chosen moment of a command: when it makes its nth request to the embedded GitLab."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from bot.sandbox.gate import Exchange
from bot.sandbox.server import Sandbox


class Interrupter:
    """Sends SIGINT at the nth request and at those that follow, `times` in all; `pid` is asked when it is time."""

    def __init__(self, sandbox: Sandbox, pid: Callable[[], int], request: int, times: int) -> None:
        self._pid = pid
        self._moments = range(request, request + times)
        self._seen = 0
        sandbox.on_request(self._observe)

    def _observe(self, moment: str, exchange: Exchange) -> None:
        self._seen += moment == "before"
        if moment == "before" and self._seen in self._moments:
            os.kill(self._pid(), signal.SIGINT)
