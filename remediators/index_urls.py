"""Registry URLs as files name them, made safe to keep, to compare and to show."""

from __future__ import annotations

import re

_SECRETS = re.compile(r"(?<=://)[^/\s]*@|(?<=\S)\?[^\s#]*")


def without_credentials(url: str) -> str:
    """The URL without user, password, query and fragment: a token never stays in one."""
    return redacted(url).partition("#")[0]


def redacted(text: str) -> str:
    """Any text with user, password and query of every URL in it left out."""
    return _SECRETS.sub("", text)
