"""The HTTP request of one delivery: its headers, its signature, and what came back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.world import Hook

TIMEOUT = 10.0
LONGEST_BODY = 8 * 1024
NAMES = {  # X-Gitlab-Event by event switch
    "push_events": "Push Hook",
    "tag_push_events": "Tag Push Hook",
    "issues_events": "Issue Hook",
    "confidential_issues_events": "Confidential Issue Hook",
    "merge_requests_events": "Merge Request Hook",
    "note_events": "Note Hook",
    "confidential_note_events": "Confidential Note Hook",
    "pipeline_events": "Pipeline Hook",
    "job_events": "Job Hook",
    "milestone_events": "Milestone Hook",
    "emoji_events": "Emoji Hook",
    "releases_events": "Release Hook",
    "resource_access_token_events": "Resource Access Token Hook",
    "member_events": "Member Hook",
    "subgroup_events": "Subgroup Hook",
    "project_events": "Project Hook",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came back. `status` is "internal error" when nothing did, and `body` is then the reason."""

    status: str
    headers: Mapping[str, str]
    body: str
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether GitLab counts it as a success: any 2xx or 3xx."""
        return self.status[:1] in ("2", "3")


def headers(hook: Hook, trigger: str, instance: str, version: str, now: float, body: bytes) -> dict[str, str]:
    """The headers of one delivery, the hook's own ones under GitLab's. Source: app/services/web_hook_service.rb."""
    key = str(uuid.uuid4())
    whole = {
        **hook.custom_headers,
        "Content-Type": "application/json",
        "User-Agent": f"GitLab/{version}",
        "Idempotency-Key": key,
        "X-Gitlab-Event": "System Hook" if hook.source_type == "System" else NAMES[trigger],
        "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
        "X-Gitlab-Instance": instance,
        "X-Gitlab-Event-UUID": str(uuid.uuid4()),
    }
    if hook.token:
        whole["X-Gitlab-Token"] = hook.token.replace("\n", "").replace("\r", "")
    if hook.signing_token:
        stamp = str(int(now))
        whole |= {
            "webhook-id": key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(hook.signing_token, key, stamp, body),
        }
    return whole


def signature(signing_token: str, id_: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64 HMAC-SHA256>` over "id.timestamp.body", keyed by what follows `whsec_`. Source: Standard Webhooks."""
    secret = base64.b64decode(signing_token.removeprefix("whsec_"))
    signed = hmac.new(secret, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def encoded(payload: Mapping[str, Any]) -> bytes:
    """The body of a delivery."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def post(url: str, sent: Mapping[str, str], body: bytes) -> Delivered:
    """Send it, at most 10 seconds long and without following redirects."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    started = time.monotonic()
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, dict(sent))
        response = connection.getresponse()
        text = response.read(LONGEST_BODY).decode("utf-8", "replace")
        return Delivered(str(response.status), dict(response.getheaders()), text, time.monotonic() - started)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Delivered("internal error", {}, str(error), time.monotonic() - started)
    finally:
        connection.close()
