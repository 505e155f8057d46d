"""The headers of GitLab's answers, as recordings of gitlab.com have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import requests

Forms = Mapping[str, str]

# header: the form of its value; on every answer of the API
ALWAYS: Forms = {
    "Cache-Control": r"max-age=0, private, must-revalidate|no-cache",
    "Vary": r"Origin|Accept-Encoding, Origin|Origin, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Gitlab-Meta": r'\{"correlation_id": ?"\w+", ?"version": ?"1"\}',
    "X-Request-Id": r"\w+",
    "X-Runtime": r"\d+\.\d{6}",
}
TAGGED: Forms = {"Etag": r'W/"[0-9a-f]{32}"', "Cache-Control": "max-age=0, private, must-revalidate"}
UNTAGGED: Forms = {"Cache-Control": "no-cache"}
KINDS: Mapping[str, Forms] = {
    "json": {"Content-Type": "application/json"},
    "refusal": {"Content-Type": "application/json", "Content-Length": r"\d+"},
    "redirect": {"Content-Type": "text/plain", "Location": ".+"},
    "bytes": {"Content-Type": ".+", "Cache-Control": "no-store, no-cache|max-age=0, private, must-revalidate"},
    "nothing": {},
}
LIMITS = ("RateLimit-Limit", "RateLimit-Observed", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-ResetTime")
_PAGE: Forms = {
    "Link": r'<http[^>]+>; rel="(prev|next|first)".*',
    "X-Next-Page": r"\d*",
    "X-Page": r"\d+",
    "X-Per-Page": r"\d+",
    "X-Prev-Page": r"\d*",
}
_TOTALS: Forms = {"X-Total": r"\d+", "X-Total-Pages": r"\d+"}
PAGES: Mapping[str, Forms] = {"counted": {**_PAGE, **_TOTALS}, "uncounted": _PAGE, "no": {}}


def differences(answer: requests.Response, kind: str) -> Iterator[str]:
    """Where the headers of an answer of one of the `KINDS` are not GitLab's."""
    tagged = answer.status_code in {200, 201}
    for name, form in {**ALWAYS, **(TAGGED if tagged else UNTAGGED), **KINDS[kind]}.items():
        yield from _difference(answer, name, form)
    if not tagged and "Etag" in answer.headers:
        yield "header Etag: too much"
    if kind == "nothing" and "Content-Type" in answer.headers:
        yield "header Content-Type: too much"


def page_differences(answer: requests.Response, paged: str) -> Iterator[str]:
    """Where the headers of a list that is `paged` ("counted", "uncounted", "no") are not GitLab's."""
    for name, form in PAGES[paged].items():
        yield from _difference(answer, name, form)
    for name in PAGES["counted"]:
        if name in answer.headers and name not in PAGES[paged]:
            yield f"header {name}: too much"


def _difference(answer: requests.Response, name: str, form: str) -> Iterator[str]:
    value = answer.headers.get(name)
    if value is None:
        yield f"header {name}: missing"
    elif not re.fullmatch(form, value):
        yield f"header {name}: {value!r} is not {form}"
