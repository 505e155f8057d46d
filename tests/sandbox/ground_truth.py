"""GitLab's own descriptions and recordings, beside a checkout that has them, and how an answer compares with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
# Keys that GitLab has dropped since the recordings.
_GONE = frozenset({"build_coverage_regex", "operations_access_level"})


def ground_truth(path: str) -> Path:
    """A file below `gitlab-api` of a folder `shared` beside the checkout; skips the test where it is absent."""
    found = _ROOT.parent / "shared" / "gitlab-api" / path
    if not found.exists():
        pytest.skip(f"no {path}: put GitLab's API descriptions into {found.parent.name} beside the checkout")
    return found


def differences(recorded: Any, answered: Any, place: str = "") -> list[str]:
    """Keys that are missing, and values of another type; null fits everywhere, a list is compared by its first."""
    if isinstance(recorded, list) and isinstance(answered, list):
        return differences(recorded[0], answered[0], f"{place}[]") if recorded and answered else []
    if recorded is None or answered is None:
        return []
    if type(recorded) is not type(answered):
        return [f"{place}: {type(answered).__name__} instead of {type(recorded).__name__}"]
    if not isinstance(recorded, dict):
        return []
    return [
        difference
        for key, value in recorded.items()
        if key not in _GONE
        for difference in (
            differences(value, answered[key], f"{place}.{key}") if key in answered else [f"{place}.{key}: missing"]
        )
    ]
