"""Which GitLab this one claims to be."""

from __future__ import annotations

VERSION = "18.4.1-ee"
REVISION = "6c9f5d7a2e1"
