"""What the log lets through."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LOGGING = """
import logging, sys
from bot.app import App
from bot.config import load
from bot.logs import report_bug

credentials = '{"registry.example": {"password": "pass-of-the-test"}}'
environ = {"BOT_TOKEN": "glpat-of-the-test", "BOT_CREDENTIALS": credentials}
with App.start(load({"log_level": LEVEL}, environ, None), environ):
    log = logging.getLogger("bot.x")
    log.info("quiet by default")
    log.warning("sent glpat-of-the-test, then pass-of-the-test")
    log.warning("said \\x1b[2J\\x07 and \\x9b31m")
    logging.getLogger("urllib3").info("chatter of a library")
    try:
        raise ValueError("glpat-of-the-test in an exception")
    except ValueError as error:
        report_bug(error)
"""


def logged(level: str | None) -> list[str]:
    """What a program that logs writes to standard error; logging is global, so it is one of its own."""
    program = LOGGING.replace("LEVEL", repr(level))
    ended = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert ended.stdout == ""
    return ended.stderr.splitlines()


def test_the_log_holds_no_secret_and_commands_no_terminal() -> None:
    lines = logged(None)
    assert [line.split(" ", 2)[2] for line in lines[:3]] == [
        "WARNING bot.x: sent [redacted], then [redacted]",
        "WARNING bot.x: said  [2J  and  31m",
        "CRITICAL bot: a bug in the bot, please report it",
    ]
    assert (lines[3], lines[-1]) == (
        "Traceback (most recent call last):",
        "ValueError: [redacted] in an exception",
    )


def test_a_lower_level_shows_more_of_the_bot_and_nothing_of_libraries() -> None:
    said = "\n".join(logged("info"))
    assert "quiet by default" in said
    assert "chatter of a library" not in said
