"""Registry URLs as files name them, made safe to keep, to compare and to show."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_SECRETS = re.compile(r"(?<=://)[^/@\s]*@|(?<=\S)\?[^\s#]*")


def without_credentials(url: str) -> str:
    """The URL without user, password, query and fragment: a token never stays in one."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def redacted(text: str) -> str:
    """Any text with user, password and query of every URL in it left out."""
    return _SECRETS.sub("", text)
