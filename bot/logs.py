"""The log: to standard error, without secrets, and without what a terminal would obey."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from bot.adapters.redaction import RedactingFormatter, Redactor
from bot.terminal import safe_lines


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the time: a live display puts itself before it for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        return safe_lines(super().format(record))


def to_stderr(level: str, redact: Redactor) -> None:
    """Log what the bot says from `level` on; of libraries, warnings only."""
    output = _ToStderr()
    output.setFormatter(RedactingFormatter(redact, "%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level.upper())


def report_bug(error: Exception) -> None:
    """Write a bug's traceback to standard error, without secrets."""
    if not logging.getLogger().handlers:
        to_stderr("warning", Redactor())
    logging.getLogger("bot").critical("a bug in the bot, please report it", exc_info=error)
