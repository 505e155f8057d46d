"""Keeps secrets out of everything that is written down: messages, logs, tracebacks."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

HIDDEN = "[redacted]"

# Anything shorter would blank out innocent text.
SHORTEST = 6

# What looks like a credential is hidden even when it is not one that we know.
_CREDENTIALS = (
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|private-token|job-token)(\W{1,4})(?:(?:basic|bearer) )?[^\s'\",]+"
        ),
        2,
    ),
    (re.compile(r"(\w)(://)[^/\s@'\"]+(?=@)"), 2),
)


class Redactor:
    """Replaces the given secrets, also URL-encoded, quoted or inside base64, and whatever looks like a credential."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern, kept in _CREDENTIALS:
            text = pattern.sub("".join(rf"\{group}" for group in range(1, kept + 1)) + HIDDEN, text)
        return text


class RedactingFormatter(logging.Formatter):
    """Formats a log record, its exception and its stack, and only then redacts: tracebacks carry values as well."""

    def __init__(self, redact: Redactor, fmt: str | None = None, datefmt: str | None = None) -> None:
        super().__init__(fmt, datefmt)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The finished text of the record, without secrets."""
        return self._redact(super().format(record))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield from _inside_base64(secret.encode())


def _inside_base64(secret: bytes) -> Iterator[str]:
    """The characters that `secret` has in base64 whatever stands before and after it (`oauth2:SECRET`).

    Base64 works in groups of three bytes, so there are three ways to fall; the characters at either end
    that also depend on a neighbour are left out.
    """
    for before in range(3):
        padded = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
        depends_on_what_follows = (before + len(secret)) % 3 != 0
        own = padded[(before * 8 + 5) // 6 : len(padded) - depends_on_what_follows]
        yield own
        yield own.translate(str.maketrans("+/", "-_"))
