"""Where GitLab's own descriptions and recordings are, beside a checkout that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def ground_truth(path: str) -> Path:
    """A file below `gitlab-api` of a folder `shared` beside the checkout; skips the test where it is absent."""
    found = _ROOT.parent / "shared" / "gitlab-api" / path
    if not found.exists():
        pytest.skip(f"no {path}: put GitLab's API descriptions into {found.parent.name} beside the checkout")
    return found
