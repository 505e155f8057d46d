"""What people are shown of a change set besides its changes, as a digest: once that is another, they are told. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from state.model import Finding


def shown(findings: Iterable[Finding], asks: bool, wants_issue: bool) -> str:
    """A digest of what is known of these vulnerabilities, and whether approval is asked for and an issue is wanted.

    Not of why approval is asked for, which may tell an age: that is another one each day.
    """
    known = sorted(repr(_told(finding)) for finding in findings if finding.advisories)
    return hashlib.sha256("\n".join((*known, f"{asks} {wants_issue}")).encode()).hexdigest()[:20]


def _told(finding: Finding) -> tuple[object, ...]:
    """A finding's line in the table."""
    first = finding.advisories[0]
    places = sorted({(o.lockfile or o.manifest, o.version, o.direct) for o in finding.occurrences})
    return finding.key, finding.severity.value, first.score, first.summary, first.url, places
