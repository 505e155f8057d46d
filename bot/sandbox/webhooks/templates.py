"""Custom payload templates: `{{object_kind}}` and the like, filled from the payload that would have been sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{\{(.+?)\}\}")


def filled(template: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The template's JSON with its places filled; empty when it is not an object, or not JSON at all."""

    def value(match: re.Match[str]) -> str:
        encoded = json.dumps(_dug(payload, match[1].split(".")))
        return encoded[1:-1] if encoded.startswith('"') else encoded

    try:
        shaped = json.loads(_PLACE.sub(value, template))
    except ValueError:
        return {}
    return shaped if isinstance(shaped, dict) else {}


def _dug(payload: Any, path: list[str]) -> Any:
    for key in path:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload
