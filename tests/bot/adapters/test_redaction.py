import base64
import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest

from bot.adapters.redaction import RedactingFormatter, Redactor

SECRET = "glpat-Ab+/x?y&z_012345"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"token {SECRET}!", id="as it is"),
        pytest.param(f"?private_token={quote(SECRET, safe='')}", id="in a URL"),
        pytest.param(json.dumps({"token": SECRET}), id="in JSON"),
    ],
)
def test_a_secret_is_hidden_in_every_form_it_takes_on_the_way(text: str) -> None:
    redacted = Redactor([SECRET])(text)

    assert "[redacted]" in redacted
    assert SECRET not in redacted


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "URL-safe"])
@pytest.mark.parametrize("before", ["", "a:", "me:", "oauth2:", "gitlab-ci-token:"])
@pytest.mark.parametrize("after", ["", ":", ":x"])
def test_a_secret_is_hidden_inside_base64_whatever_surrounds_it(
    encode: Callable[[bytes], bytes], before: str, after: str
) -> None:
    redacted = Redactor([SECRET])(encode(f"{before}{SECRET}{after}".encode()).decode())

    assert "[redacted]" in redacted
    assert len(redacted) <= len("[redacted]") + len(encode((before + after).encode())) + 4


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("https://oauth2:abc@host/x.git", "https://[redacted]@host/x.git"),
        ("Authorization: Basic b2F1dGg=", "Authorization: [redacted]"),
        ("'PRIVATE-TOKEN': 'abc'", "'PRIVATE-TOKEN': '[redacted]'"),
        ("mail me@host.example, see https://host/a@b", "mail me@host.example, see https://host/a@b"),
    ],
    ids=["user in a URL", "authorization header", "token header in a dict", "innocent text"],
)
def test_what_looks_like_a_credential_is_hidden_though_it_is_unknown(text: str, redacted: str) -> None:
    assert Redactor()(text) == redacted


def test_a_short_word_is_not_taken_for_a_secret() -> None:
    assert Redactor(["", "main"])("on main") == "on main"


def test_a_log_record_is_redacted_with_its_traceback() -> None:
    try:
        int(SECRET)
    except ValueError:
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "with %s", (SECRET,), sys.exc_info())

    text = RedactingFormatter(Redactor([SECRET]), "%(levelname)s %(message)s").format(record)

    assert text.startswith("ERROR with [redacted]")
    assert "ValueError: invalid literal for int() with base 10: '[redacted]'" in text
    assert SECRET not in text
