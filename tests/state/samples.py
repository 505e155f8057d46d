"""One of every noun, with nothing left at its default, so that a round trip shows what gets lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from state.model import (
    Advisory,
    AdvisoryRecord,
    Affected,
    Audited,
    CachedListing,
    Change,
    Dependency,
    Failure,
    Finding,
    Kind,
    Listing,
    Occurrence,
    Project,
    Proof,
    Release,
    Remediation,
    RemediationState,
    Scan,
    Scope,
    Severity,
    Snapshot,
    TrackedRemediation,
    VersionRange,
)

NOW = datetime(2026, 11, 20, 8, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
# The same instant as NOW, as a clock in India shows it.
ELSEWHERE = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

PROJECT = Project(
    id=7,
    path="shop/cart",
    default_branch="trunk",
    head="a" * 40,
    web_url="https://gitlab.example/shop/cart",
    clone_url="https://gitlab.example/shop/cart.git",
    access_level=40,
    archived=True,
    issues_enabled=False,
    merge_requests_enabled=False,
)
EMPTY_PROJECT = replace(PROJECT, id=8, path="shop/empty", default_branch=None, head=None)

DIRECT = Dependency(
    ecosystem="PyPI",
    package="requests",
    requirement=">=2,<3  # ünïcode",
    version="2.31.0",
    manifest="pyproject.toml",
    lockfile="uv.lock",
    scope=Scope.DEV,
    direct=True,
    line=12,
    index="https://registry.example/simple",
    platform=">=3.11",
)
TRANSITIVE = replace(DIRECT, package="urllib3", requirement="", version=None, lockfile=None, direct=False, index=None)

SCAN = Scan(
    project_id=7,
    head="b" * 40,
    at=NOW,
    complete=False,
    fingerprint="policy-1/program-2/snapshot-3",
    failed=(Failure("uv.lock", "is 12 MB; the limit is 10 MB"), Failure("PyPI:x", "a VCS requirement", fault=False)),
)

ADVISORY = Advisory(
    id="GHSA-aaaa-bbbb-cccc",
    aliases=("CVE-2026-1", "PYSEC-2026-1"),
    summary="Leaks “everything”",
    severity=Severity.HIGH,
    score=7.5,
    url="https://osv.example/GHSA-aaaa-bbbb-cccc",
    modified=NOW,
    published=LATER,
    withdrawn=False,
    malicious=True,
    affected=(
        Affected(
            "PyPI",
            "requests",
            (VersionRange("ECOSYSTEM", (("introduced", "0"), ("fixed", "2.32.0"))),),
            ("2.30.0", "2.31.0"),
        ),
        Affected("PyPI", "requests", (), ()),
    ),
)
UNSCORED = replace(ADVISORY, id="PYSEC-2026-2", score=None, published=None, affected=())

OCCURRENCE = Occurrence("pyproject.toml", "uv.lock", "2.31.0", ">=2", True, Scope.RUNTIME, 12)
VULNERABLE = Finding(
    kind=Kind.VULNERABLE,
    ecosystem="PyPI",
    package="requests",
    cluster="GHSA-aaaa-bbbb-cccc",
    advisories=(UNSCORED, ADVISORY),
    occurrences=(OCCURRENCE, replace(OCCURRENCE, manifest="api/requirements.txt", lockfile=None, direct=False)),
)
OUTDATED = Finding(Kind.OUTDATED, "npm", "left-pad", "outdated", (), (OCCURRENCE,))

CHANGE = Change("PyPI", "requests", "2.31.0", "2.32.0", "pyproject.toml", "uv.lock", True)
REMEDIATION = Remediation(
    key="vulnerable/PyPI/requests",
    kind=Kind.VULNERABLE,
    title="Update requests to 2.32.0",
    branch="remediation/requests",
    target_branch="trunk",
    findings=(VULNERABLE.key, OUTDATED.key),
    changes=(CHANGE, replace(CHANGE, package="urllib3", lockfile=None, direct=False)),
)
TRACKED = TrackedRemediation(
    remediation=REMEDIATION,
    state=RemediationState.MR_OPEN,
    reason="opened !3",
    updated_at=NOW,
    commit="c" * 40,
    base="d" * 40,
    issue=5,
    issue_url="https://gitlab.example/shop/cart/-/issues/5",
    merge_request=3,
    merge_request_url="https://gitlab.example/shop/cart/-/merge_requests/3",
    inputs="e" * 64,
    shown="a" * 20,
    issue_closes=2,
    retry_at=LATER,
    tries=1,
)
PLANNED = TrackedRemediation(replace(REMEDIATION, changes=()), RemediationState.PROPOSED, "a fix is out", NOW)

AUDITED = Audited("PyPI", "requests", "2.31.0", "GHSA-aaaa-bbbb-cccc")
PROOF = Proof(
    tree="f" * 40,
    base="d" * 40,
    snapshot=Snapshot("dump", NOW, 7121),
    fixed=(AUDITED,),
    introduced=(replace(AUDITED, version="2.32.0"),),
    remaining=(AUDITED, replace(AUDITED, package="urllib3")),
    changes=(CHANGE,),
    tools={"uv": "0.13.8", "git": "2.39"},
    checks=("pip-audit 2.10.1: no known vulnerabilities in 14 packages",),
)

LISTING = CachedListing(
    Listing(
        (
            Release("2.32.0", NOW, True, ">=3.8", "use 2.33"),
            Release("2.31.0", None, False),
            Release("1!2.0", LATER, False),
        ),
        etag='W/"abc"',
    ),
    checked_at=NOW,
)


def record(id_: str, *packages: str, modified: datetime = NOW, summary: str = "") -> AdvisoryRecord:
    """A PyPI advisory as a source gives it."""
    raw = f'{{"id": "{id_}", "summary": "{summary}"}}'.encode()
    return AdvisoryRecord(id_, modified, tuple(("PyPI", package) for package in packages), raw)
