"""Short ways to say the nouns in a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from remediators.ecosystems import Ecosystems
from remediators.requirements.remediator import Requirements
from state.model import (
    Advisory,
    Affected,
    Change,
    Dependency,
    Facts,
    Failure,
    Finding,
    Kind,
    Obstacle,
    Occurrence,
    Reason,
    Release,
    Remediation,
    RemediationState,
    Scope,
    Severity,
    Snapshot,
    TrackedRemediation,
    VersionRange,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ECOSYSTEMS = Ecosystems((Requirements(),))
SNAPSHOT = Snapshot("test", NOW, 1)


def dependency(package: str = "acme", version: str | None = "1.0", **more: object) -> Dependency:
    """A pinned, direct runtime dependency in requirements.txt."""
    base = Dependency(
        "PyPI", package, f"=={version}" if version else ">=1", version, "requirements.txt", None, Scope.RUNTIME, True, 1
    )
    return replace(base, **more)  # type: ignore[arg-type]  # a test names fields by word


def release(version: str, days_old: float = 100, **more: object) -> Release:
    """A release of that age."""
    return replace(Release(version, NOW - timedelta(days=days_old), False), **more)  # type: ignore[arg-type]  # as above


def advisory(
    id_: str = "CVE-2026-1", fixed: str | None = "1.5", package: str = "acme", introduced: str = "0"
) -> Advisory:
    """Everything from `introduced` up to `fixed` is affected; None: there is no fix."""
    events = (("introduced", introduced), *((("fixed", fixed),) if fixed else ()))
    affected = Affected("PyPI", package, (VersionRange("ECOSYSTEM", events),), ())
    return Advisory(
        id_, (), f"What {id_} is", Severity.HIGH, 7.5, "https://osv.example/x", NOW, NOW, False, False, (affected,)
    )


def facts(
    dependencies: Iterable[Dependency] = (),
    releases: Iterable[Release] = (),
    advisories: Iterable[Advisory] = (),
    failed: Iterable[Failure] = (),
) -> Facts:
    """Facts in which every dependency has the same releases, and each advisory belongs to the package it names."""
    known = tuple(dependencies)
    published = tuple(releases)
    records = tuple(advisories)
    return Facts(
        known,
        {(d.ecosystem, d.package): published for d in known},
        {(d.ecosystem, d.package): tuple(a for a in records if a.affected[0].package == d.package) for d in known},
        SNAPSHOT,
        tuple(failed),
    )


def finding(cluster: str = "CVE-2026-1", package: str = "acme", version: str = "1.0") -> Finding:
    """A vulnerable finding with one occurrence."""
    where = Occurrence("requirements.txt", None, version, f"=={version}", True, Scope.RUNTIME, 1)
    return Finding(Kind.VULNERABLE, "PyPI", package, cluster, (advisory(cluster, package=package),), (where,))


def change(package: str = "acme", before: str = "1.0", after: str = "1.5") -> Change:
    """A direct move in requirements.txt."""
    return Change("PyPI", package, before, after, "requirements.txt", None, True)


def remediation(**more: object) -> Remediation:
    """The fix of `finding()`."""
    base = Remediation(
        "vulnerable/PyPI/acme",
        Kind.VULNERABLE,
        "Update acme to 1.5 against CVE-2026-1",
        "remediation/vulnerable/PyPI/acme",
        "main",
        ("PyPI:acme:CVE-2026-1",),
        (change(),),
    )
    return replace(base, **more)  # type: ignore[arg-type]  # as above


def tracked(state: RemediationState = RemediationState.MR_OPEN, **more: object) -> TrackedRemediation:
    """A remediation with issue 7 and merge request 3."""
    base = TrackedRemediation(remediation(), state, "", NOW - timedelta(hours=1), "c" * 40, "b" * 40, 7, "i", 3, "m")
    return replace(base, **more)  # type: ignore[arg-type]  # as above


def no_fix(words: str) -> Reason:
    """No release helps."""
    return Reason(Obstacle.NO_FIXED_VERSION, words)
